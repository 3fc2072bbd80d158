"""Our structs against the official SDK's types: neither knows a field of the protocol that the other does not."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from google.genai import Client, _common, _live_converters, types
from pydantic import BaseModel

from tests.wire.gemini_sdk import OURS_ALONE, RENAMED, ROOTS, fields, filled, pairs, wire_names
from vivavoce.wire.gemini import codec
from vivavoce.wire.gemini.base import Message
from vivavoce.wire.gemini.messages import (
    AUDIO_OUT_MIME,
    AutomaticActivityDetection,
    ClientMessage,
    Content,
    ContextWindowCompression,
    FunctionDeclaration,
    GenerationConfig,
    HistoryConfig,
    Part,
    PrebuiltVoiceConfig,
    RealtimeInputConfig,
    ServerMessage,
    SessionResumptionConfig,
    SessionResumptionUpdate,
    Setup,
    SlidingWindow,
    SpeechConfig,
    Tool,
    TranscriptionConfig,
    UsageMetadata,
    VoiceActivity,
    VoiceConfig,
)
from vivavoce.wire.gemini.models import STUDIO, VERTEX, Platform

PCM = bytes(range(256)) * 4
PAIRS = list(pairs())


def test_the_walk_reaches_the_whole_protocol() -> None:
    reached = {struct.__name__ for _, struct in PAIRS}
    assert {
        "Setup",
        "ContextUpdate",
        "Blob",
        "FunctionDeclaration",
        "UsageMetadata",
        "WordInfo",
        "AvatarConfig",
    } <= reached
    assert len(reached) > 60


@pytest.mark.parametrize(("theirs", "mine"), PAIRS, ids=lambda kind: kind.__name__)
def test_every_field_of_the_official_types_is_ours_and_no_other(
    theirs: type[BaseModel], mine: type[msgspec.Struct]
) -> None:
    name = theirs.__name__
    known = {RENAMED.get((name, alias), alias) for alias in fields(theirs)}
    alone = {field for kind, field in OURS_ALONE if kind == name}
    assert known | alone == wire_names(mine)
    assert not known & alone, "an exception that is none any more"


def _wire(theirs: type[BaseModel], tree: Any) -> Any:
    """What the SDK writes for a dump of its types."""
    text = json.dumps(tree)
    for (_, alias), wire in RENAMED.items():
        text = text.replace(f'"{alias}"', f'"{wire}"')
    return json.loads(text)


@pytest.mark.conformance("S11", "C10")
@pytest.mark.parametrize(("theirs", "mine"), ROOTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("casing", ["camel", "snake"])
def test_what_the_official_types_dump_we_read_whole(theirs: type[BaseModel], mine: type[Message], casing: str) -> None:
    dumped = theirs.model_validate(filled(theirs)).model_dump(
        mode="json", exclude_none=True, by_alias=casing == "camel"
    )
    tree = _wire(theirs, dumped) if casing == "camel" else json.loads(_renamed(json.dumps(dumped)))
    sent = json.dumps(tree)
    assert codec.unknown(sent, mine) == []
    message = codec.decode(sent, mine)
    assert message == codec.decode(json.dumps(_wire(theirs, filled(theirs))), mine)


def _renamed(text: str) -> str:
    """Names of Python attributes that are no snake_case of the wire's, as the wire has them."""
    for attribute, wire in {"voice_activity_type": "type", "jsonSchema": "schema"}.items():
        text = text.replace(f'"{attribute}"', f'"{wire}"')
    return text


@pytest.mark.conformance("C7", "S20")
@pytest.mark.parametrize(("theirs", "mine"), ROOTS, ids=lambda kind: kind.__name__)
def test_what_we_write_the_official_types_read_whole(theirs: type[BaseModel], mine: type[Message]) -> None:
    message = codec.decode(json.dumps(_wire(theirs, filled(theirs))), mine)
    sent = json.loads(codec.encode(message))
    back = _read_by_sdk(theirs, sent)
    assert back == theirs.model_validate(filled(theirs)), "nothing was lost on the way through our structs"


def _read_by_sdk(theirs: type[BaseModel], sent: Any) -> BaseModel:
    if theirs is types.LiveServerMessage:  # the SDK renames before it validates
        sent = _live_converters._LiveServerMessage_from_mldev(sent)
    return theirs.model_validate(sent)


def test_setup_fields_the_sdk_keeps_elsewhere() -> None:
    assert set(fields(types.LiveConnectConfig)) >= {"realtimeInputConfig"}


def test_both_names_of_usage_read_as_the_official_type() -> None:
    sent = json.loads(codec.encode(ServerMessage(usage_metadata=UsageMetadata(candidates_token_count=5))))
    read = types.LiveServerMessage.model_validate(_live_converters._LiveServerMessage_from_vertex(sent))
    assert read.usage_metadata is not None
    assert read.usage_metadata.response_token_count == 5


def test_voice_activity_is_named_type_on_the_wire() -> None:
    sent = json.loads(codec.encode(ServerMessage(voice_activity=VoiceActivity(type="ACTIVITY_START"))))
    assert sent == {"voiceActivity": {"type": "ACTIVITY_START"}}
    read = types.LiveServerMessage.model_validate(_live_converters._LiveServerMessage_from_mldev(sent))
    assert read.voice_activity is not None
    assert read.voice_activity.voice_activity_type == types.VoiceActivityType.ACTIVITY_START


@pytest.mark.conformance("S20", "S21")
@pytest.mark.parametrize("platform", [STUDIO, VERTEX], ids=lambda platform: platform.name)
def test_audio_of_either_platform_reads_as_the_official_type(platform: Platform) -> None:
    sent = codec.encode_audio_out(PCM, mime=platform.audio_mime, role=platform.role)
    read = types.LiveServerMessage.model_validate(json.loads(sent))
    assert read.data == PCM
    assert read.server_content is not None
    assert read.server_content.model_turn is not None
    assert read.server_content.model_turn.role == platform.role
    parts = read.server_content.model_turn.parts
    assert parts is not None
    assert parts[0].inline_data is not None
    assert parts[0].inline_data.mime_type == platform.audio_mime


def test_an_int64_in_a_string_reads_as_the_official_types_number() -> None:
    update = SessionResumptionUpdate(new_handle="h", resumable=True, last_consumed_client_message_index="12")
    sent = json.loads(codec.encode(ServerMessage(session_resumption_update=update)))
    read = types.LiveServerMessage.model_validate(sent)
    assert read.session_resumption_update is not None
    assert read.session_resumption_update.last_consumed_client_message_index == 12


def test_the_kinds_of_message_are_the_sdks() -> None:
    assert set(codec.KINDS) == set(fields(types.LiveClientMessage)) == wire_names(ClientMessage)
    assert re.fullmatch(r"audio/pcm;rate=\d+", AUDIO_OUT_MIME)


BOOK = FunctionDeclaration(
    name="book",
    parameters={"type": "OBJECT", "properties": {"a_b": {"minItems": 1}}},
    behavior="NON_BLOCKING",
)

CONFIG = types.LiveConnectConfig.model_validate(
    {
        "response_modalities": ["AUDIO"],
        "temperature": 0.5,
        "top_k": 40,
        "media_resolution": "MEDIA_RESOLUTION_LOW",
        "speech_config": {"voice_config": {"prebuilt_voice_config": {"voice_name": "Kore"}}},
        "system_instruction": "be brief",
        "tools": [
            {
                "function_declarations": [
                    {
                        "name": "book",
                        "parameters": {"type": "OBJECT", "properties": {"a_b": {"min_items": 1}}},
                        "behavior": "NON_BLOCKING",
                    }
                ]
            }
        ],
        "realtime_input_config": {"automatic_activity_detection": {"disabled": True, "silence_duration_ms": 500}},
        "session_resumption": {"handle": "h"},
        "context_window_compression": {"trigger_tokens": 1000, "sliding_window": {"target_tokens": 500}},
        "input_audio_transcription": {},
        "history_config": {"initial_history_in_client_content": True},
    }
)


@pytest.mark.conformance("S11", "S12")
@pytest.mark.parametrize("to", ["mldev", "vertex"])
def test_a_setup_as_the_sdks_connect_writes_it(to: str) -> None:
    """The SDK mixes camelCase, snake_case and floats in one message; it means what it says."""
    client = Client(api_key="none")
    asked = types.LiveConnectParameters(model="models/m", config=CONFIG).model_dump(exclude_none=True)
    written = getattr(_live_converters, f"_LiveConnectParameters_to_{to}")(client._api_client, asked)
    written.pop("config", None)
    sent = json.dumps(_common.encode_unserializable_types(_common.convert_to_dict(written)))
    assert codec.unknown(sent, ClientMessage) == []
    assert codec.decode_client(sent).setup == Setup(
        model="models/m",
        generation_config=GenerationConfig(
            response_modalities=["AUDIO"],
            temperature=0.5,
            top_k=40,
            media_resolution="MEDIA_RESOLUTION_LOW",
            speech_config=SpeechConfig(
                voice_config=VoiceConfig(prebuilt_voice_config=PrebuiltVoiceConfig(voice_name="Kore"))
            ),
        ),
        system_instruction=Content(role="user", parts=[Part(text="be brief")]),
        tools=[Tool(function_declarations=[BOOK])],
        realtime_input_config=RealtimeInputConfig(
            automatic_activity_detection=AutomaticActivityDetection(disabled=True, silence_duration_ms=500)
        ),
        session_resumption=SessionResumptionConfig(handle="h"),
        context_window_compression=ContextWindowCompression(
            trigger_tokens=1000, sliding_window=SlidingWindow(target_tokens=500)
        ),
        input_audio_transcription=TranscriptionConfig(),
        history_config=HistoryConfig(initial_history_in_client_content=True),
    )

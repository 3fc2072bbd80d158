"""Every spelling of protobuf JSON that peers use, at every level."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wire.gemini_values import messages, respelled
from vivavoce.errors import WireError
from vivavoce.wire.gemini import codec
from vivavoce.wire.gemini.messages import (
    AuthTokenRequest,
    Blob,
    ClientMessage,
    Content,
    FunctionDeclaration,
    GenerationConfig,
    Message,
    Part,
    ReplicatedVoiceConfig,
    ServerMessage,
    SessionResumptionUpdate,
    Setup,
    SpeechConfig,
    ThinkingConfig,
    Tool,
    VoiceConfig,
)
from vivavoce.wire.gemini.setup import AvatarConfig, CustomizedAvatar

PROPERTIES = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
KINDS: tuple[type[Message], ...] = (Setup, ServerMessage, Content, Tool, AuthTokenRequest)


def setup_of(tree: dict[str, Any]) -> Setup:
    setup = codec.decode_client(json.dumps({"setup": {"model": "models/m"} | tree})).setup
    assert setup is not None
    return setup


@PROPERTIES
@given(st.data(), st.sampled_from(KINDS))
def test_what_we_write_we_read(data: st.DataObject, kind: type[Message]) -> None:
    message = data.draw(messages(kind))
    assert codec.decode(codec.encode(message), kind) == message
    assert msgspec.json.decode(codec.encode(message), type=kind) == message, "our own spelling is on the fast path"


@pytest.mark.conformance("S11", "S12", "S30", "C13", "C16")
@PROPERTIES
@given(st.data(), st.sampled_from(KINDS))
def test_any_spelling_reads_as_the_same_message(data: st.DataObject, kind: type[Message]) -> None:
    message = data.draw(messages(kind))
    tree = respelled(message, data.draw)
    assert codec.decode(json.dumps(tree), kind) == message
    assert codec.extras(json.dumps(tree), kind) == []


@pytest.mark.conformance("S11")
def test_casing_is_free_at_all_levels_but_the_users_own() -> None:
    setup = setup_of(
        {
            "generationConfig": {"speech_config": {"voiceConfig": {"prebuilt_voice_config": {"voice_name": "Kore"}}}},
            "tools": [
                {
                    "function_declarations": [
                        {
                            "name": "book_it",
                            "parameters": {
                                "type": "OBJECT",
                                "properties": {
                                    "snake_name": {"any_of": [{"min_items": 1}]},
                                    "any_of": {},
                                },
                                "property_ordering": ["snake_name"],
                                "default": {"kept_as": 1},
                            },
                            "parameters_json_schema": {"x_y": {"a_b": 1}},
                        }
                    ]
                }
            ],
            "labels": {"cost_centre": "a_b"},
        }
    )
    assert setup.generation_config is not None
    assert setup.generation_config.speech_config is not None
    assert setup.generation_config.speech_config.voice_config is not None
    assert setup.tools is not None
    assert setup.tools[0].function_declarations == [
        FunctionDeclaration(
            name="book_it",
            parameters={
                "type": "OBJECT",
                "properties": {"snake_name": {"anyOf": [{"minItems": 1}]}, "any_of": {}},
                "propertyOrdering": ["snake_name"],
                "default": {"kept_as": 1},
            },
            parameters_json_schema={"x_y": {"a_b": 1}},
        )
    ]
    assert setup.labels == {"cost_centre": "a_b"}


def test_arguments_and_results_are_never_touched() -> None:
    tree = {"tool_response": {"function_responses": {"id": "1", "name": "f", "response": {"a_b": {"c_d": None}}}}}
    message = codec.decode_client(json.dumps(tree))
    assert message.tool_response is not None
    assert message.tool_response.function_responses[0].response == {"a_b": {"c_d": None}}


@pytest.mark.conformance("S12")
@pytest.mark.parametrize("asked", ["AUDIO", "audio", ["audio"], ["AUDIO"]])
def test_modalities_as_list_or_single_in_any_case(asked: object) -> None:
    config = setup_of({"generation_config": {"response_modalities": asked}}).generation_config
    assert config == GenerationConfig(response_modalities=["AUDIO"])


@pytest.mark.conformance("S12")
@pytest.mark.parametrize(
    "said",
    ["be brief", {"parts": [{"text": "be brief"}]}, {"parts": {"text": "be brief"}}, {"parts": "be brief"}],
)
def test_an_instruction_is_content_with_or_without_a_role_or_plain_text(said: object) -> None:
    if said == {"parts": "be brief"}:
        with pytest.raises(WireError, match="Expected `object`, got `str`"):
            setup_of({"systemInstruction": said})
    else:
        assert setup_of({"systemInstruction": said}).system_instruction == Content(parts=[Part(text="be brief")])


@pytest.mark.conformance("S12")
def test_integers_may_be_floats_or_strings() -> None:
    setup = setup_of(
        {
            "generationConfig": {"topK": 40.0, "maxOutputTokens": 1024.0, "thinkingConfig": {"thinkingBudget": "-1"}},
            "contextWindowCompression": {"triggerTokens": "40000", "slidingWindow": {"targetTokens": 20000.0}},
        }
    )
    assert setup.generation_config == GenerationConfig(
        top_k=40, max_output_tokens=1024, thinking_config=ThinkingConfig(thinking_budget=-1)
    )
    assert setup.context_window_compression is not None
    assert setup.context_window_compression.trigger_tokens == 40_000
    assert setup.context_window_compression.sliding_window is not None
    assert setup.context_window_compression.sliding_window.target_tokens == 20_000


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 1.5, "x", True, 10**400])
def test_an_integer_that_is_none_is_refused(number: object) -> None:
    with pytest.raises(WireError, match="invalid argument"):
        setup_of({"generationConfig": {"maxOutputTokens": number}})


ODD = b"\xfb\xff\xfe\x00"


@pytest.mark.conformance("C13", "S30")
@pytest.mark.parametrize("text", ["-__-AA==", "-__-AA", "+//+AA==", "+//+AA"])
def test_every_bytes_field_takes_both_alphabets_padded_or_not(text: str) -> None:
    assert setup_of(
        {
            "generationConfig": {"speechConfig": {"voiceConfig": {"replicatedVoiceConfig": {"consentAudio": text}}}},
            "avatarConfig": {"customizedAvatar": {"imageData": text}},
        }
    ) == Setup(
        model="models/m",
        generation_config=GenerationConfig(
            speech_config=SpeechConfig(
                voice_config=VoiceConfig(replicated_voice_config=ReplicatedVoiceConfig(consent_audio=ODD))
            )
        ),
        avatar_config=AvatarConfig(customized_avatar=CustomizedAvatar(image_data=ODD)),
    )
    part = {"inlineData": {"mimeType": "audio/pcm", "data": text}, "thoughtSignature": text}
    message = codec.decode_server(json.dumps({"serverContent": {"modelTurn": {"parts": [part]}}}))
    assert message.server_content is not None
    assert message.server_content.model_turn is not None
    assert message.server_content.model_turn.parts == [
        Part(inline_data=Blob(mime_type="audio/pcm", data=ODD), thought_signature=ODD)
    ]


def test_the_python_sdks_audio_message() -> None:
    data = base64.urlsafe_b64encode(ODD).decode()
    message = codec.decode_client(json.dumps({"realtime_input": {"audio": {"data": data, "mime_type": "audio/pcm"}}}))
    assert message.realtime_input is not None
    assert message.realtime_input.audio == Blob(mime_type="audio/pcm", data=ODD)


@pytest.mark.conformance("C16")
@pytest.mark.parametrize("index", ["7", 7])
def test_an_int64_is_written_as_a_string_and_read_as_either(index: object) -> None:
    tree = {"sessionResumptionUpdate": {"newHandle": "h", "lastConsumedClientMessageIndex": index}}
    message = codec.decode_server(json.dumps(tree))
    assert message.session_resumption_update == SessionResumptionUpdate(
        new_handle="h", last_consumed_client_message_index="7"
    )
    assert b'"lastConsumedClientMessageIndex":"7"' in codec.encode(message)


def test_what_no_struct_knows_is_named_where_it_stands() -> None:
    data = json.dumps(
        {
            "setup": {
                "model": "m",
                "a_field_of_tomorrow": 1,
                "generation_config": {"x": {"y": 1}},
                "tools": [{}, {"functionDeclarations": [{"name": "f", "odd.name": 1}]}],
                "session_resumption": {"handle": None},
            }
        }
    )
    assert codec.unknown(data, ClientMessage) == [
        "setup.a_field_of_tomorrow",
        "setup.generation_config.x",
        'setup.tools[1].function_declarations[0]."odd.name"',
        "setup.session_resumption.handle",
    ]


@PROPERTIES
@given(st.data())
def test_what_no_struct_knows_goes_out_again_where_it_stood(data: st.DataObject) -> None:
    tree = json.loads(codec.encode(data.draw(messages(ServerMessage))))
    objects: list[dict[str, Any]] = [tree, *(each for each in tree.values() if isinstance(each, dict))]
    for each in objects:
        each["fieldOfTomorrow"] = {"deep": [1, None]}
    sent = json.dumps(tree)
    message = codec.decode_server(sent)
    assert json.loads(codec.encode(message, codec.extras(sent, ServerMessage))) == tree


def test_an_extra_whose_place_is_gone_is_left_out() -> None:
    sent = b'{"serverContent":{"modelTurn":{"parts":[{"text":"a","new":1}]},"other":2}}'
    extras = codec.extras(sent, ServerMessage)
    message = codec.decode_server(sent)
    assert message.server_content is not None
    message.server_content.model_turn = None
    assert json.loads(codec.encode(message, extras)) == {"serverContent": {"other": 2}}
    assert "2" not in repr(extras[1]), "values are the peer's and stay out of logs"

"""The live protocol: both casings, both alphabets, rubbish, and the official SDK's types as the oracle."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import WireError
from vivavoce.wire.gemini import codec
from vivavoce.wire.gemini.closes import CloseClass, classify
from vivavoce.wire.gemini.messages import (
    Blob,
    ClientMessage,
    Content,
    Empty,
    FunctionResponse,
    GenerationConfig,
    Part,
    PrebuiltVoiceConfig,
    RealtimeInput,
    ServerMessage,
    SessionResumptionConfig,
    Setup,
    SpeechConfig,
    ToolResponse,
    VoiceConfig,
)

PCM = bytes(range(256)) * 4


def test_audio_template_is_the_message() -> None:
    assert codec.decode_client(codec.encode_audio_in(PCM)) == ClientMessage(
        realtime_input=RealtimeInput(audio=Blob(mime_type="audio/pcm;rate=16000", data=PCM))
    )
    message = codec.decode_server(codec.encode_audio_out(PCM))
    assert message.server_content is not None
    assert message.server_content.model_turn is not None
    assert message.server_content.model_turn.parts[0].inline_data == Blob(mime_type="audio/pcm;rate=24000", data=PCM)


def test_the_official_types_read_what_we_send_as_a_server() -> None:
    message = types.LiveServerMessage.model_validate(json.loads(codec.encode_audio_out(PCM)))
    assert message.data == PCM


def test_unset_fields_are_not_written() -> None:
    sent = json.loads(codec.encode(ClientMessage(setup=Setup(model="m", session_resumption=SessionResumptionConfig()))))
    assert sent == {"setup": {"model": "m", "sessionResumption": {}}}


def test_snake_case_and_urlsafe_base64_as_the_python_sdk_sends_them() -> None:
    data = base64.urlsafe_b64encode(b"\xfb\xff\xfe\x00").decode().rstrip("=")
    message = codec.decode_client(json.dumps({"realtime_input": {"audio": {"mime_type": "audio/pcm", "data": data}}}))
    assert message.realtime_input is not None
    assert message.realtime_input.audio == Blob(mime_type="audio/pcm", data=b"\xfb\xff\xfe\x00")


def test_mixed_casing_in_a_setup_keeps_user_names() -> None:
    message = codec.decode_client(
        json.dumps(
            {
                "setup": {
                    "model": "models/m",
                    "generationConfig": {
                        "speech_config": {"voice_config": {"prebuilt_voice_config": {"voice_name": "Kore"}}}
                    },
                    "tools": [
                        {"function_declarations": [{"name": "f", "parameters": {"properties": {"snake_name": {}}}}]}
                    ],
                    "input_audio_transcription": {},
                    "session_resumption": {"handle": None},
                    "a_field_of_tomorrow": 1,
                }
            }
        )
    )
    setup = message.setup
    assert setup is not None
    assert setup.generation_config == GenerationConfig(
        speech_config=SpeechConfig(
            voice_config=VoiceConfig(prebuilt_voice_config=PrebuiltVoiceConfig(voice_name="Kore"))
        )
    )
    assert setup.tools is not None
    assert setup.tools[0].function_declarations[0].parameters == {"properties": {"snake_name": {}}}
    assert setup.input_audio_transcription == Empty()
    assert setup.session_resumption == SessionResumptionConfig()


def test_a_server_message_may_carry_everything_at_once() -> None:
    message = codec.decode_server(
        b"""{
          "serverContent": {"modelTurn": {"parts": [{"text": "x", "thought": true}]}, "turnComplete": true,
            "outputTranscription": {"text": " hi"}, "somethingNew": {"a": 1}},
          "usageMetadata": {"promptTokenCount": "181", "totalTokenCount": 245,
            "promptTokensDetails": [{"modality": "TEXT"}]}
        }"""
    )
    assert message.server_content is not None
    assert message.server_content.turn_complete
    assert message.usage_metadata is not None
    assert message.usage_metadata.prompt_token_count == 181
    assert message.usage_metadata.prompt_tokens_details[0].token_count == 0


@pytest.mark.parametrize("data", [b"{}", b'{"serverContent":{}}'])
def test_empty_messages_are_nothing(data: bytes) -> None:
    message = codec.decode_server(data)
    assert message.tool_call is None
    assert message.go_away is None


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"{", "Invalid JSON payload"),
        (b"\xff\xfe", "Invalid JSON payload"),
        (b'{"setup":{"model":"' + b"\xff" + b'"}}', "Invalid JSON payload"),
        (b'{"realtimeInput":' * 3000, "Invalid JSON payload"),
        (b'{"setup":{"model":"m","x":' + b"[" * 900 + b"]" * 900 + b"}}", "Invalid JSON payload"),
        (b"[]", "want a JSON object"),
        (b"{}", "want exactly one of"),
        (b'{"setup":{"model":"m"},"realtimeInput":{}}', "want exactly one of"),
        (b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm","data":"***"}}}', "Base64 decoding failed"),
        (b'{"setup":{"model":7}}', "invalid argument"),
        (b'{"bogus":1}', "want exactly one of"),
    ],
)
def test_bad_input_of_a_client_says_what_was_wanted(data: bytes, wanted: str) -> None:
    with pytest.raises(WireError, match=wanted) as caught:
        codec.decode_client(data)
    assert caught.value.code == 1007


def test_an_error_never_repeats_the_payload() -> None:
    with pytest.raises(WireError) as caught:
        codec.decode_client(b'{"realtimeInput":{"text":["my secret is 42"]}}')
    assert "secret" not in str(caught.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_wire_error(data: bytes) -> None:
    for decode in (codec.decode_client, codec.decode_server):
        with contextlib.suppress(WireError):
            decode(data)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda children: (
            st.lists(children, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "setup",
                        "realtimeInput",
                        "audio",
                        "data",
                        "text",
                        "serverContent",
                        "modelTurn",
                        "parts",
                        "inline_data",
                    ]
                ),
                children,
                max_size=3,
            )
        ),
        max_leaves=8,
    )
)
def test_any_json_is_a_message_or_a_wire_error(tree: object) -> None:
    for decode in (codec.decode_client, codec.decode_server):
        with contextlib.suppress(WireError):
            decode(json.dumps(tree))


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=5), st.integers(-(2**31), 2**31), max_size=3))
def test_client_messages_survive_the_round_trip(text: str, response: dict[str, int]) -> None:
    for message in (
        ClientMessage(realtime_input=RealtimeInput(text=text)),
        ClientMessage(
            tool_response=ToolResponse(
                function_responses=[FunctionResponse(id="1", name="note", response=response, scheduling="SILENT")]
            )
        ),
        ClientMessage(setup=Setup(model="m", system_instruction=Content(parts=[Part(text=text)]))),
    ):
        assert codec.decode_client(codec.encode(message)) == message


def test_a_tool_response_reads_as_the_official_type() -> None:
    sent = json.loads(
        codec.encode(
            ClientMessage(
                tool_response=ToolResponse(
                    function_responses=[FunctionResponse(id="fc_1", name="note", response={"output": "ok"})]
                )
            )
        )
    )
    read = types.LiveClientToolResponse.model_validate(sent["toolResponse"])
    assert read.function_responses is not None
    assert read.function_responses[0].id == "fc_1"
    assert read.function_responses[0].response == {"output": "ok"}


def test_our_setup_reads_as_the_official_type() -> None:
    sent = json.loads(
        codec.encode(
            ClientMessage(
                setup=Setup(
                    model="models/m",
                    generation_config=GenerationConfig(response_modalities=["AUDIO"]),
                    system_instruction=Content(parts=[Part(text="hi")]),
                    session_resumption=SessionResumptionConfig(handle="h"),
                )
            )
        )
    )
    read = types.LiveClientSetup.model_validate(sent["setup"])
    assert read.model == "models/m"
    assert read.session_resumption is not None
    assert read.session_resumption.handle == "h"


@pytest.mark.parametrize(
    ("text", "value"),
    [("50s", 50.0), ("1.2s", 1.2), ("", 0.0), ("soon", 0.0), ("-3s", 0.0), ("infs", 0.0), ("nans", 0.0)],
)
def test_durations(text: str, value: float) -> None:
    assert codec.seconds(text) == value


@given(st.text(max_size=200))
def test_close_reasons_fit_and_cut_no_character(text: str) -> None:
    reason = codec.close_reason(text)
    assert len(reason.encode()) <= 123
    assert text.startswith(reason)


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (1007, "API key not valid. Please pass a valid API key.", CloseClass.FATAL),
        (1008, "Requested entity was not found.", CloseClass.DEAD_HANDLE),
        (1008, "models/x is not found for API version", CloseClass.FATAL),
        (1008, "The operation was aborted.", CloseClass.TRANSIENT),
        (1011, "Resource has been exhausted (e.g. check quota).", CloseClass.QUOTA),
        (1011, "Your prepayment credits are depleted. Buy more.", CloseClass.FATAL),
        (1011, "Internal error encountered.", CloseClass.TRANSIENT),
        (1006, "", CloseClass.TRANSIENT),
        (1000, "", CloseClass.TRANSIENT),
    ],
)
def test_closes_are_sorted_by_what_to_do(code: int, reason: str, kind: CloseClass) -> None:
    assert classify(code, reason) is kind


def test_server_messages_of_ours_read_as_the_official_type() -> None:
    message = codec.decode_server(
        b'{"toolCall":{"functionCalls":[{"id":"1","name":"note"}]},"goAway":{"timeLeft":"50s"},'
        b'"sessionResumptionUpdate":{"newHandle":"h","resumable":true}}'
    )
    read = types.LiveServerMessage.model_validate(json.loads(codec.encode(message)))
    assert read.go_away is not None
    assert read.session_resumption_update is not None
    assert read.session_resumption_update.new_handle == "h"
    assert isinstance(message, ServerMessage)

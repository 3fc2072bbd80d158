"""Bytes to messages and back: audio on its fast way, frames of all sorts, rubbish."""

from __future__ import annotations

import contextlib
import json
import logging

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import WireError
from vivavoce.wire.gemini import codec
from vivavoce.wire.gemini.messages import (
    Blob,
    ClientMessage,
    Content,
    FunctionResponse,
    GoAway,
    Part,
    RealtimeInput,
    ServerContent,
    ServerMessage,
    SessionResumptionConfig,
    Setup,
    ToolResponse,
)
from vivavoce.wire.gemini.wording import Refused, reason_of

PCM = bytes(range(256)) * 4


@pytest.mark.conformance("C7", "S20", "S21")
@given(st.binary(min_size=1, max_size=50))
def test_audio_templates_are_the_messages(pcm: bytes) -> None:
    sent = ClientMessage(realtime_input=RealtimeInput(audio=Blob(mime_type="audio/pcm;rate=16000", data=pcm)))
    assert codec.encode_audio_in(memoryview(pcm)) == codec.encode(sent)
    for mime, role in (("audio/pcm;rate=24000", None), ("audio/pcm", "model")):
        turn = Content(role=role, parts=[Part(inline_data=Blob(mime_type=mime, data=pcm))])
        message = ServerMessage(server_content=ServerContent(model_turn=turn))
        assert codec.encode_audio_out(pcm, mime=mime, role=role) == codec.encode(message)


def test_audio_is_bytes_after_one_typed_pass() -> None:
    decoded = msgspec.json.decode(codec.encode_audio_out(PCM), type=ServerMessage)
    assert decoded == codec.decode_server(codec.encode_audio_out(PCM))
    assert decoded.server_content is not None
    assert decoded.server_content.model_turn is not None
    assert decoded.server_content.model_turn.parts[0].inline_data == Blob(mime_type="audio/pcm;rate=24000", data=PCM)


@pytest.mark.conformance("C10")
@pytest.mark.parametrize("indent", [None, 2])
def test_text_and_binary_compact_and_indented(indent: int | None) -> None:
    text = json.dumps({"goAway": {"timeLeft": "50s"}}, indent=indent) + "\n"
    wanted = ServerMessage(go_away=GoAway(time_left="50s"))
    assert codec.decode_server(text) == codec.decode_server(text.encode()) == wanted


@pytest.mark.conformance("C8", "S26")
def test_unset_fields_are_not_written() -> None:
    message = ClientMessage(setup=Setup(model="m", session_resumption=SessionResumptionConfig(handle=None)))
    assert json.loads(codec.encode(message)) == {"setup": {"model": "m", "sessionResumption": {}}}
    assert codec.encode(ServerMessage(server_content=ServerContent(turn_complete=False))) == b'{"serverContent":{}}'


@pytest.mark.conformance("C12")
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
    assert message.server_content.output_transcription is not None
    assert message.usage_metadata is not None
    assert message.usage_metadata.prompt_token_count == 181
    assert message.usage_metadata.prompt_tokens_details[0].token_count == 0


@pytest.mark.conformance("C11")
@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"serverContent":{}}',
        b'{"fieldOfTomorrow":{"a":[1]}}',
        b'{"serverContent":{"turnCompleteReason":"REASON_OF_TOMORROW","interactionStatus":"NEW"}}',
        b'{"usageMetadata":{"promptTokensDetails":[{"modality":"SMELL","tokenCount":3}],"trafficType":"X_Y"}}',
        b'{"serverContent":{"modelTurn":null,"turnComplete":null}}',
    ],
)
def test_empty_and_unknown_things_are_no_error(data: bytes) -> None:
    message = codec.decode_server(data)
    assert message.tool_call is None
    assert message.go_away is None


@pytest.mark.parametrize("args", ["", ',"args":null', ',"args":{}'])
def test_arguments_may_be_missing_or_null(args: str) -> None:
    message = codec.decode_server(f'{{"toolCall":{{"functionCalls":[{{"id":"1","name":"f"{args}}}]}}}}')
    assert message.tool_call is not None
    assert not message.tool_call.function_calls[0].args


@pytest.mark.conformance("S14")
@pytest.mark.parametrize(
    ("data", "wanted", "reason"),
    [
        (b"", "Invalid JSON payload", "Invalid JSON payload received."),
        (b"{", "Invalid JSON payload", "Invalid JSON payload received."),
        (b"\xff\xfe", "Invalid JSON payload", "Invalid JSON payload received."),
        (b'{"setup":{"model":"' + b"\xff" + b'"}}', "Invalid JSON payload", "Invalid JSON payload received."),
        (b'{"realtimeInput":' * 3000, "Invalid JSON payload", "Invalid JSON payload received."),
        (b'{"setup":{"model":"m","x":' + b"[" * 3000 + b"]" * 3000 + b"}}", "Invalid JSON", None),
        (b'{"setup":{"model":"\\ud800"}}', "Invalid JSON payload", None),
        (b"[]", "want an object, got list", "Invalid JSON payload received."),
        (b"{}", "want exactly one of setup, clientContent", "Request contains an invalid argument."),
        (b'{"setup":{"model":"m"},"realtimeInput":{}}', "got 2", "Request contains an invalid argument."),
        (
            b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm","data":"***"}}}',
            r"Base64 decoding failed for 'realtime_input.audio.data'",
            "Request contains an invalid argument.",
        ),
        (b'{"realtimeInput":{"audio":{"data":"QQQQQ"}}}', "Base64 decoding failed", None),
        (b'{"realtimeInput":{"audio":{"data":"\xc3\xa9"}}}', "Base64 decoding failed", None),
        (b'{"realtimeInput":{"audio":{"data":7}}}', "Expected `bytes`, got `int`", None),
        (b'{"setup":{"model":7}}', "Expected `str`, got `int`", "Request contains an invalid argument."),
        (b'{"setup":{}}', "missing required field `model`", "Request contains an invalid argument."),
        (b'{"bogus":1}', "bogus", 'Invalid JSON payload received. Unknown name "bogus": Cannot find field.'),
    ],
)
def test_bad_input_of_a_client_says_what_was_wanted(data: bytes, wanted: str, reason: str | None) -> None:
    with pytest.raises(Refused, match=wanted) as caught:
        codec.decode_client(data)
    assert caught.value.code == 1007
    assert reason in (None, reason_of(caught.value))


@pytest.mark.conformance("C4")
def test_an_error_never_repeats_the_payload() -> None:
    for data in (b'{"realtimeInput":{"text":["my secret is 42"]}}', b'{"realtimeInput":{"audio":{"data":"secret!"}}}'):
        with pytest.raises(WireError) as caught:
            codec.decode_client(data)
        assert "secret" not in str(caught.value)


def test_reading_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), contextlib.suppress(WireError):
        codec.decode_client(b'{"realtimeInput":{"text":["my secret is 42"]}}')
    assert not caplog.records


@given(st.binary(max_size=200) | st.text(max_size=100))
def test_any_bytes_are_a_message_or_a_wire_error(data: bytes | str) -> None:
    for decode in (codec.decode_client, codec.decode_server):
        with contextlib.suppress(WireError):
            decode(data)


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=5), st.integers(-(2**31), 2**31), max_size=3))
def test_client_messages_survive_the_round_trip(text: str, response: dict[str, int]) -> None:
    answer = FunctionResponse(id="1", name="note", response=response, scheduling="SILENT")
    for message in (
        ClientMessage(realtime_input=RealtimeInput(text=text)),
        ClientMessage(tool_response=ToolResponse(function_responses=[answer])),
        ClientMessage(setup=Setup(model="m", system_instruction=Content(parts=[Part(text=text)]))),
    ):
        assert codec.decode_client(codec.encode(message)) == message


@pytest.mark.conformance("C16")
@pytest.mark.parametrize(
    ("text", "value"),
    [("50s", 50.0), ("1.2s", 1.2), ("", 0.0), ("soon", 0.0), ("-3s", 0.0), ("infs", 0.0), ("nans", 0.0)],
)
def test_durations(text: str, value: float) -> None:
    assert codec.seconds(text) == value


@pytest.mark.parametrize(
    ("seconds", "text"), [(50.0, "50s"), (1.2, "1.2s"), (0.0, "0s"), (7.94449, "7.944s"), (100, "100s")]
)
def test_durations_are_written_without_needless_zeros(seconds: float, text: str) -> None:
    assert codec.duration(seconds) == text
    assert codec.seconds(text) == pytest.approx(seconds, abs=0.001)


@pytest.mark.conformance("S15")
@given(st.text(max_size=200))
def test_close_reasons_fit_and_cut_no_character(text: str) -> None:
    reason = codec.close_reason(text)
    assert len(reason.encode()) <= 123
    assert text.startswith(reason)
    assert len(reason) == len(text) or len(reason.encode()) > 119


def test_a_lone_surrogate_is_no_reason_to_fail() -> None:
    assert codec.close_reason("models/\ud800") == "models/?"

"""The OpenAI Realtime protocol: templates, what a client is refused with, what a newer service may add, rubbish."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from tests.wire.openai_events import CLIENT, PCM, SERVER, SESSION
from vivavoce.errors import WireError
from vivavoce.wire.gemini.closes import CloseClass
from vivavoce.wire.openai import codec
from vivavoce.wire.openai.client import AppendAudio, ClientEvent, UpdateSession
from vivavoce.wire.openai.models import MODELS, find
from vivavoce.wire.openai.refusals import EventRefused, meaning_of_close, meaning_of_error
from vivavoce.wire.openai.server import AudioDelta, ErrorDetail, OutputItemDone, ServerEvent
from vivavoce.wire.openai.session import AudioConfig, AudioInput, AudioOutput, Session, TurnDetection, updated


def test_templates_are_the_events() -> None:
    assert codec.decode_client(codec.encode_append(PCM)) == AppendAudio(audio=PCM)
    delta = codec.encode_audio_delta(PCM, event_id="event_1", response_id="resp_1", item_id="item_1", output_index=2)
    assert codec.decode_server(delta) == AudioDelta(
        event_id="event_1", response_id="resp_1", item_id="item_1", output_index=2, content_index=0, delta=PCM
    )


@pytest.mark.parametrize("event", [*SERVER, *CLIENT], ids=lambda event: type(event).__name__)
def test_every_event_comes_back_as_it_was(event: ServerEvent | ClientEvent) -> None:
    decode: Any = codec.decode_server if isinstance(event, ServerEvent) else codec.decode_client
    assert decode(codec.encode(event)) == event
    assert decode(json.dumps(json.loads(codec.encode(event)), indent=2)) == event


# ------------------------------------------------------------------------------------------------ a client's mistakes


@pytest.mark.parametrize(
    ("sent", "code", "param", "message"),
    [
        ("{", "invalid_json", None, "could not parse"),
        (b"\xff\xfe", "invalid_json", None, "could not parse"),
        ('{"type":' + "[" * 100_000, "invalid_json", None, "could not parse"),
        ("[]", "missing_required_parameter", "type", "Missing required parameter: 'type'."),
        ('{"type":7}', "missing_required_parameter", "type", "Missing"),
        ('{"type":"session.begin"}', "invalid_value", "type", "Invalid value: 'session.begin'. Supported values are:"),
        (
            '{"type":"session.update"}',
            "missing_required_parameter",
            "session",
            "Missing required parameter: 'session'.",
        ),
        (
            '{"type":"session.update","session":{"audio":{"input":{"format":{"rate":"high"}}}}}',
            "invalid_type",
            "session.audio.input.format.rate",
            "Invalid type for 'session.audio.input.format.rate': expected int, but got str instead.",
        ),
        (
            '{"type":"session.update","session":{"output_modalities":["smell"]}}',
            "invalid_value",
            "session.output_modalities[0]",
            "Invalid value",
        ),
        (
            '{"type":"session.update","session":{"tools":[{},{"type":"function","meta":1}]}}',
            "unknown_parameter",
            "session.tools[1].meta",
            "Unknown parameter: 'session.tools[1].meta'.",
        ),
        ('{"type":"response.cancel","now":true}', "unknown_parameter", "now", "Unknown parameter: 'now'."),
        ('{"type":"input_audio_buffer.append","audio":"AAA"}', "invalid_value", "audio", "Invalid 'audio'."),
        (
            '{"type":"conversation.item.truncate","item_id":"i","content_index":0}',
            "missing_required_parameter",
            "audio_end_ms",
            "Missing",
        ),
    ],
)
def test_a_client_is_told_what_is_wrong_and_where(
    sent: str | bytes, code: str, param: str | None, message: str
) -> None:
    with pytest.raises(EventRefused) as refused:
        codec.decode_client(sent)
    assert (refused.value.error.code, refused.value.error.param) == (code, param)
    assert message in refused.value.error.message
    assert refused.value.error.type == "invalid_request_error"


@pytest.mark.parametrize(
    "sent",
    [
        '{"type":"session.update","event_id":"mine"}',
        '{"type":"nothing","event_id":"mine"}',
        '{"type":"session.update","event_id":"mine","session":{"model":3}}',
        '{"type":"session.update","event_id":"mine","session":{"odd":3}}',
    ],
)
def test_a_refusal_names_the_event_it_is_about(sent: str) -> None:
    with pytest.raises(EventRefused) as refused:
        codec.decode_client(sent)
    assert refused.value.error.event_id == "mine"


def test_a_lenient_reader_takes_names_it_does_not_know() -> None:
    sent = '{"type":"session.update","session":{"instructions":"Hi","later":1}}'
    assert codec.decode_client(sent, strict=False) == UpdateSession(session=Session(instructions="Hi"))


ANYTHING = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.one_of(st.binary(), st.text(), ANYTHING.map(json.dumps)))
def test_rubbish_raises_nothing_but_our_own(data: bytes | str) -> None:
    for decode in (codec.decode_client, codec.decode_server):
        with contextlib.suppress(WireError):
            decode(data)


@given(
    st.sampled_from([*SERVER, *CLIENT]),
    st.dictionaries(st.text(max_size=12), ANYTHING, max_size=2),
    st.sampled_from(["session", "item", "response", "error", "delta", "audio", "item_id", "type", "event_id"]),
    ANYTHING,
)
def test_events_with_fields_of_any_type_raise_nothing_but_our_own(
    event: ServerEvent | ClientEvent, more: dict[str, Any], changed: str, value: Any
) -> None:
    tree = json.loads(codec.encode(event)) | more | {changed: value}
    for decode in (codec.decode_client, codec.decode_server):
        with contextlib.suppress(WireError):
            decode(json.dumps(tree))


# ------------------------------------------------------------------------------------------------ a newer service


def test_a_kind_of_event_made_later_is_no_error() -> None:
    assert codec.decode_server('{"type":"response.gesture.delta","event_id":"e","delta":3}') is None


def test_fields_and_items_made_later_are_passed_over() -> None:
    event = codec.decode_server(
        '{"type":"response.output_item.done","event_id":"e","response_id":"r","output_index":0,"mood":1,'
        '"item":{"type":"gesture","id":"i","hands":2}}'
    )
    assert isinstance(event, OutputItemDone)
    assert (event.item.type, event.item.id) == ("gesture", "i")


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "7",
        "{}",
        '{"type":"response.output_audio.delta","event_id":"e","delta":"AA=="}',
        '{"type":"error","event_id":"e"}',
    ],
)
def test_a_known_kind_that_does_not_hold_is_refused(sent: str) -> None:
    with pytest.raises(WireError):
        codec.decode_server(sent)


# ------------------------------------------------------------------------------------------------ sessions and models


def test_an_update_changes_only_what_it_names() -> None:
    change = Session(
        instructions="",
        audio=AudioConfig(input=AudioInput(turn_detection=TurnDetection(silence_duration_ms=900))),
    )
    after = updated(SESSION, change)
    assert after.instructions == ""
    assert after.model == SESSION.model
    assert isinstance(after.audio, AudioConfig)
    assert isinstance(after.audio.input, AudioInput)
    assert after.audio.output == SESSION.audio.output  # type: ignore[union-attr]  # the example has one
    assert after.audio.input.turn_detection == TurnDetection(
        type="server_vad", threshold=0.5, prefix_padding_ms=300, silence_duration_ms=900, create_response=True
    )
    off = updated(after, Session(audio=AudioConfig(input=AudioInput(turn_detection=None))))
    assert isinstance(off.audio, AudioConfig)
    assert isinstance(off.audio.input, AudioInput)
    assert off.audio.input.turn_detection is None
    assert off.audio.input.format is not UNSET


def test_an_update_with_null_is_not_one_that_leaves_out() -> None:
    told = codec.decode_client('{"type":"session.update","session":{"audio":{"input":{"turn_detection":null}}}}')
    assert told == UpdateSession(session=Session(audio=AudioConfig(input=AudioInput(turn_detection=None))))
    assert json.loads(codec.encode(told)) == {
        "type": "session.update",
        "session": {"audio": {"input": {"turn_detection": None}}},
    }


def test_a_voice_may_be_an_id() -> None:
    told = codec.decode_client('{"type":"session.update","session":{"audio":{"output":{"voice":{"id":"voice_1"}}}}}')
    assert isinstance(told, UpdateSession)
    assert isinstance(told.session.audio, AudioConfig)
    assert isinstance(told.session.audio.output, AudioOutput)
    assert getattr(told.session.audio.output.voice, "id", None) == "voice_1"


@pytest.mark.parametrize(
    ("model", "reasoning"),
    [("gpt-realtime-2.1-mini", True), ("gpt-realtime-2", True), ("gpt-realtime-1.5", False), ("gpt-audio-mini", False)],
)
def test_models_by_name(model: str, reasoning: bool) -> None:
    row = find(model)
    assert row is not None
    assert row.reasoning is reasoning


def test_no_other_model_is_one() -> None:
    assert find("gpt-5") is None
    assert find("gemini-3.8-live") is None
    assert all(row.voices for row in MODELS)


# ------------------------------------------------------------------------------------------------ what an end means


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (3000, "invalid_request_error.invalid_api_key", CloseClass.FATAL),
        (4004, "invalid_request_error.model_not_found", CloseClass.FATAL),
        (1001, "Your session hit the maximum duration of 60 minutes.", CloseClass.TRANSIENT),
        (1006, "", CloseClass.TRANSIENT),
        (1011, "The server had an error.", CloseClass.TRANSIENT),
        (1008, "policy", CloseClass.FATAL),
        (1000, "insufficient_quota", CloseClass.FATAL),
        (401, "Unauthorized", CloseClass.FATAL),
        (404, "Not Found", CloseClass.FATAL),
        (429, "Too Many Requests", CloseClass.QUOTA),
        (503, "Service Unavailable", CloseClass.TRANSIENT),
    ],
)
def test_closes_by_code_and_reason(code: int, reason: str, kind: CloseClass) -> None:
    assert meaning_of_close(code, reason).kind is kind


def test_what_an_operator_can_mend_comes_with_a_remedy() -> None:
    assert "VIVA_BACKEND_KEY" in meaning_of_close(401, "").remedy
    assert "VIVA_BACKEND_MODEL" in meaning_of_close(4004, "invalid_request_error.model_not_found").remedy
    assert meaning_of_close(1006, "").remedy == ""


def test_most_errors_leave_the_connection_open() -> None:
    def error(code: str | None) -> ErrorDetail:
        return ErrorDetail(message="", type="invalid_request_error", code=code)

    assert meaning_of_error(error("response_cancel_not_active")) is None
    assert meaning_of_error(error(None)) is None
    quota = meaning_of_error(error("insufficient_quota"))
    assert quota is not None
    assert quota.kind is CloseClass.FATAL

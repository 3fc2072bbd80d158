"""The Gemini dialect: what is sent, and when not."""

from __future__ import annotations

from typing import Any

import pytest

from vivavoce.conversation import events as ev
from vivavoce.errors import WireError
from vivavoce.live.dialect import Dialect, Opening, Shelf
from vivavoce.live.gemini.dialect import GeminiDialect, GeminiDialects
from vivavoce.live.gemini.profile import Profile, row_of
from vivavoce.wire.gemini.closes import CloseClass
from vivavoce.wire.gemini.codec import decode_client
from vivavoce.wire.gemini.messages import ClientMessage, FunctionResponse
from vivavoce.wire.gemini.models import STUDIO, VERTEX, Platform

NEW, OLDER, NATIVE = "gemini-3.8-live", "gemini-3.1-flash-live-preview", "gemini-2.5-flash-native-audio-latest"
TOOLS = ({"name": "note", "behavior": "NON_BLOCKING"}, {"name": "hand_off", "behavior": "BLOCKING"})
SHELF = Shelf(link=7, keep_chunk=lambda pcm: 1, keep_handle=lambda handle: 1, position=lambda: 0)


def dialect(model: str = NEW, *, platform: Platform = STUDIO, **options: Any) -> GeminiDialect:
    profile = Profile(row=row_of(model)[0], platform=platform, **options)
    made = GeminiDialects(profile)(Opening(model=f"models/{model}", tools=TOOLS, silence_ms=700), SHELF)
    made.read(b'{"setupComplete": {}}')
    return made


def calls(*names: str) -> bytes:
    listed = ",".join(f'{{"id": "{name}-1", "name": "{name}"}}' for name in names)
    return f'{{"toolCall": {{"functionCalls": [{listed}]}}}}'.encode()


def sent(messages: list[bytes]) -> list[ClientMessage]:
    return [decode_client(message) for message in messages]


def test_it_is_a_dialect() -> None:
    made: Dialect = dialect()
    assert made.classify(1008, "Requested entity was not found.") is CloseClass.DEAD_HANDLE
    assert "VIVA_BACKEND_KEY" in made.remedy(1007, "API key not valid. Please pass a valid API key.")
    assert made.due() == []


@pytest.mark.conformance("C5")
def test_it_is_ready_when_the_setup_is_taken_and_not_before() -> None:
    made = GeminiDialects(Profile(row=row_of(NEW)[0]))(Opening(model="models/x"), SHELF)
    assert made.read(b'{"serverContent": {"turnComplete": true}}') == []
    before = made.ready
    assert made.read(b'{"setupComplete": {}, "goAway": {"timeLeft": "1.5s"}}') == [ev.GoAwayReceived(7, 1.5)]
    assert (before, made.ready) == (False, True)
    with pytest.raises(WireError):
        made.read(b"[")


@pytest.mark.conformance("C7", "C30")
def test_camel_case_standard_base64_and_an_explicit_rate() -> None:
    made = dialect()
    (opening,) = made.opening()
    assert b"_" not in opening.split(b'"systemInstruction"')[0].replace(b"NON_BLOCKING", b"").replace(b"hand_off", b"")
    assert made.audio(b"\xfb\xff\xbf\xff") == (
        b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"+/+//w=="}}}'
    )


@pytest.mark.conformance("C8")
def test_a_handle_is_sent_when_there_is_one_and_never_as_null() -> None:
    make = GeminiDialects(Profile(row=row_of(NEW)[0]))
    (fresh,) = make(Opening(model="models/x"), SHELF).opening()
    assert b'"sessionResumption":{}' in fresh
    resumed = Opening(model="models/x", handle="secret-handle")
    assert "secret-handle" not in repr(resumed)
    assert b'"sessionResumption":{"handle":"secret-handle"}' in make(resumed, SHELF).opening()[0]


@pytest.mark.conformance("C9")
@pytest.mark.parametrize(
    ("model", "platform", "name", "scheduling"),
    [
        (NEW, STUDIO, "note", "SILENT"),
        (NEW, STUDIO, "hand_off", None),
        (OLDER, STUDIO, "note", None),
        (NATIVE, STUDIO, "note", "SILENT"),
        (NEW, VERTEX, "note", None),
    ],
)
def test_scheduling_goes_only_where_it_is_taken(
    model: str, platform: Platform, name: str, scheduling: str | None
) -> None:
    (message,) = sent(dialect(model, platform=platform).answer("a", name, {"output": 1}, "SILENT"))
    assert message.tool_response is not None
    wanted = FunctionResponse(id="a", name=name, response={"output": 1}, scheduling=scheduling)
    assert message.tool_response.function_responses == [wanted]


@pytest.mark.conformance("C32", "C33")
@pytest.mark.parametrize(("model", "marked"), [(NEW, False), (OLDER, True), (NATIVE, True)])
def test_a_microphone_that_is_switched_off_ends_the_turn_on_every_generation(model: str, marked: bool) -> None:
    messages = sent(dialect(model).microphone_off())
    inputs = [message.realtime_input for message in messages if message.realtime_input is not None]
    quiet = [entry.audio.data for entry in inputs if entry.audio is not None]
    assert sum(map(len, quiet)) // 32 >= 700, "milliseconds of silence, beyond the pause that ends a turn"
    assert not any(any(pcm) for pcm in quiet)
    assert [entry.audio_stream_end for entry in inputs].count(True) == marked
    assert all(entry.activity_start is None and entry.activity_end is None for entry in inputs)


@pytest.mark.conformance("C32", "C33")
def test_a_turn_that_is_over_is_the_same_silence_and_no_end_of_the_sound() -> None:
    for model in (NEW, OLDER, NATIVE):
        messages = sent(dialect(model).turn_over())
        inputs = [message.realtime_input for message in messages if message.realtime_input is not None]
        assert sum(len(entry.audio.data) for entry in inputs if entry.audio is not None) // 32 >= 700
        assert not any(entry.audio_stream_end for entry in inputs)


@pytest.mark.conformance("C32")
@pytest.mark.parametrize("onset_ms", [None, 75])
def test_how_readily_the_model_hears_is_part_of_the_setup(onset_ms: int | None) -> None:
    opening = Opening(model=f"models/{NEW}", silence_ms=350, onset_ms=onset_ms)
    (message,) = sent(GeminiDialects(Profile(row=row_of(NEW)[0]))(opening, SHELF).opening())
    assert message.setup is not None
    assert message.setup.realtime_input_config is not None
    detection = message.setup.realtime_input_config.automatic_activity_detection
    assert detection is not None
    assert (detection.prefix_padding_ms, detection.silence_duration_ms) == (onset_ms, 350)


def test_another_pause_takes_another_link() -> None:
    assert dialect(NEW).patience(2500) == []


@pytest.mark.conformance("C35")
def test_sound_is_held_while_a_blocking_call_is_pending_where_the_model_needs_it() -> None:
    made = dialect(NATIVE)
    made.read(calls("note"))
    assert made.audio(b"ab"), "nobody waits for a note"
    made.read(calls("hand_off", "note"))
    assert made.audio(b"ab") == b""
    assert made.microphone_off() == made.turn_over() == [], "silence is sound too"
    assert made.text("typed"), "what is typed is not sound"
    made.answer("hand_off-1", "hand_off", {}, None)
    assert made.audio(b"ab")
    made.read(calls("hand_off"))
    made.read(b'{"toolCallCancellation": {"ids": ["hand_off-1"]}}')
    assert made.audio(b"ab")


@pytest.mark.conformance("C35")
@pytest.mark.parametrize(("model", "option", "held"), [(NEW, None, False), (NEW, True, True), (NATIVE, False, False)])
def test_holding_sound_back_is_an_option(model: str, option: bool | None, held: bool) -> None:
    made = dialect(model, hold_audio=option)
    made.read(calls("hand_off"))
    assert (made.audio(b"ab") == b"") is held


@pytest.mark.parametrize("model", [NEW, OLDER, NATIVE, "gemini-live-2.5-flash"])
def test_what_is_said_is_compressed_before_it_fills_the_model(model: str) -> None:
    (setup,) = sent(dialect(model).opening())
    assert setup.setup is not None
    compression = setup.setup.context_window_compression
    assert compression is not None
    assert compression.sliding_window is not None
    trigger, target = compression.trigger_tokens, compression.sliding_window.target_tokens
    assert trigger is not None
    assert target is not None
    assert target < trigger < row_of(model)[0].input_tokens


@pytest.mark.conformance("C35")
@pytest.mark.parametrize("end", ["turnComplete", "interrupted"])
def test_a_call_that_is_told_again_after_its_answer_does_not_silence_the_caller(end: str) -> None:
    """The conversation answers an id once; the end of the turn shows that the model waits for nothing."""
    made = dialect(NATIVE)
    made.read(calls("hand_off"))
    made.answer("hand_off-1", "hand_off", {}, None)
    made.read(calls("hand_off"))
    made.read(f'{{"serverContent":{{"{end}":true}}}}'.encode())
    assert made.audio(b"ab") != b""


def test_what_a_model_does_not_take_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    make = GeminiDialects(Profile(row=row_of(OLDER)[0]))
    for _ in range(3):
        make(Opening(model=f"models/{OLDER}", tools=TOOLS), SHELF)
    said = capsys.readouterr().out
    assert said.count("behavior") == 1
    assert OLDER in said

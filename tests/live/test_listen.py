"""Messages of a live model as events."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.conversation import events as ev
from vivavoce.errors import WireError
from vivavoce.live.dialect import Shelf
from vivavoce.live.gemini.listen import Interpreter
from vivavoce.wire.caller import MAX_FRAME_BYTES
from vivavoce.wire.gemini.codec import decode_server, encode_audio_out
from vivavoce.wire.gemini.messages import (
    Blob,
    CodeExecutionResult,
    Content,
    ExecutableCode,
    Part,
    ServerContent,
    ServerMessage,
    Transcription,
)


class Kept:
    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.handles: list[str] = []

    def chunk(self, pcm: bytes) -> int:
        self.chunks.append(pcm)
        return len(self.chunks)

    def handle(self, secret: str) -> int:
        self.handles.append(secret)
        return len(self.handles)


def interpreter() -> tuple[Interpreter, Kept]:
    kept = Kept()
    shelf = Shelf(link=7, keep_chunk=kept.chunk, keep_handle=kept.handle, position=lambda: 4096)
    return Interpreter(shelf), kept


def test_sound_is_kept_and_named_by_number() -> None:
    reader, kept = interpreter()
    assert reader.read(decode_server(encode_audio_out(b"\x01\x02" * 10))) == [ev.ReplyArrived(7, 1, 10)]
    assert kept.chunks == [b"\x01\x02" * 10]


def test_a_long_chunk_comes_in_pieces_that_a_callers_machine_takes() -> None:
    reader, kept = interpreter()
    pcm = bytes(range(250)) * 480  # two and a half seconds
    events = reader.read(decode_server(encode_audio_out(pcm)))
    assert events == [ev.ReplyArrived(7, 1, 24_000), ev.ReplyArrived(7, 2, 24_000), ev.ReplyArrived(7, 3, 12_000)]
    assert b"".join(kept.chunks) == pcm
    assert max(map(len, kept.chunks)) < MAX_FRAME_BYTES


@pytest.mark.parametrize("rate", [0, 1000, 999_999])
def test_a_rate_that_no_service_has_is_not_understood(rate: int) -> None:
    reader, kept = interpreter()
    with pytest.raises(WireError, match="want sound at"):
        reader.read(decode_server(encode_audio_out(b"\x01\x02" * 10, mime=f"audio/pcm;rate={rate:04d}")))
    assert kept.chunks == []


def test_a_handle_may_not_be_endless() -> None:
    reader, kept = interpreter()
    message = '{"sessionResumptionUpdate":{"newHandle":"%s","resumable":true}}' % ("h" * 100_000)
    assert reader.read(decode_server(message)) == [ev.HandleIssued(7, 0, False, 4096)]
    assert kept.handles == []


@pytest.mark.conformance("C12", "C20")
def test_everything_at_once_comes_in_an_order_that_fits() -> None:
    reader, _ = interpreter()
    message = decode_server(
        b"""{"serverContent": {"turnComplete": true, "outputTranscription": {"text": " hi"},
          "inputTranscription": {"text": " yo"}, "generationComplete": true,
          "modelTurn": {"parts": [{"inlineData": {"mimeType": "audio/pcm", "data": "AAAA"}}]}},
          "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 7, "totalTokenCount": 12,
            "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 5}]}}"""
    )
    assert reader.read(message) == [
        ev.CallerTranscribed(7, " yo"),
        ev.AgentTranscribed(7, " hi"),
        ev.ReplyArrived(7, 1, 1),
        ev.GenerationEnded(7),
        ev.TurnEnded(7),
        ev.UsageReported(7, 5, 7, 12, (("prompt_audio", 5),)),
    ]


@pytest.mark.conformance("C14")
@given(st.lists(st.binary(min_size=0, max_size=9), max_size=12))
def test_half_samples_are_carried_over(pieces: list[bytes]) -> None:
    reader, kept = interpreter()
    for piece in pieces:
        part = Part(inline_data=Blob(mime_type="audio/pcm;rate=24000", data=piece))
        reader.read(ServerMessage(server_content=ServerContent(model_turn=Content(parts=[part]))))
    whole = b"".join(pieces)
    assert b"".join(kept.chunks) == whole[: len(whole) & ~1]
    assert all(len(chunk) % 2 == 0 for chunk in kept.chunks)


@pytest.mark.conformance("C17")
def test_thoughts_and_pictures_are_never_speech() -> None:
    reader, kept = interpreter()
    parts = [
        Part(executable_code=ExecutableCode(code="1+1")),
        Part(code_execution_result=CodeExecutionResult(output="2")),
        Part(inline_data=Blob(mime_type="audio/mpeg", data=b"xx")),
        Part(text="thinking", thought=True),
        Part(inline_data=Blob(mime_type="audio/pcm", data=b"xx"), thought=True),
        Part(inline_data=Blob(mime_type="video/mp4", data=b"xx")),
    ]
    assert reader.read(ServerMessage(server_content=ServerContent(model_turn=Content(parts=parts)))) == []
    assert kept.chunks == []


@pytest.mark.conformance("C16", "C44")
def test_handles_tools_and_goodbyes() -> None:
    reader, kept = interpreter()
    message = decode_server(
        b"""{"sessionResumptionUpdate": {"newHandle": "secret", "resumable": true}, "goAway": {"timeLeft": "50s"},
          "toolCall": {"functionCalls": [{"id": "a", "name": "note"}]}, "toolCallCancellation": {"ids": ["b"]}}"""
    )
    assert reader.read(message) == [
        ev.ToolCalled(7, "a", "note", {}),
        ev.ToolsCancelled(7, ("b",)),
        ev.HandleIssued(7, 1, True, 4096),
        ev.GoAwayReceived(7, 50.0),
    ]
    assert kept.handles == ["secret"]


@pytest.mark.conformance("C50")
def test_a_handle_that_is_none_is_not_resumable() -> None:
    reader, kept = interpreter()
    for update in (b'{"resumable": true}', b'{"newHandle": "x"}', b"{}"):
        events = reader.read(decode_server(b'{"sessionResumptionUpdate": ' + update + b"}"))
        assert events == [ev.HandleIssued(7, 0, False, 4096)]
    assert kept.handles == []


def sound(data: bytes, mime_type: str) -> ServerMessage:
    part = Part(inline_data=Blob(mime_type=mime_type, data=data))
    return ServerMessage(server_content=ServerContent(model_turn=Content(parts=[part])))


@pytest.mark.conformance("C15")
@pytest.mark.parametrize(
    ("mime_type", "rate"),
    [
        ("audio/pcm", 24_000),
        ("audio/pcm;rate=24000", 24_000),
        ("audio/pcm;rate=16000", 16_000),
        ("audio/L16;rate=48000", 48_000),
    ],
)
def test_the_rate_is_the_mime_types(mime_type: str, rate: int) -> None:
    reader, kept = interpreter()
    tone = (8000 * np.sin(np.arange(rate) * 2 * np.pi * 440 / rate)).astype("<i2").tobytes()
    for start in range(0, len(tone), 999):
        reader.read(sound(tone[start : start + 999], mime_type))
    (*rest, ended) = reader.read(ServerMessage(server_content=ServerContent(turn_complete=True)))
    assert isinstance(ended, ev.TurnEnded)
    assert all(isinstance(event, ev.ReplyArrived) for event in rest)
    heard = np.frombuffer(b"".join(kept.chunks), "<i2")
    assert abs(len(heard) - 24_000) <= 2, "a second stays a second"
    crossings = np.count_nonzero(np.diff(np.signbit(heard)))
    assert abs(crossings - 880) <= 4, "and a tone the same tone"


def test_what_was_left_of_a_cut_turn_is_not_heard_in_the_next() -> None:
    reader, kept = interpreter()
    reader.read(sound(b"\x01\x02\x03", "audio/pcm"))
    reader.read(ServerMessage(server_content=ServerContent(interrupted=True)))
    reader.read(sound(b"\x04\x05", "audio/pcm"))
    assert kept.chunks == [b"\x01\x02", b"\x04\x05"]


@pytest.mark.conformance("C11")
@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b'{"serverContent": {}}',
        b'{"somethingNew": {"a": [1]}}',
        b'{"serverContent": {"modelTurn": {"parts": [{"aNewKind": {"x": 1}}]}, "newer": true}}',
        b'{"voiceActivity": {"type": "ACTIVITY_WHATEVER"}}',
    ],
)
def test_what_nobody_knows_yet_changes_nothing(data: bytes) -> None:
    reader, kept = interpreter()
    assert reader.read(decode_server(data)) == []
    assert kept.chunks == []


@pytest.mark.conformance("C20", "C23", "C24")
def test_how_a_turn_ended_is_told() -> None:
    reader, _ = interpreter()

    def ended(fields: bytes) -> list[ev.Event]:
        return reader.read(decode_server(b'{"serverContent": {"turnComplete": true' + fields + b"}}"))

    assert ended(b"") == [ev.TurnEnded(7)]
    assert ended(b', "interactionStatus": "IDLE"') == [ev.TurnEnded(7)]
    assert ended(b', "interactionStatus": "IN_PROGRESS"') == [ev.TurnEnded(7, more=True)]
    assert ended(b', "turnCompleteReason": "A_NEW_REASON"') == [ev.TurnEnded(7, "A_NEW_REASON")]
    assert ended(b', "waitingForInput": true') == [ev.TurnEnded(7, waiting=True)]
    assert reader.read(decode_server(b'{"serverContent": {"interactionStatus": "IDLE"}}')) == [ev.ModelIdle(7)]


@pytest.mark.conformance("C21")
@pytest.mark.parametrize("before", [b"", b'"generationComplete": true', b'"turnComplete": true'])
def test_an_interruption_is_one_event_whenever_it_comes(before: bytes) -> None:
    reader, _ = interpreter()
    reader.read(decode_server(b'{"serverContent": {' + before + b"}}"))
    for _ in range(2):
        assert reader.read(decode_server(b'{"serverContent": {"interrupted": true}}')) == [ev.Interrupted(7)]


@pytest.mark.conformance("C25")
def test_increments_of_a_transcript_are_passed_on_as_they_are() -> None:
    reader, _ = interpreter()
    texts = [" I", " lost", "", " two\ndays"]
    told = [
        event
        for text in texts
        for event in reader.read(
            ServerMessage(server_content=ServerContent(output_transcription=Transcription(text=text)))
        )
    ]
    assert told == [ev.AgentTranscribed(7, text) for text in texts if text]

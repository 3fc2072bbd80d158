"""Messages of a live model as events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.conversation import events as ev
from vivavoce.live.listen import Interpreter
from vivavoce.wire.gemini.codec import decode_server, encode_audio_out
from vivavoce.wire.gemini.messages import Blob, Content, Part, ServerContent, ServerMessage


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
    return Interpreter(7, kept.chunk, kept.handle, lambda: 4096), kept


def test_sound_is_kept_and_named_by_number() -> None:
    reader, kept = interpreter()
    assert reader.read(decode_server(encode_audio_out(b"\x01\x02" * 10))) == [ev.ReplyArrived(7, 1, 10)]
    assert kept.chunks == [b"\x01\x02" * 10]


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


@given(st.lists(st.binary(min_size=0, max_size=9), max_size=12))
def test_half_samples_are_carried_over(pieces: list[bytes]) -> None:
    reader, kept = interpreter()
    for piece in pieces:
        part = Part(inline_data=Blob(mime_type="audio/pcm;rate=24000", data=piece))
        reader.read(ServerMessage(server_content=ServerContent(model_turn=Content(parts=[part]))))
    whole = b"".join(pieces)
    assert b"".join(kept.chunks) == whole[: len(whole) & ~1]
    assert all(len(chunk) % 2 == 0 for chunk in kept.chunks)


def test_thoughts_and_pictures_are_never_speech() -> None:
    reader, kept = interpreter()
    parts = [
        Part(text="thinking", thought=True),
        Part(inline_data=Blob(mime_type="audio/pcm", data=b"xx"), thought=True),
        Part(inline_data=Blob(mime_type="video/mp4", data=b"xx")),
    ]
    assert reader.read(ServerMessage(server_content=ServerContent(model_turn=Content(parts=parts)))) == []
    assert kept.chunks == []


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


def test_a_handle_that_is_none_is_not_resumable() -> None:
    reader, kept = interpreter()
    for update in (b'{"resumable": true}', b'{"newHandle": "x"}', b"{}"):
        events = reader.read(decode_server(b'{"sessionResumptionUpdate": ' + update + b"}"))
        assert events == [ev.HandleIssued(7, 0, False, 4096)]
    assert kept.handles == []

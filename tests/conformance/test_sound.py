"""The model's sound on its way in: decoded once, and the same bytes for everybody."""

from __future__ import annotations

import pytest

from vivavoce.live.dialect import Shelf
from vivavoce.live.gemini.listen import Interpreter
from vivavoce.wire.gemini.codec import decode_server, encode_audio_out


@pytest.mark.conformance("C19")
def test_a_chunk_is_held_in_memory_once() -> None:
    kept: list[bytes] = []

    def keep(pcm: bytes) -> int:
        kept.append(pcm)
        return len(kept)

    shelf = Shelf(link=1, keep_chunk=keep, keep_handle=lambda handle: 1, position=lambda: 0)
    message = decode_server(encode_audio_out(bytes(11_520)))
    Interpreter(shelf).read(message)
    assert message.server_content is not None
    assert message.server_content.model_turn is not None
    blob = message.server_content.model_turn.parts[0].inline_data
    assert blob is not None
    assert len(kept) == 1
    assert kept[0] is blob.data

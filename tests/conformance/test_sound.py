"""The model's sound on its way in: decoded once, and the same bytes for everybody."""

from __future__ import annotations

import tracemalloc

import pytest

from vivavoce.live.dialect import Shelf
from vivavoce.live.gemini.listen import Interpreter
from vivavoce.wire.gemini.codec import decode_server, encode_audio_out

BYTES = 3_000_000


@pytest.mark.conformance("C19")
def test_a_chunk_is_held_in_memory_once() -> None:
    kept: list[bytes] = []

    def keep(pcm: bytes) -> int:
        kept.append(pcm)
        return len(kept)

    shelf = Shelf(link=1, keep_chunk=keep, keep_handle=lambda handle: 1, position=lambda: 0)
    interpreter = Interpreter(shelf)
    message = encode_audio_out(bytes(BYTES))
    tracemalloc.start()
    try:
        interpreter.read(decode_server(message))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [len(pcm) for pcm in kept] == [BYTES]
    assert peak < BYTES * 1.1

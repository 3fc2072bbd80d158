"""Which sound of the model came over the link before: services send the end of a turn again to who resumes."""

from __future__ import annotations

from collections import deque
from hashlib import blake2b

TURNS = 2
MAX_CHUNKS = 8192
"""Of one turn: five minutes of chunks of 40 ms. What is behind them is not known again."""


FINGERPRINT_BYTES = 6
"""A link compares some ten thousand chunks with a thousand: 32 bits would err in one link of five hundred."""


def fingerprint(pcm: bytes) -> int:
    """Of a chunk, the same in all processes; 0 for silence, which is the same in all turns."""
    if pcm.count(0) == len(pcm):
        return 0
    return int.from_bytes(blake2b(pcm, digest_size=FINGERPRINT_BYTES).digest(), "big") or 1


class KnownSound:
    """Chunks of the newest turns, by fingerprint; silence is never known."""

    def __init__(self) -> None:
        self._turns: deque[set[int]] = deque([set()], maxlen=TURNS)
        self._before: frozenset[int] = frozenset()

    def next_link(self) -> None:
        """What came so far came over the link before; after a link that brought nothing, over the one before that."""
        if any(self._turns):
            self._before = frozenset().union(*self._turns)
            self._turns = deque([set()], maxlen=TURNS)

    def heard(self, sound: int) -> bool:
        """Take a chunk's fingerprint; whether it came over the link before."""
        if not sound:
            return False
        if len(self._turns[-1]) < MAX_CHUNKS:
            self._turns[-1].add(sound)
        return sound in self._before

    def turn_ended(self) -> None:
        if self._turns[-1]:
            self._turns.append(set())

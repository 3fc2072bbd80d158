"""Which sound of the model came over the link before: services send the end of a turn again to who resumes."""

from __future__ import annotations

from collections import deque

TURNS = 2
MAX_CHUNKS = 8192
"""Of one turn: five minutes of chunks of 40 ms. What is behind them is not known again."""


class KnownSound:
    """Chunks of the newest turns, by hash; silence is the same in all turns and never known."""

    def __init__(self) -> None:
        self._turns: deque[set[int]] = deque([set()], maxlen=TURNS)
        self._before: frozenset[int] = frozenset()

    def next_link(self) -> None:
        """What came so far came over the link before; after a link that brought nothing, over the one before that."""
        if any(self._turns):
            self._before = frozenset().union(*self._turns)
            self._turns = deque([set()], maxlen=TURNS)

    def heard(self, pcm: bytes) -> bool:
        """Take a chunk; whether it came over the link before."""
        if pcm.count(0) == len(pcm):
            return False
        sound = hash(pcm)
        if len(self._turns[-1]) < MAX_CHUNKS:
            self._turns[-1].add(sound)
        return sound in self._before

    def turn_ended(self) -> None:
        if self._turns[-1]:
            self._turns.append(set())

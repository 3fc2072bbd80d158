"""Which of a client's messages the state behind a handle contains, for resumption in transparent mode.

Source: reference gemini-live 2.11, 4.6. Messages are counted from 1, the first one after the setup; where the count
begins is not documented beyond "it restarts at 1 for each connection".
"""

from __future__ import annotations

from collections import deque

from vivavoce.local.talk import Talk

MOST_PIECES = 4_096
"""Pieces of sound whose place is remembered, about two minutes of 32 ms: an utterance is no longer."""


class Consumed:
    """Counts one connection's messages."""

    def __init__(self) -> None:
        self._count = 0
        self._waiting: deque[int] = deque()  # messages whose answer waits for the running turn
        self._pieces: deque[tuple[int, float]] = deque(maxlen=MOST_PIECES)  # message, end of its sound

    def came(self, talk: Talk) -> None:
        """A message is about to be taken in."""
        self._look(talk)
        self._count += 1

    def sound_until(self, ms: float) -> None:
        """It held sound, up to this place."""
        self._pieces.append((self._count, ms))

    def taken(self, talk: Talk) -> None:
        """It has been taken in."""
        self._look(talk)

    def index(self, talk: Talk) -> int:
        """The last message the state contains: nothing of what waits, and no speech that is still to be answered."""
        self._look(talk)
        contained = min([self._count, *(first - 1 for first in self._waiting)])
        while self._pieces and self._pieces[0][1] <= talk.settled_ms:
            self._pieces.popleft()
        if self._pieces:
            contained = min(contained, self._pieces[0][0] - 1)
        return contained

    def _look(self, talk: Talk) -> None:
        """What waits is answered in the order in which it came."""
        while len(self._waiting) > talk.waiting:
            self._waiting.popleft()
        while len(self._waiting) < talk.waiting:
            self._waiting.append(self._count)

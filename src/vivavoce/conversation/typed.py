"""What the caller typed and no model has answered: it is told to the next link again.

A reply answers what was told long enough before it; at once, where the model had nothing else to speak of. As with what
was said (`unheard`), it may turn out to be no speech, or be lost with its link before anybody can tell: then it was no
answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from vivavoce.conversation.settings import SOONEST_ANSWER_S
from vivavoce.conversation.unheard import REPLY_HZ, SURE_S

MAX_LINES = 16
"""A caller types a few; a peer that types more loses the oldest."""


class Typed:
    """
    Attributes:
        again: they have been told to this link a second time.
    """

    def __init__(self) -> None:
        self.again = False
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._answers_from = 0.0  # what begins before may have been under way when the newest of them was told
        self._answering: list[str] = []  # what the reply that is being made answers, if it is an answer
        self._made = 0  # samples of it

    @property
    def lines(self) -> Sequence[str]:
        return self._lines

    def told(self, now: float, *lines: str, idle: bool = False) -> None:
        """A link has been told all there is, and these new ones.

        Args:
            idle: the model was making nothing and owed nothing, so that no reply can be under way.
        """
        self._answers_from = now if idle and not self._lines else now + SOONEST_ANSWER_S
        self._lines += lines

    def reply_began(self, now: float) -> None:
        self.again = False
        self._made = 0
        if now >= self._answers_from:
            self._answering += self._lines
            self._lines.clear()

    def sounded(self, samples: int) -> None:
        """So much more of the reply has come."""
        self._made += samples
        if self._made >= SURE_S * REPLY_HZ:
            self.was_answer()

    def was_answer(self) -> None:
        self._answering.clear()

    def was_none(self) -> None:
        """The reply was no speech, or was lost before anybody could tell."""
        newer = list(self._lines)
        self._lines.clear()
        self._lines += [*self._answering, *newer]
        self._answering.clear()

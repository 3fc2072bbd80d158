"""Whether what a resumed model says is only the end of its last turn, come again.

Some services send it again to who resumes. The shell knows the sound again, but the same sound may be an answer too: a
model that is asked the same thing twice may say the same thing twice. So only what comes before the new link can have
answered anything is a repetition, or where it was asked only to go on: better heard twice than never.
"""

from __future__ import annotations

from vivavoce.conversation.settings import SOONEST_ANSWER_S


class Repeats:
    """
    Attributes:
        going: a repetition is under way; its words are none of a new turn.
    """

    def __init__(self) -> None:
        self.going = False
        self._unasked = False
        self._answers_from: float | None = None  # what comes from then on may be an answer
        self._last = ""

    def linked(self, *, resumed: bool) -> None:
        self._unasked = resumed
        self._answers_from = None
        self.going = False

    def asked(self, now: float) -> None:
        """Whatever comes may soon be an answer."""
        if self._answers_from is None:
            self._answers_from = now + SOONEST_ANSWER_S

    def said(self, text: str) -> None:
        """The words of a turn so far."""
        self._last = text.strip()

    def sounded(self, now: float, *, known: bool) -> bool:
        """Whether a repetition begins with this sound; `known`: it came over the link before."""
        self._heed(now)
        began = known and self._unasked and not self.going
        self.going = known and (self._unasked or self.going)
        if not self.going:
            self._unasked = False
        return began

    def worded(self, text: str, now: float) -> bool:
        """Whether a turn of nothing but these words is one."""
        self._heed(now)
        return self._unasked and bool(text.strip()) and self._last.endswith(text.strip())

    def turn_ended(self) -> None:
        self.going = False

    def _heed(self, now: float) -> None:
        if self._answers_from is not None and now >= self._answers_from:
            self._unasked = False

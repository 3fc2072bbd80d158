"""Whether what a resumed model says is only the end of its last turn, come again.

Some services send it again to who resumes. The shell knows the sound again, but the same sound may be an answer too: a
model that is asked the same thing twice may say the same thing twice. So only what comes before the new link was asked
anything, or only to go on, is a repetition: better heard twice than never.
"""

from __future__ import annotations


class Repeats:
    """
    Attributes:
        going: a repetition is under way; its words are none of a new turn.
    """

    def __init__(self) -> None:
        self.going = False
        self._unasked = False
        self._last = ""

    def linked(self, *, resumed: bool) -> None:
        self._unasked = resumed
        self.going = False

    def asked(self) -> None:
        """From now on whatever comes may be an answer."""
        self._unasked = False

    def said(self, text: str) -> None:
        """The words of a turn so far."""
        self._last = text.strip()

    def sounded(self, *, known: bool) -> bool:
        """Whether a repetition begins with this sound; `known`: it came over the link before."""
        began = known and self._unasked and not self.going
        self.going = known and (self._unasked or self.going)
        if not self.going:
            self._unasked = False
        return began

    def worded(self, text: str) -> bool:
        """Whether a turn of nothing but these words is one."""
        return self._unasked and bool(text.strip()) and self._last.endswith(text.strip())

    def turn_ended(self) -> None:
        self.going = False

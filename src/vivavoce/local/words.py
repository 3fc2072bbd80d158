"""Words that came in and were not answered yet: typed, seeded, or said by a caller who is answered on wish."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from vivavoce.wire.gemini.wording import INVALID, Refused

MOST_CHARS = 1_000_000
"""Text collected for one turn; the service's context is of that order."""
MOST_HEARD = 1_000
"""Utterances collected for one turn; when full, the oldest is dropped."""


class Words:
    """What the next turn answers."""

    def __init__(self, noted: Iterable[str] = ()) -> None:
        self._noted = list(noted)
        self._chars = sum(map(len, self._noted))
        self._heard: deque[str] = deque(maxlen=MOST_HEARD)

    @property
    def noted(self) -> tuple[str, ...]:
        """What was typed or seeded."""
        return tuple(self._noted)

    def note(self, text: str) -> None:
        """Take in typed words.

        Raises:
            Refused: too much of it; these are not taken in.
        """
        if not text:
            return
        if self._chars + len(text) > MOST_CHARS:
            raise Refused(INVALID, detail=f"want at most {MOST_CHARS} characters at a time.")
        self._noted.append(text)
        self._chars += len(text)

    def hear(self, text: str) -> None:
        """Take in what the caller said; empty when it could not be understood."""
        self._heard.append(text)

    def answered(self) -> list[str]:
        """What was typed, taken out: the past has answered it."""
        noted, self._noted, self._chars = self._noted, [], 0
        return noted

    def take(self) -> tuple[str, bool]:
        """All of it, taken out, and whether any of it was spoken."""
        spoken = bool(self._heard)
        said = " ".join(text for text in self._heard if text)
        self._heard.clear()
        return "\n".join([*self.answered(), *([said] if said else [])]), spoken

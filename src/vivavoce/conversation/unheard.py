"""What the caller said that no link has answered: it goes again over the next one.

Stretches of speech by the microphone clock. A reply answers those that are over. The model often knows that the caller
has finished before our gate does: then the reply answers the stretch that still goes on, unless the caller goes on over
the reply.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_STRETCHES = 256
"""Nobody speaks so often without an answer while there is somebody to answer; the ring does not reach back so far."""


@dataclass(slots=True)
class Stretch:
    start: int
    end: int | None = None  # None: it goes on
    answered: bool = False


class Unheard:
    def __init__(self) -> None:
        self._stretches: list[Stretch] = []

    def began(self, at: int) -> None:
        if self._going_on() is None:
            self._stretches.append(Stretch(at))
            del self._stretches[1:-MAX_STRETCHES]

    def ended(self, at: int) -> None:
        if (stretch := self._going_on()) is not None:
            stretch.end = at
            if stretch.answered:
                self._stretches.remove(stretch)

    def answered(self) -> None:
        """A reply has begun."""
        self._stretches = [stretch for stretch in self._stretches if stretch.end is None]
        for stretch in self._stretches:
            stretch.answered = True

    def went_on(self) -> None:
        """The caller speaks over the reply, so it is no answer to what they are saying."""
        if (stretch := self._going_on()) is not None:
            stretch.answered = False

    def meant_nothing(self) -> None:
        """A cough: nobody needs to hear it again."""
        if self._stretches:
            self._stretches.pop()

    def after(self, at: int) -> int | None:
        """Where what the model must hear again begins, when it has heard everything up to `at`; None when that is
        nothing.
        """
        for stretch in self._stretches:
            if not stretch.answered and (stretch.end is None or stretch.end > at):
                return max(stretch.start, at)
        return None

    @property
    def any(self) -> bool:
        """Whether the caller has said something that waits for an answer."""
        return any(not stretch.answered for stretch in self._stretches)

    def _going_on(self) -> Stretch | None:
        return self._stretches[-1] if self._stretches and self._stretches[-1].end is None else None

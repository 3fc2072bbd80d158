"""What the caller said that no link has answered: it goes again over the next one.

Stretches of speech by the microphone clock. A reply answers those that are over. The model often knows that the caller
has finished before our gate does: then the reply answers the stretch that still goes on, unless the caller goes on over
the reply.

A reply is an answer once it has gone on for a while, or its turn is over: before that it may turn out to be silence or
a tone, and what it seemed to answer goes again, also when its link is lost before anybody can tell. What was taken for
a noise is kept, too, for where the link is dead no words can come: it goes again with the rest, but nobody waits for an
answer to it.
"""

from __future__ import annotations

from dataclasses import dataclass

REPLY_HZ = 24_000
SURE_S = 2.5
"""So much sound of a reply is speech, if nobody has said otherwise by then: the judge of sound needs two seconds."""
MAX_STRETCHES = 256
"""Nobody speaks so often without an answer while there is somebody to answer; the ring does not reach back so far."""


@dataclass(slots=True)
class Stretch:
    start: int
    end: int | None = None  # None: it goes on
    answered: bool = False
    doubtful: bool = False  # it may have been a noise


class Unheard:
    def __init__(self) -> None:
        self._stretches: list[Stretch] = []
        self._answering: list[Stretch] = []  # what the reply that is being made answers, if it is an answer
        self._made = -1  # samples of it; -1: none is being made

    def began(self, at: int) -> None:
        if self._going_on() is None:
            self._stretches.append(Stretch(at))
            del self._stretches[1:-MAX_STRETCHES]

    def ended(self, at: int) -> None:
        if (stretch := self._going_on()) is not None:
            stretch.end = at
            if stretch.answered:
                self._stretches.remove(stretch)
                if self._made >= 0:
                    self._answering.append(stretch)

    def answered(self) -> None:
        """A reply has begun."""
        self._made = 0
        self._answering += [stretch for stretch in self._stretches if stretch.end is not None]
        del self._answering[1:-MAX_STRETCHES]
        self._stretches = [stretch for stretch in self._stretches if stretch.end is None]
        for stretch in self._stretches:
            stretch.answered = True

    def sounded(self, samples: int) -> None:
        """So much more of the reply has come."""
        if self._made >= 0:
            self._made += samples
            if self._made >= SURE_S * REPLY_HZ:
                self.was_answer()

    def was_answer(self) -> None:
        """The reply is speech, as far as anybody can tell."""
        self._made = -1
        self._answering = []

    def was_none(self) -> None:
        """The reply was no speech, or was lost before anybody could tell."""
        if self._made < 0:
            return
        self._made = -1
        self._stretches[:0] = self._answering
        self._answering = []
        for stretch in self._stretches:
            stretch.answered = False

    def went_on(self) -> None:
        """The caller speaks over the reply, so it is no answer to what they are saying."""
        if (stretch := self._going_on()) is not None:
            stretch.answered = False

    def may_be_noise(self) -> None:
        """What they said last was a cough, or something without words."""
        if self._stretches and self._stretches[-1].end is not None:
            self._stretches[-1].doubtful = True

    def was_understood(self) -> None:
        """What they said last is known to ask for nothing: a "mm-hm", or the agent's own words."""
        if self._stretches and self._stretches[-1].end is not None:
            self._stretches.pop()

    def after(self, at: int, *, certain: bool = False) -> int | None:
        """Where what the model must hear again begins, when it has heard everything up to `at`; None when that is
        nothing. `certain`: what may have been a noise does not count.
        """
        for stretch in self._stretches:
            counts = not (stretch.answered or (certain and stretch.doubtful))
            if counts and (stretch.end is None or stretch.end > at):
                return max(stretch.start, at)
        return None

    @property
    def since(self) -> int | None:
        """From where on it would go again if the link were lost now to one that has heard nothing; None for nowhere."""
        return self._answering[0].start if self._answering else self.after(0)

    @property
    def any(self) -> bool:
        """Whether the caller has said something that waits for an answer."""
        return any(not (stretch.answered or stretch.doubtful) for stretch in self._stretches)

    def _going_on(self) -> Stretch | None:
        return self._stretches[-1] if self._stretches and self._stretches[-1].end is None else None

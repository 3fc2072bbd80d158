"""What came of errands, until the model has made something of it.

An answer that went to a link which then died was given to nobody. So a result is kept until the model has spoken and
ended its turn after it; a link that comes before that is told it in words, unless it is resumed from a handle that
knows it. And a model that hears the caller again over another link asks for the same again: it gets the same result,
for what was booked once must not be booked twice. That holds for what may have been booked, too: of what failed, only
what was never run is tried again before the model has spoken of it.

A model that is resumed from a handle that is older than a result asks for it again even though it has spoken of it,
for it has forgotten both. So a result that is spoken of stays until no handle is resumed from that does not know it.
It is told to nobody any more, and is the answer to who asks again before having ended a turn without it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import msgspec

from vivavoce.conversation.settings import SOONEST_ANSWER_S

MAX_RESULTS = 32
"""As many as errands may be under way; behind them the oldest is forgotten."""

MAX_ARGS_CHARS = 500
"""Of what a tool was called with: enough to tell one call from another."""


@dataclass(slots=True)
class Result:
    name: str
    args: dict[str, Any]
    response: dict[str, Any]
    link: int | None  # the one that asked; None for one that is gone
    told_at: float | None  # to the link that is up; None: not to this one
    again: bool = False  # it was never run, so it may be tried again
    known: bool = False  # there is a handle to resume from that knows it
    spoken: bool = False  # the model has made a sound since
    over: bool = False  # it has ended its turn, too: who asks again has forgotten it, or wants it once more

    @property
    def forgotten(self) -> bool:
        """The model that is there knows nothing of it, and is not told: the caller has heard of it."""
        return self.over and self.told_at is None

    @property
    def words(self) -> str:
        result, args = (msgspec.json.encode(it).decode() for it in (self.response, self.args))
        asked = f"{self.name} for {args[:MAX_ARGS_CHARS]}"
        return f"The result of {asked}, asked for before the connection changed: {result}"


class Results:
    def __init__(self) -> None:
        self._results: deque[Result] = deque(maxlen=MAX_RESULTS)
        self._wrong = False  # what the model makes in this turn is no speech
        self._interrupted = False  # in this turn

    def came(self, result: Result) -> None:
        self._results.append(result)

    def spoken(self, now: float) -> None:
        for result in self._results:
            told = result.told_at is not None and now >= result.told_at + SOONEST_ANSWER_S
            result.spoken = (told or result.forgotten) and not self._wrong

    def not_spoken(self) -> None:
        """What it makes in this turn is no speech."""
        self._wrong = True
        for result in self._results:
            result.spoken = False

    def interrupted(self) -> None:
        """It might have asked for more in this turn."""
        self._interrupted = True

    def turn_ended(self, now: float) -> None:
        for result in self._results:
            if result.forgotten and result.spoken and not self._interrupted:
                result.told_at = now  # it does without
            result.over = result.over or result.spoken
            result.spoken = False
        self._wrong = self._interrupted = False

    def handle_taken(self, made_at: float) -> None:
        # one handle longer than need be: another server may have an older one
        self._keep([result for result in self._results if not (result.over and result.known)])
        for result in self._results:
            result.known = result.told_at is not None and result.told_at <= made_at

    def link_lost(self) -> None:
        self._wrong = self._interrupted = False
        for result in self._results:
            result.link = None
            result.told_at, result.spoken = None, False

    def handle_lost(self) -> None:
        """The newest handle may not be the one that there was."""
        for result in self._results:
            result.known = False

    def for_link(self, now: float, *, resumed: bool) -> list[Result]:
        """What a new link is to be told; from now on it counts as told."""
        if not resumed:  # it is told the talk, and what was spoken of is in there
            self._keep([result for result in self._results if not result.over])
        untold = [result for result in self._results if not (resumed and result.known)]
        for result in self._results:
            result.told_at = None if result.over and not result.known else now
        for result in untold:
            result.known = False
        return [result for result in untold if not result.over]

    def asked_again(self, name: str, args: dict[str, Any], now: float) -> dict[str, Any] | None:
        """What came of the very same, asked for over a link that is gone; None for what may be tried again. The model
        is answered with it, and has yet to speak of it.
        """
        for result in reversed(self._results):
            if result.link is not None or result.again or (result.name, result.args) != (name, args):
                continue
            if result.forgotten:
                result.told_at, result.over, result.spoken = now, False, False
            if not result.over:
                return result.response
        return None

    def _keep(self, results: list[Result]) -> None:
        self._results = deque(results, MAX_RESULTS)

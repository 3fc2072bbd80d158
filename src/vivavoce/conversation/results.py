"""What came of errands, until the model has made something of it.

An answer that went to a link which then died was given to nobody. So a result is kept until the model has spoken and
ended its turn after it; a link that comes before that is told it in words, unless it is resumed from a handle that
knows it. And a model that hears the caller again over another link asks for the same again: it gets the same result,
for what was booked once must not be booked twice.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import msgspec

MAX_RESULTS = 32
"""As many as errands may be under way; behind them the oldest is forgotten."""


@dataclass(slots=True)
class Result:
    name: str
    args: dict[str, Any]
    response: dict[str, Any]
    link: int | None  # the one that asked; None for one that is gone
    told: bool
    known: bool = False  # there is a handle to resume from that knows it
    spoken: bool = False  # the model has made a sound since

    @property
    def words(self) -> str:
        result = msgspec.json.encode(self.response).decode()
        return f"The result of {self.name}, asked for before the connection changed: {result}"


class Results:
    def __init__(self) -> None:
        self._results: deque[Result] = deque(maxlen=MAX_RESULTS)

    def came(self, result: Result) -> None:
        self._results.append(result)

    def spoken(self) -> None:
        for result in self._results:
            result.spoken = result.told

    def turn_ended(self) -> None:
        self._keep([result for result in self._results if not result.spoken])

    def handle_taken(self) -> None:
        for result in self._results:
            result.known = result.told

    def link_lost(self) -> None:
        for result in self._results:
            result.link = None
            result.told = result.spoken = False

    def for_link(self, *, resumed: bool) -> list[Result]:
        """What a new link is to be told; from now on it counts as told."""
        self._keep([result for result in self._results if not (resumed and result.known)])
        untold = [result for result in self._results if not result.told]
        for result in untold:
            result.told, result.known = True, False
        return untold

    def of(self, name: str, args: dict[str, Any]) -> dict[str, Any] | None:
        """What came of the very same, asked for over a link that is gone; None for what failed: that may be tried
        again.
        """
        for result in self._results:
            if result.link is None and (result.name, result.args) == (name, args) and "error" not in result.response:
                return result.response
        return None

    def _keep(self, results: list[Result]) -> None:
        self._results = deque(results, MAX_RESULTS)

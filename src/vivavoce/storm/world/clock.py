"""Time that somebody turns: what is due, in order."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any


class Clock:
    """Virtual seconds since the call was begun."""

    __slots__ = ("_count", "_due", "now")

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[..., Any], tuple[Any, ...]]] = []
        self._count = 0  # what is due at one moment happens in the order in which it was asked for

    def at(self, time: float, do: Callable[..., Any], *args: Any) -> None:
        self._count += 1
        heapq.heappush(self._due, (max(time, self.now), self._count, do, args))

    def after(self, seconds: float, do: Callable[..., Any], *args: Any) -> None:
        self.at(self.now + seconds, do, *args)

    def turn(self, until: float) -> bool:
        """Let the next thing happen; False when nothing is due before `until`."""
        if not self._due or self._due[0][0] > until:
            return False
        self.now, _, do, args = heapq.heappop(self._due)
        do(*args)
        return True


class Lane:
    """A way that keeps order and takes time: what is sent later never arrives earlier."""

    __slots__ = ("_clock", "_last", "seconds")

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._last = 0.0
        self.seconds = seconds

    def send(self, do: Callable[..., Any], *args: Any) -> None:
        self._last = max(self._last, self._clock.now + self.seconds)
        self._clock.at(self._last, do, *args)

    def stall(self, seconds: float) -> None:
        """Nothing arrives for so long; then everything at once."""
        self._last = max(self._last, self._clock.now + seconds)

"""The clock of one call, in seconds since it began, and the one timer that rings when its conversation is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class SessionClock:
    """
    Args:
        wake_at: when the conversation next wants to be woken, None for never.
        woke: called when that moment has come.
        begun_s: how long ago the call began, where that was at another server.
    """

    def __init__(self, wake_at: Callable[[], float | None], woke: Callable[[], None], *, begun_s: float = 0.0) -> None:
        self._wake_at = wake_at
        self._woke = woke
        self._loop = asyncio.get_running_loop()
        self._started_at = self._loop.time() - begun_s
        self._now = begun_s
        self._reached = 0.0  # the last deadline whose timer has fired
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0

    def elapsed(self) -> float:
        """As the event loop has it."""
        return self._loop.time() - self._started_at

    def now(self) -> float:
        """As the conversation has it: the loop's clock never goes back; a timer may fire a hair early, but what it was
        set for has come.
        """
        self._now = max(self._now, self.elapsed(), self._reached)
        return self._now

    def arm(self) -> None:
        """Have the timer ring when the conversation next wants to be woken. One that rings too early looks again: most
        events only move that moment further away, and to set a timer anew thirty times a second costs more.
        """
        due = self._wake_at()
        if due is None or (self._timer is not None and self._timer_at <= due):
            return
        self.stop()
        self._timer_at = due
        self._timer = self._loop.call_at(self._started_at + due, self._ring, due)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self, at: float) -> None:
        self._timer = None
        due = self._wake_at()
        if due is not None and due <= at:
            self._wake(due)
        else:
            self.arm()

    def _wake(self, due: float) -> None:
        self._reached = due
        self._woke()

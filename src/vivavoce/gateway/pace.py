"""How fast a caller's machine is read, beside its sound; what it says faster waits in its socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from vivavoce.gateway.ration import Ration

PER_S = 25.0
AT_ONCE = 500
"""Messages that are read: so many at once, then so many a second. A machine that plays a reply says how far it is ten
times a second, one that stood still tells half a minute of that at once. All of them stand in the call's log: without a
bound one caller fills the disk with tens of megabytes a second.
"""
AHEAD = 64
"""Events that may wait before no more is read."""


class Pace:
    """
    Args:
        clock: seconds since the call began.
        waiting: how many events have been read and not been taken.
        pause, resume: reading of the caller's socket.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        waiting: Callable[[], int],
        pause: Callable[[], None],
        resume: Callable[[], None],
    ) -> None:
        self._ration = Ration(clock, per_s=PER_S, burst=AT_ONCE)
        self._waiting = waiting
        self._pause = pause
        self._resume = resume
        self._paused = False
        self._timer: asyncio.TimerHandle | None = None

    def heard(self) -> None:
        """One message was read."""
        self._ration.take()
        if (self._ration.wait_s > 0.0 or self._waiting() > AHEAD) and not self._paused:
            self._paused = True
            self._pause()

    def go_on(self) -> None:
        """Read on once nothing waits and they may say more; to be called whenever events were taken."""
        if not self._paused or self._waiting():
            return
        self.stop()
        if (wait_s := self._ration.wait_s) > 0.0:
            self._timer = asyncio.get_running_loop().call_later(wait_s, self.go_on)
            return
        self._paused = False
        self._resume()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

"""A sign of life for the caller's machine while nothing else is said to it."""

from __future__ import annotations

import asyncio

from vivavoce.gateway.outbox import Outbox
from vivavoce.wire import caller as wire

EACH_S = 4.0
"""A line that is dead is given up after 10 s without a word (`SILENT_S` of the browser's SDK): that leaves room for one
that comes late. Somebody who thinks costs 16 bytes in 4 s. Not tuned.
"""


class Pulse:
    """Beats from `start` to `stop`; while nobody is there it beats unheard."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(EACH_S, self._beat)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _beat(self) -> None:
        if self._outbox.quiet:
            self._outbox.tell(wire.Pulse())
        self._outbox.quiet = True
        self.start()

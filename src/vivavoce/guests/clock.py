"""The clock of a simulated caller, as an argument: a call can be held in real time or in none."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Clock(Protocol):
    """Seconds that never go back."""

    def now(self) -> float: ...

    async def sleep_until(self, at_s: float) -> None:
        """Return at once when `at_s` has passed."""
        ...


class WallClock:
    """The clock of the running event loop."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep_until(self, at_s: float) -> None:
        await asyncio.sleep(max(0.0, at_s - self.now()))

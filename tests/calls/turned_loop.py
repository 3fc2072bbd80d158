"""An event loop whose clock a test turns: what is due happens when the clock reaches it, and nothing ever waits."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any


class _Impatient(selectors.DefaultSelector):
    """Looks at its files and does not wait for them."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(0)


class TurnedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__(_Impatient())
        self._turned = 0.0

    def time(self) -> float:
        return self._turned

    async def settle(self) -> None:
        """Until nobody has anything left to do at this moment."""
        ready: Any = self._ready  # type: ignore[attr-defined]  # what runs next; there is no public word for it
        await asyncio.sleep(0)
        while ready:  # noqa: ASYNC110  # what is waited for is the loop itself
            await asyncio.sleep(0)

    async def turn_to(self, at: float) -> None:
        """Let time pass, stopping at every moment something is due."""
        await self.settle()
        while (due := self._due()) is not None and due <= at:
            self._turned = max(self._turned, due)
            await asyncio.sleep(0)  # the loop takes what is due
            await self.settle()
        self._turned = max(self._turned, at)

    def _due(self) -> float | None:
        scheduled: Any = self._scheduled  # type: ignore[attr-defined]
        return min((handle.when() for handle in scheduled if not handle.cancelled()), default=None)

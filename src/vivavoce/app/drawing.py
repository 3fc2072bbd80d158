"""Whose turn it is to have something drawn: a page with charts, a PDF, a picture."""

from __future__ import annotations

import asyncio
from types import TracebackType

from vivavoce.errors import BusyError

MOST_WAITING = 8
"""One drawing takes two seconds on a quiet machine, so whoever comes last waits some 20; proxies give up after 60."""


class Drawing:
    """Turns, in the order they were asked for: `async with` waits for one. Drawing takes a processor and 100 MB for
    seconds, so one reader at a time has it. Who waits holds no thread meanwhile.

    Args:
        most_waiting: where so many wait already, the next one is sent away.
    Raises:
        BusyError: from `async with`, too many wait.
    """

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._most = most_waiting
        self._waiting = 0
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> None:
        if self._waiting >= self._most:
            raise BusyError(f"want a turn to have something drawn, got {self._waiting} who wait already", why="drawing")
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._turn.release()

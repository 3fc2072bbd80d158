"""The tasks of one session, which end with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

Work = Coroutine[Any, Any, None]


class Tasks:
    """What runs for one connection.

    Args:
        guard: runs a task's work, and sees to what it raises.
    """

    def __init__(self, guard: Callable[[Work], Work]) -> None:
        self._guard = guard
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Work) -> asyncio.Task[None]:
        """Run work until it is over or the session is."""
        task = asyncio.create_task(self._guard(work))
        self._running.add(task)
        task.add_done_callback(lambda _: work.close())  # a task cancelled before its first step never awaits its work
        task.add_done_callback(self._running.discard)
        return task

    async def end(self) -> None:
        """Cancel all of them and wait until they are over, also those that one of them begins as it ends."""
        while self._running:
            for task in self._running:
                task.cancel()
            await asyncio.wait(self._running)

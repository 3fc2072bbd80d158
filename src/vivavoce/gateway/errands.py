"""The tools of one call while they run, by the number of their errand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev


class Tools(Protocol):
    async def run(self, name: str, args: Mapping[str, Any], timeout_s: float) -> dict[str, Any]: ...


class Errands:
    """
    Args:
        post: takes the events.
        own: takes the tasks, which end with the call.
    """

    def __init__(
        self, tools: Tools, post: Callable[[ev.Event], None], own: Callable[[asyncio.Task[None]], None]
    ) -> None:
        self._tools = tools
        self._post = post
        self._own = own
        self._running: dict[int, asyncio.Task[None]] = {}

    def run(self, effect: fx.Run) -> None:
        async def run() -> None:
            response = await self._tools.run(effect.name, effect.args, effect.timeout_s)
            self._post(ev.ErrandReturned(effect.errand, response))

        task = asyncio.create_task(run(), name=f"tool-{effect.name}")
        self._running[effect.errand] = task
        task.add_done_callback(lambda _: self._running.pop(effect.errand, None))
        self._own(task)

    def abandon(self, effect: fx.Abandon) -> None:
        if (task := self._running.get(effect.errand)) is not None:
            task.cancel()

"""The turns of one session, one at a time: begun, ended, cut, and what waits for the present one to end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from vivavoce.local.minds.acts import Act
from vivavoce.local.turn import Turn

MOST_WAITING = 32
"""Inputs waiting for a turn to end; when full, the oldest is dropped. A talk has one or two."""

Decide = Callable[[], list[Act]]
"""Asks the brain what to do, at the moment the turn begins."""


class Replies:
    """Who may speak on the model's side.

    Args:
        make_turn: a fresh turn.
        closed: told of a turn that is over or cut; sends what ends it.
        spawn: runs a task in the session's care.
        held: whether the caller is speaking or being listened to, so that nothing may begin by itself.
    """

    def __init__(
        self,
        make_turn: Callable[[], Turn],
        closed: Callable[[Turn, bool], Awaitable[None]],
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        held: Callable[[], bool],
    ) -> None:
        self._make_turn = make_turn
        self._closed = closed
        self._spawn = spawn
        self._held = held
        self._lock = asyncio.Lock()
        self._turn: Turn | None = None
        self._task: asyncio.Task[None] | None = None
        self._ending = False
        self._waiting: deque[Decide] = deque(maxlen=MOST_WAITING)

    async def answer(self, decide: Decide, *, cuts: bool) -> None:
        """Answer the caller: at once, after a cut of the running turn, or when that is over."""
        async with self._lock:
            if self._running():
                if not cuts:
                    self._waiting.append(decide)
                    return
                await self._cut()
            await self._begin(decide())

    async def offer(self, decide: Decide) -> None:
        """Say something of one's own accord, once nobody else is speaking; nothing when there is nothing to say."""
        async with self._lock:
            if self._running() or self._held():
                self._waiting.append(decide)
            elif acts := decide():
                await self._begin(acts)

    async def cut(self) -> None:
        """Stop the running turn: no more of its audio once this returns."""
        async with self._lock:
            await self._cut()

    def _running(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _begin(self, acts: list[Act]) -> None:
        turn = self._make_turn()
        rest = await turn.report(acts)  # what the brain has taken in must reach the client, even if the caller goes on
        self._turn, self._ending = turn, False
        self._task = self._spawn(self._deliver(turn, rest))

    async def _deliver(self, turn: Turn, acts: list[Act]) -> None:
        await turn.carry_out(acts)
        self._ending = True  # from here on a cut comes too late: the turn ends as it would have
        await self._closed(turn, False)
        if self._waiting:
            self._spawn(self._advance())

    async def _advance(self) -> None:
        async with self._lock:
            while self._waiting and not self._running() and not self._held():
                if acts := self._waiting.popleft()():
                    await self._begin(acts)

    async def _cut(self) -> None:
        task, turn = self._task, self._turn
        if task is None or turn is None or task.done():
            return
        if not self._ending:
            task.cancel()
        await asyncio.wait([task])
        if not self._ending:
            await self._closed(turn, True)

"""The turns of one session, one at a time: begun, ended, cut, and what waits for the present one to end."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from vivavoce.local.minds.acts import Act
from vivavoce.local.turn import Turn

MOST_WAITING = 32
"""Inputs waiting for a turn to end; when full, the oldest is dropped. A talk has one or two."""

Decide = Callable[[], list[Act]]
"""Asks the brain what to do, at the moment the turn begins."""
Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
"""Runs a task in a session's care."""


class Stage(Protocol):
    """What the replies need of the talk they belong to."""

    def make_turn(self) -> Turn: ...

    async def opened(self) -> None:
        """A turn begins: nothing of it has been sent."""
        ...

    async def closed(self, turn: Turn, cut: bool) -> None:
        """A turn is over or cut; sends what ends it."""
        ...

    async def nothing_said(self) -> None:
        """What waited for its turn had nothing to say."""
        ...

    def held(self) -> bool:
        """Whether the caller is speaking or being listened to, so that nothing may begin by itself."""
        ...


class Replies:
    """Who may speak on the model's side."""

    def __init__(self, stage: Stage, spawn: Spawn) -> None:
        self._stage = stage
        self._spawn = spawn
        self._lock = asyncio.Lock()
        self._turn: Turn | None = None
        self._task: asyncio.Task[None] | None = None
        self._ending = False
        self._waiting: deque[Decide] = deque(maxlen=MOST_WAITING)

    @property
    def running(self) -> bool:
        """Whether a turn goes on."""
        return self._task is not None and not self._task.done()

    @property
    def waiting(self) -> int:
        """How much is to be answered or said after the running turn."""
        return len(self._waiting)

    async def answer(self, decide: Decide, *, cuts: bool) -> None:
        """Answer the caller: at once, after a cut of the running turn, or when that and what waits for it is over."""
        async with self._lock:
            if cuts:
                await self._cut()
            elif self.running or self._waiting:
                self._waiting.append(decide)
                if self.running:
                    return
                decide = self._waiting.popleft()  # the turn ended this moment: what came before is first
            await self._begin(decide())

    async def offer(self, decide: Decide, *, cuts: bool = False, over: bool = False) -> None:
        """Say something of one's own accord, once nobody else is speaking; nothing when there is nothing to say.

        Args:
            cuts: the running turn is cut for it.
            over: it may begin while the caller speaks.
        """
        async with self._lock:
            if cuts and (over or not self._stage.held()):
                await self._cut()
            if self.running or (self._stage.held() and not over):
                self._waiting.append(decide)
            elif acts := decide():
                await self._begin(acts)
            else:
                await self._stage.nothing_said()

    async def cut(self) -> None:
        """Stop the running turn: no more of its audio once this returns."""
        async with self._lock:
            await self._cut()

    async def _begin(self, acts: list[Act]) -> None:
        turn = self._stage.make_turn()
        await self._stage.opened()
        rest = await turn.report(acts)  # what the brain has taken in must reach the client, even if the caller goes on
        self._turn, self._ending = turn, False
        self._task = self._spawn(self._deliver(turn, rest))

    async def _deliver(self, turn: Turn, acts: list[Act]) -> None:
        rest = await turn.carry_out(acts)
        self._ending = True  # from here on a cut comes too late: the turn ends as it would have
        if rest:
            self._waiting.appendleft(lambda: rest)
        await self._stage.closed(turn, False)
        if self._waiting:
            self._spawn(self.advance())

    async def advance(self) -> None:
        """Begin what waits, unless somebody speaks."""
        async with self._lock:
            while self._waiting and not self.running and not self._stage.held():
                if acts := self._waiting.popleft()():
                    await self._begin(acts)
            if not self._waiting and not self.running:
                await self._stage.nothing_said()

    async def _cut(self) -> None:
        task, turn = self._task, self._turn
        if task is None or turn is None or task.done():
            return
        if not self._ending:
            task.cancel()
        await asyncio.wait([task])
        if not self._ending:
            await self._stage.closed(turn, True)

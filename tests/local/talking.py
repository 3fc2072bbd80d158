"""A talk without a protocol: what it tells its client, in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from vivavoce.local.calling import Pending
from vivavoce.local.history import History
from vivavoce.local.manner import Manner
from vivavoce.local.meter import Usage
from vivavoce.local.parts import Parts
from vivavoce.local.talk import Talk
from vivavoce.wire.gemini.messages import FunctionDeclaration

from .fakes import INSTANT, LoudDetector, ScriptedEars, ScriptedMind, ToneMouth, TurnedClock

TOOLS = (
    FunctionDeclaration(name="note", behavior="NON_BLOCKING"),
    FunctionDeclaration(name="weather", behavior="BLOCKING"),
)


class RecordingOutlet:
    """Writes down what it is told; sound in a row once, with its length."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.pending: list[Pending] = []
        self.handles: list[str] = []
        self.usages: list[Usage] = []
        self._news = asyncio.Condition()

    async def speech_began(self, at_ms: float) -> None:
        await self._tell(f"speech from {at_ms:g}")

    async def speech_ended(self, at_ms: float) -> None:
        await self._tell(f"speech until {at_ms:g}")

    async def heard(self, text: str, *, last: bool) -> None:
        await self._tell(f"heard {text!r}" + ("" if last else " and more"))

    async def turn_began(self) -> None:
        await self._tell("turn")

    async def thought(self, text: str) -> None:
        await self._tell(f"thought {text!r}")

    async def said(self, text: str) -> None:
        await self._tell(f"said {text!r}")

    async def sound(self, pcm: bytes) -> None:
        if self.told[-1] != "sound":
            await self._tell("sound")

    async def calls(self, pending: Sequence[Pending]) -> None:
        self.pending += pending
        await self._tell("calls " + " ".join(each.call.name for each in pending))

    async def calls_cancelled(self, pending: Sequence[Pending]) -> None:
        await self._tell("cancelled " + " ".join(each.call.name for each in pending))

    async def generated(self) -> None:
        await self._tell("generated")

    async def interrupted(self) -> None:
        await self._tell("interrupted")

    async def turn_ended(self, usage: Usage, *, cut: bool, more: bool) -> None:
        self.usages.append(usage)
        await self._tell("ended" + (", cut" if cut else "") + (", more" if more else ""))

    async def idle(self) -> None:
        await self._tell("idle")

    async def resumable(self, handle: str | None) -> None:
        self.handles += [handle] if handle is not None else []
        await self._tell("resumable" if handle is not None else "not resumable")

    async def _tell(self, what: str) -> None:
        async with self._news:
            self.told.append(what)
            self._news.notify_all()

    async def until(self, wanted: Callable[[list[str]], bool], *, within_s: float = 30.0) -> None:
        """Wait until this holds of what was told."""
        async with asyncio.timeout(within_s), self._news:
            await self._news.wait_for(lambda: wanted(self.told))

    async def turns(self, count: int) -> None:
        await self.until(lambda told: sum(each.startswith("ended") for each in told) >= count)


class Stage:
    """A talk, its client, and what it is made of."""

    def __init__(self, manner: Manner, **changes: Any) -> None:
        self.clock = changes.setdefault("clock", TurnedClock())
        given: dict[str, Any] = {
            "ears": ScriptedEars(),
            "mouth": ToneMouth(),
            "make_mind": ScriptedMind(),
            "make_detector": LoudDetector,
            "history": History(self.clock),
            "tempo": INSTANT,
        }
        self.parts = Parts(**(given | changes))
        self.outlet = RecordingOutlet()
        self.tasks: set[asyncio.Task[None]] = set()
        self.talk = Talk(manner, self.parts, self.outlet, self._spawn)

    @property
    def told(self) -> list[str]:
        return self.outlet.told

    @property
    def mind(self) -> ScriptedMind:
        assert isinstance(self.parts.make_mind, ScriptedMind)
        return self.parts.make_mind

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        return task

    async def close(self) -> None:
        self.talk.close()
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)
        for task in self.tasks:
            if not task.cancelled():
                task.result()


@asynccontextmanager
async def talking(manner: Manner | None = None, **changes: Any) -> AsyncIterator[Stage]:
    """A talk until the block ends; a task of it that failed fails the test."""
    stage = Stage(manner or Manner(tools=TOOLS), **changes)
    try:
        yield stage
    finally:
        await stage.close()

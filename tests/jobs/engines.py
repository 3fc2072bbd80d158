"""An engine that remembers steps in a dictionary, as long as the test lives: workers of one memory share it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from vivavoce.jobs.engine import Body, Engine

JOB: ContextVar[tuple[str, list[int]]] = ContextVar("JOB")


@dataclass
class Memory:
    """What all engines of a test remember: by job, the results of its steps in order."""

    steps: dict[str, list[Any]] = field(default_factory=dict)
    tidied: list[list[str]] = field(default_factory=list)

    async def open(self, body: Body) -> Engine:
        return MemoryEngine(self, body)


class MemoryEngine:
    def __init__(self, memory: Memory, body: Body) -> None:
        self._memory = memory
        self._body = body
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, job_id: str) -> None:
        self._memory.steps.setdefault(job_id, [])
        task = asyncio.create_task(self._carry(job_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, job_id: str) -> None:
        JOB.set((job_id, [0]))
        await self._body(job_id)

    async def step(self, name: str, run: Callable[[], Awaitable[Any]]) -> Any:
        job_id, count = JOB.get()
        remembered = self._memory.steps[job_id]
        count[0] += 1
        if len(remembered) < count[0]:
            remembered.append(await run())
        return remembered[count[0] - 1]

    async def forget(self, job_ids: Collection[str]) -> None:
        for job_id in job_ids:
            self._memory.steps.pop(job_id, None)

    async def remembered(self) -> list[str]:
        return list(self._memory.steps)

    async def tidy(self, workers: Collection[str]) -> None:
        self._memory.tidied.append(sorted(workers))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

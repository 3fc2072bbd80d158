"""What a worker needs of the machinery that remembers steps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any, Protocol, TypeAlias

Body: TypeAlias = Callable[[str], Awaitable[None]]
"""Does the job of an id, from its beginning or again from there; ends when nothing is left to do, and raises
CancelledError when something is.
"""


class Engine(Protocol):
    """Runs bodies and remembers the steps inside them. One process has one. Every method raises StoreError when steps
    cannot be kept.
    """

    async def start(self, job_id: str) -> None:
        """Have the body run for this job, here and soon. When it ran before, in whatever process, the steps it
        finished then are remembered and only their results are given.
        """
        ...

    async def step(self, name: str, run: Callable[[], Awaitable[Any]]) -> Any:
        """Inside a body: the result of a step, run now or remembered. The result is JSON; `run` must not raise."""
        ...

    async def forget(self, job_ids: Collection[str]) -> None:
        """Forget the steps of jobs that are over."""
        ...

    async def remembered(self) -> list[str]:
        """Ids of all jobs whose steps are remembered."""
        ...

    async def tidy(self, workers: Collection[str]) -> None:
        """Remove what workers have left behind that are not among these."""
        ...

    async def close(self) -> None:
        """Stop where the bodies stand. What they have not finished is for others."""
        ...


OpenEngine: TypeAlias = Callable[[Body], Awaitable[Engine]]

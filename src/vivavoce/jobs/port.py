"""What the rest of the house knows of background work: five verbs and what they answer.

Whoever asks for a job needs none of the machinery that does it: `import vivavoce.jobs.port` is cheap.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal, Protocol

import msgspec

JobState = Literal["waiting", "running", "done", "failed", "cancelled"]
OVER = frozenset({"done", "failed", "cancelled"})


class JobStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a job fares. Moments are Unix seconds."""

    id: str
    kind: str
    state: JobState
    progress: float
    """From 0 to 1."""
    result: Any = None
    problem: str = ""
    """One sentence of what went wrong, without anything a caller said."""
    call_id: str | None = None
    cancel_asked: bool = False
    created_at: float
    started_at: float | None = None
    ended_at: float | None = None


class JobEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a job: `state`, `progress`, or a word of its own."""

    seq: int
    at: float
    kind: str
    data: dict[str, Any] = {}


class Jobs(Protocol):
    """Raises StoreError where the database does not answer."""

    async def enqueue(
        self,
        kind: str,
        args: Mapping[str, Any] | None = None,
        *,
        call_id: str | None = None,
        key: str | None = None,
        delay_s: float = 0.0,
    ) -> str:
        """Ask for a job; its id.

        Args:
            args: JSON, small, and never a word a caller said: name rows instead.
            call_id: the call it is about; the job goes when the call is erased.
            key: the job's id. Who asks twice with one key gets one job.
        """
        ...

    async def status(self, job_id: str) -> JobStatus | None: ...

    def events(self, job_id: str, *, after: int = 0) -> AsyncIterator[JobEvent]:
        """What has happened and what goes on to happen, until the job is over."""
        ...

    async def cancel(self, job_id: str) -> bool:
        """Have a job stopped between two steps at the latest; False when there is none or it is over."""
        ...

    async def schedule(self, name: str, kind: str, args: Mapping[str, Any] | None = None, *, every_s: float) -> None:
        """Have a job made again and again under this name; a second call changes it."""
        ...

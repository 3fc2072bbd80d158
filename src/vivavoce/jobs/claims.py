"""What a worker writes into the ledger: which jobs are its own, how far they are, how they ended.

Every write names the worker: one that was taken for dead meanwhile writes nothing any more.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, delete, func, select, update

from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.port import OVER, JobState
from vivavoce.store.models import Job


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is this worker's now."""

    id: str
    kind: str
    args: dict[str, Any]
    call_id: str | None
    claims: int
    """How often it was claimed, this time included; more than once when a worker died over it."""


Standing = Literal["ours", "cancelled", "lost"]


class Claims:
    """The jobs of one worker. Every method raises StoreError when the database does not take it."""

    def __init__(self, ledger: Ledger, worker: str) -> None:
        self.worker = worker
        self._ledger = ledger
        self._database = ledger.database

    def _due(self) -> ColumnElement[bool]:
        return (Job.state == "waiting") & (Job.run_at <= self._ledger.now())

    def _ours(self, job_id: str) -> ColumnElement[bool]:
        return (Job.id == job_id) & (Job.state == "running") & (Job.worker == self.worker)

    async def claim(self, kinds: Collection[str], limit: int) -> list[Claimed]:
        """Take up to `limit` jobs that are due, the longest due first. No two workers get the same one."""
        picked = (
            select(Job.id).where(self._due(), Job.kind.in_(kinds)).order_by(Job.run_at, Job.id).limit(max(0, limit))
        )
        if limit <= 0 or not await self._database.rows(picked.limit(1)):  # a look takes no lock; SQLite has only one
            return []
        # Postgres may run a subquery again for each row, and then takes more than it was asked for; a CTE it runs once
        once = picked.with_for_update(skip_locked=True).cte("picked")
        taken = (
            update(Job)
            .where(Job.id.in_(select(once.c.id)), Job.state == "waiting")
            .values(
                state="running",
                worker=self.worker,
                claims=Job.claims + 1,
                started_at=func.coalesce(Job.started_at, self._ledger.now()),
            )
            .returning(Job.id, Job.kind, Job.args, Job.call_id, Job.claims)
        )
        async with self._database.begin() as connection:
            rows = [dict(row) for row in (await connection.execute(taken)).mappings()]
            await self._ledger.tell(connection, [row["id"] for row in rows], "state", {"state": "running"})
        return msgspec.convert(rows, list[Claimed])

    async def unknown(self, kinds: Collection[str]) -> list[str]:
        """Kinds of jobs that are due and that this worker does not know."""
        query = select(Job.kind).where(self._due(), Job.kind.not_in(kinds)).distinct().order_by(Job.kind)
        return [row["kind"] for row in await self._database.rows(query)]

    async def standing(self, job_id: str) -> Standing:
        """Whether to go on with a job: not when somebody cancelled it, erased its call, or took it over."""
        found = await self._database.rows(select(Job.cancel_asked).where(self._ours(job_id)))
        if not found:
            return "lost"
        return "cancelled" if found[0]["cancel_asked"] else "ours"

    async def progress(self, job_id: str, fraction: float, note: str) -> None:
        async with self._database.begin() as connection:
            changed = update(Job).where(self._ours(job_id)).values(progress=fraction)
            if (await connection.execute(changed)).rowcount:
                data = {"progress": fraction, "note": note}
                await self._ledger.tell(connection, [job_id], "progress", data)

    async def finish(self, job_id: str, state: JobState, *, result: Any = None, problem: str = "") -> None:
        """End a job of ours. Once: a second time changes nothing."""
        values: dict[str, Any] = {"state": state, "problem": problem, "ended_at": self._ledger.now()}
        if state == "done":
            values |= {"progress": 1.0, "result": result}
        async with self._database.begin() as connection:
            if (await connection.execute(update(Job).where(self._ours(job_id)).values(values))).rowcount:
                await self._ledger.tell(connection, [job_id], "state", {"state": state})

    async def hand_back(
        self, job_ids: Collection[str] | None = None, why: str = "its worker was stopped", *, after_s: float = 0.0
    ) -> int:
        """Let go of these jobs of ours, or of all, for others to go on with after some time; how many. It does not
        count as a claim.
        """
        ours = (Job.state == "running") & (Job.worker == self.worker)
        back = (
            update(Job)
            .where(ours if job_ids is None else ours & Job.id.in_(job_ids))
            .values(state="waiting", worker=None, claims=Job.claims - 1, run_at=self._ledger.now() + after_s)
            .returning(Job.id)
        )
        async with self._database.begin() as connection:
            jobs = list((await connection.execute(back)).scalars())
            await self._ledger.tell(connection, jobs, "state", {"state": "waiting", "why": why})
        return len(jobs)

    async def put_back_strays(self, held: Collection[str], *, after_s: float) -> list[str]:
        """Jobs of ours that we do not know of (the database claimed them and the answer was lost) wait again. It counts
        as a claim.

        Args:
            held: those we do know of.
        """
        back = (
            update(Job)
            .where(Job.state == "running", Job.worker == self.worker, Job.id.not_in(held))
            .values(state="waiting", worker=None, run_at=self._ledger.now() + after_s)
            .returning(Job.id)
        )
        async with self._database.begin() as connection:
            jobs = list((await connection.execute(back)).scalars())
            await self._ledger.tell(connection, jobs, "state", {"state": "waiting", "why": "its worker lost it"})
        return jobs

    async def present(self, job_ids: Collection[str]) -> set[str]:
        """Which of these are jobs that are not over."""
        query = select(Job.id).where(Job.id.in_(job_ids), Job.state.not_in(OVER))
        return {row["id"] for row in await self._database.rows(query)}


async def forget_old(ledger: Ledger, *, older_than_s: float) -> int:
    """Delete jobs that were over that long ago, with what happened to them; how many."""
    return await ledger.database.run(delete(Job).where(Job.state.in_(OVER), Job.ended_at < ledger.now() - older_than_s))

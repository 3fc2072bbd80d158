"""Which workers are alive, and what becomes of the jobs of those that are not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, delete, select, union_all, update

from vivavoce.jobs.ledger import Ledger
from vivavoce.store.database import table_of
from vivavoce.store.models import Job, Worker

LEASE_S = 3.0
"""How long a worker is taken for alive after it was last heard: three beats, so that one that comes late, or is held up
by a checkpoint of the database, takes nobody's jobs away. Short, because it is what a person waits for a dead worker's
job. Not tuned.
"""
BEAT_S = 1.0


class Lease:
    """A worker's place among the living. Every method raises StoreError when the database does not take it.

    Args:
        worker: id of the process, never used twice.
        version: of the package, for those who look.
    """

    def __init__(self, ledger: Ledger, worker: str, version: str) -> None:
        self.worker = worker
        self._ledger = ledger
        self._database = ledger.database
        self._version = version

    async def begin(self) -> None:
        now = self._ledger.now()
        row = {"id": self.worker, "version": self._version, "started_at": now, "lease_until": now + LEASE_S}
        await self._database.run(table_of(Worker).insert().values(row))

    async def beat(self) -> bool:
        """Go on living; False when others have taken this worker for dead and its jobs with it."""
        alive = update(Worker).where(Worker.id == self.worker).values(lease_until=self._ledger.now() + LEASE_S)
        return bool(await self._database.run(alive))

    async def reap(self) -> int:
        """Put the jobs of workers whose lease ran out back among those that wait, whoever claims them next; how many.

        The dead are struck off first and in the same transaction: a worker that beats at this very moment either keeps
        its row and its jobs, or finds itself struck off and ends. Whoever asks is alive, even where the clock has leapt
        over its own lease (a machine that slept).
        """
        if not await self._database.rows(self._dead_or_orphaned()):  # a look takes no lock; SQLite has only one
            return 0
        # Rows that somebody holds are left for the next time: a worker that was stopped in the middle of a transaction
        # must not hold up who takes over from others.
        dead_once = self._dead().with_for_update(skip_locked=True).cte("dead")
        orphans_once = _orphans().with_for_update(skip_locked=True).cte("orphans")
        async with self._database.begin() as connection:
            await connection.execute(delete(Worker).where(Worker.id.in_(select(dead_once.c.id))))
            back = (
                update(Job)
                .where(Job.id.in_(select(orphans_once.c.id)), Job.state == "running")
                .values(state="waiting", worker=None)
                .returning(Job.id)
            )
            jobs = list((await connection.execute(back)).scalars())
            await self._ledger.tell(connection, jobs, "state", {"state": "waiting", "why": "its worker died"})
        return len(jobs)

    def _dead_or_orphaned(self) -> Select[Any]:
        return select(union_all(self._dead(), _orphans()).subquery()).limit(1)

    def _dead(self) -> Select[Any]:
        return select(Worker.id).where(Worker.lease_until < self._ledger.now(), Worker.id != self.worker)

    async def known(self) -> list[str]:
        """Workers that nobody has struck off. One that is late is among them: it may only have been cut off."""
        return [row["id"] for row in await self._database.rows(select(Worker.id).order_by(Worker.id))]

    async def end(self) -> None:
        """Leave in order; the jobs were handed back before."""
        await self._database.run(delete(Worker).where(Worker.id == self.worker))


def _orphans() -> Select[Any]:
    return select(Job.id).where(Job.state == "running", Job.worker.not_in(select(Worker.id)))

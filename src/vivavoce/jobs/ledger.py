"""The ledger of jobs: what was asked for and how far it is, for everybody who asks. Workers keep it up to date.

It needs the database and nothing else; the machinery that remembers the steps of a job is the workers' own.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from vivavoce.errors import InputError
from vivavoce.jobs.clock import Clock, clock_of
from vivavoce.jobs.port import OVER, JobEvent, JobState, JobStatus
from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Job, Schedule, Worker
from vivavoce.store.models import JobEvent as Happened

LOOK_EVERY_S = 0.5
"""How often those who watch a job look again: a person does not notice half a second, and twenty watchers cost forty
small queries a second. Not tuned.
"""
ARGS_BYTES = 4096
"""Room for ids and numbers; what is larger lies in rows of its own that the arguments name."""
_ID = re.compile(r"[\w.:-]{1,200}", re.ASCII)


class WorkerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A worker whose lease holds."""

    id: str
    version: str
    started_at: float
    lease_until: float


class Ledger:
    """The five verbs of `jobs.port.Jobs`, and lists for those who look. Every method raises StoreError when the
    database does not take it.

    Args:
        clock: the database's own unless a test turns one.
        pause: waits before a watched job is looked at again.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock | None = None,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.database = database
        self.now = clock or clock_of(database)
        self._pause = pause

    async def enqueue(
        self,
        kind: str,
        args: Mapping[str, Any] | None = None,
        *,
        call_id: str | None = None,
        key: str | None = None,
        delay_s: float = 0.0,
    ) -> str:
        """Ask for a job; its id. See `jobs.port`.

        Raises:
            InputError: a key of other signs than letters, digits and `_.:-`, or arguments beyond 4 KiB of JSON.
            StoreError: there is no such call (RowsRefused), or the database failed.
        """
        given = checked(kind, args)
        job_id = key if key is not None else secrets.token_hex(8)
        if not _ID.fullmatch(job_id):
            raise InputError("want a key of at most 200 letters, digits and _.:-, got something else")
        async with self.database.begin() as connection:
            await self._add(connection, job_id, kind, given, call_id=call_id, run_at=self.now() + max(0.0, delay_s))
        return job_id

    async def _add(
        self,
        connection: AsyncConnection,
        job_id: str,
        kind: str,
        args: dict[str, Any],
        *,
        call_id: str | None,
        run_at: ColumnElement[float],
    ) -> None:
        added = (
            self.database.insert(Job)
            .values(
                id=job_id,
                kind=kind,
                args=args,
                call_id=call_id,
                state="waiting",
                progress=0.0,
                problem="",
                cancel_asked=False,
                claims=0,
                created_at=self.now(),
                run_at=run_at,
            )
            .on_conflict_do_nothing()
        )
        if (await connection.execute(added)).rowcount:
            await self.tell(connection, [job_id], "state", {"state": "waiting"})

    async def tell(self, connection: AsyncConnection, job_ids: list[str], kind: str, data: dict[str, Any]) -> None:
        """Write down for those who watch that something happened. In a transaction that has changed the rows of these
        jobs: it holds them, so that no two events take the same number.
        """
        last = func.coalesce(func.max(Happened.seq), 0)
        for job_id in job_ids:
            seq = select(last + 1).where(Happened.job_id == job_id).scalar_subquery()
            await connection.execute(
                table_of(Happened).insert().values(job_id=job_id, seq=seq, at=self.now(), kind=kind, data=data)
            )

    async def status(self, job_id: str) -> JobStatus | None:
        found = await self.database.rows(select(table_of(Job)).where(Job.id == job_id))
        return msgspec.convert(found[0], JobStatus) if found else None

    async def happened(self, job_id: str, *, after: int = 0, limit: int = 1000) -> list[JobEvent]:
        """What has happened so far since event `after`, the oldest first."""
        query = select(table_of(Happened)).where(Happened.job_id == job_id, Happened.seq > after)
        found = await self.database.rows(query.order_by(Happened.seq).limit(limit))
        return msgspec.convert(found, list[JobEvent])

    async def events(self, job_id: str, *, after: int = 0) -> AsyncIterator[JobEvent]:
        """What has happened since event `after` and what goes on to happen, until the job is over or erased."""
        while True:
            status = await self.status(job_id)  # first, so that events written before the end are not missed
            found = await self.happened(job_id, after=after)
            for event in found:
                after = event.seq
                yield event
            if not found and (status is None or status.state in OVER):
                return
            if not found:
                await self._pause(LOOK_EVERY_S)

    async def cancel(self, job_id: str) -> bool:
        """Have a job stopped: at once while it waits, between two steps when it runs; a step that asks `Job.goes_on`
        begins nothing more meanwhile.
        """
        asked = (
            update(Job)
            .where(Job.id == job_id, Job.state.not_in(OVER))
            .values(
                cancel_asked=True,
                state=case((Job.state == "waiting", "cancelled"), else_=Job.state),
                ended_at=case((Job.state == "waiting", self.now()), else_=Job.ended_at),
            )
            .returning(Job.state)
        )
        async with self.database.begin() as connection:
            state = (await connection.execute(asked)).scalar()
            if state == "cancelled":
                await self.tell(connection, [job_id], "state", {"state": "cancelled"})
        return state is not None

    async def schedule(self, name: str, kind: str, args: Mapping[str, Any] | None = None, *, every_s: float) -> None:
        """Have a job made every `every_s` seconds, the first one now; a second call changes what is made, and how
        often from the next time on.

        Raises:
            InputError: a name or arguments as `enqueue` refuses them, or an interval that is not positive.
        """
        if not _ID.fullmatch(name) or every_s <= 0:
            raise InputError("want a name of at most 180 letters, digits and _.:-, and a positive interval")
        insert = self.database.insert(Schedule).values(
            name=name, kind=kind, args=checked(kind, args), every_s=every_s, next_at=self.now()
        )
        changed = {column: insert.excluded[column] for column in ("kind", "args", "every_s")}
        await self.database.run(insert.on_conflict_do_update(index_elements=["name"], set_=changed))

    async def make_due(self) -> int:
        """Make the jobs of schedules that are due; how many. Of several workers whoever moves `next_at` on makes the
        job. Times that nobody was there for are made up for once, not each.
        """
        made = 0
        query = select(table_of(Schedule), self.now().label("now")).where(Schedule.next_at <= self.now())
        for row in await self.database.rows(query):
            due, every_s = row["next_at"], row["every_s"]
            missed = (row["now"] - due) // every_s
            moved = (
                update(Schedule)
                .where(Schedule.name == row["name"], Schedule.next_at == due)
                .values(next_at=due + (missed + 1) * every_s)
            )
            async with self.database.begin() as connection:
                if (await connection.execute(moved)).rowcount:
                    job_id = f"{row['name']}-{round(due * 1000)}"
                    await self._add(connection, job_id, row["kind"], row["args"], call_id=None, run_at=self.now())
                    made += 1
        return made

    async def workers(self) -> list[WorkerStatus]:
        """Workers that are alive, the oldest first."""
        alive = select(table_of(Worker)).where(Worker.lease_until >= self.now()).order_by(Worker.started_at, Worker.id)
        return msgspec.convert(await self.database.rows(alive), list[WorkerStatus])

    async def list(
        self,
        *,
        state: JobState | None = None,
        kind: str | None = None,
        call_id: str | None = None,
        limit: int = 50,
        after: tuple[float, str] | None = None,
    ) -> list[JobStatus]:
        """Jobs, the newest first.

        Args:
            after: `created_at` and `id` of the last one of the page before.
        """
        query = select(table_of(Job)).order_by(Job.created_at.desc(), Job.id.desc()).limit(limit)
        for column, wanted in ((Job.state, state), (Job.kind, kind), (Job.call_id, call_id)):
            if wanted is not None:
                query = query.where(column == wanted)
        if after is not None:
            at, job_id = after
            query = query.where(or_(Job.created_at < at, and_(Job.created_at == at, Job.id < job_id)))
        return msgspec.convert(await self.database.rows(query), list[JobStatus])


def checked(kind: str, args: Mapping[str, Any] | None) -> dict[str, Any]:
    given = dict(args or {})
    size = len(msgspec.json.encode(given))
    if size > ARGS_BYTES:
        raise InputError(f"want arguments of a job of at most {ARGS_BYTES} bytes of JSON, got {size} for {kind}")
    return given

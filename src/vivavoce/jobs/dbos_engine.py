"""Steps remembered by DBOS, in tables of its own beside ours.

Of DBOS only the durable steps are used: who does which job, who is alive, schedules and what people see is in our
ledger. A job is one workflow whose id is the job's id and whose only argument is that id; its rows are deleted when the
job is over. Importing DBOS takes 1.3 to 2.4 s and 90 MB, so only workers do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID, error
from sqlalchemy import Engine as SqlEngine
from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from vivavoce.errors import StoreError
from vivavoce.jobs.engine import Body
from vivavoce.store.database import set_idle_timeout

SCHEMA = "viva_steps"
"""Where the tables lie in a Postgres database; a SQLite database has a file of its own."""
CONNECTIONS = 4
"""Of one worker: one for each job at a time; waiting for each other costs milliseconds."""
OVER = frozenset({"SUCCESS", "ERROR"})


def steps_url(database_url: str, data_dir: Path | str) -> str:
    """Where steps are remembered: the same Postgres database, or `jobs.db` beside the SQLite file."""
    if not database_url or make_url(database_url).get_backend_name() == "sqlite":
        return f"sqlite:///{Path(data_dir) / 'jobs.db'}"
    return psycopg_url(make_url(database_url)).render_as_string(hide_password=False)


def psycopg_url(url: URL) -> URL:
    """The same server for psycopg, which DBOS speaks. asyncpg spells `sslmode` as `ssl`, and its cache is its own."""
    query = {"sslmode" if name == "ssl" else name: value for name, value in url.query.items()}
    query.pop("prepared_statement_cache_size", None)
    return url.set(drivername="postgresql+psycopg", query=query)


class DbosEngine:
    """A `jobs.engine.Engine`. There is one in a process."""

    def __init__(self, sql: SqlEngine, body: Body, worker: str, version: str) -> None:
        self._sql = sql
        self._worker = worker
        self._version = version
        self._bodies: dict[str, asyncio.Task[Any]] = {}
        """By job: the task that is over when DBOS, too, has written down that it is."""
        self._listens = False

        async def job(job_id: str) -> None:
            task = asyncio.current_task()
            assert task is not None, "a body runs in a task"
            self._bodies[job_id] = task
            task.add_done_callback(lambda task: self._ended(job_id, task))
            await body(job_id)

        self._job = DBOS.workflow(name="job")(job)

    def _ended(self, job_id: str, task: asyncio.Task[Any]) -> None:
        if self._bodies.get(job_id) is task:
            del self._bodies[job_id]

    @classmethod
    async def open(cls, url: str, body: Body, *, worker: str, version: str) -> DbosEngine:
        """Open or make the tables. It holds the loop up for a moment: DBOS must be started on the loop whose bodies it
        is to run.

        Args:
            worker: id of this process, never used twice: DBOS takes a second process of the same id for the same.
            version: steps remembered under another one are not used; their jobs begin again.
        Raises:
            StoreError: the database does not answer, or holds tables of a newer version.
        """
        _log_through_ours()
        sql = _open_sql(url)
        config: DBOSConfig = {
            "name": "vivavoce",
            "system_database_engine": sql,
            "system_database_url": url,
            "dbos_system_schema": SCHEMA,
            "serializer": DBOSPortableJSONSerializer(),  # the default is pickle: writing rows would be running code
            "application_version": version,
            "executor_id": worker,
            "use_listen_notify": False,  # nothing of ours waits for a notification
            "scheduler_polling_interval_sec": 3600.0,
            "max_executor_threads": 4 * CONNECTIONS,
            "enable_otlp": False,
            "log_level": "ERROR",  # of what it warns our own log speaks: outages, and bodies that were left
        }
        try:
            with _translated():
                DBOS(config=config)
                DBOS.listen_queues([worker])
                engine = cls(sql, body, worker, version)
                DBOS.launch()
        except BaseException:
            DBOS.destroy(destroy_registry=True)
            sql.dispose()
            raise
        return engine

    async def start(self, job_id: str) -> None:
        """
        Raises:
            StoreError: as of the whole class, the tables cannot be read or written.
        """
        with _translated():
            found = await DBOS.list_workflows_async(workflow_ids=[job_id], load_input=False, load_output=False)
            if found and (found[0].status in OVER or found[0].app_version != self._version):
                await DBOS.delete_workflows_async([job_id])
                found = []
            if not found:
                with SetWorkflowID(job_id):
                    await DBOS.start_workflow_async(self._job, job_id)
                return
            if not self._listens:
                # A queue that only this process listens to: whoever claimed the job shall do it.
                await DBOS.register_queue_async(self._worker, polling_interval_sec=0.5)
                self._listens = True
            await DBOS.resume_workflows_async([job_id], queue_name=self._worker)

    async def step(self, name: str, run: Callable[[], Awaitable[Any]]) -> Any:
        async def step() -> Any:
            return await run()

        with _translated():
            return await DBOS.run_step_async({"name": name}, step)

    async def forget(self, job_ids: Collection[str]) -> None:
        # DBOS is about to write how they ended: without their rows it would take that for somebody else's work
        if ending := [self._bodies[job_id] for job_id in job_ids if job_id in self._bodies]:
            await asyncio.wait(ending)
        with _translated():
            await DBOS.delete_workflows_async(list(job_ids))

    async def remembered(self) -> list[str]:
        with _translated():
            found = await DBOS.list_workflows_async(load_input=False, load_output=False)
        return [workflow.workflow_id for workflow in found]

    async def tidy(self, workers: Collection[str]) -> None:
        with _translated():
            for queue in await DBOS.list_queues_async():
                if queue.name not in workers and not queue.name.startswith("_"):
                    await DBOS.delete_queue_async(queue.name)

    async def close(self) -> None:
        bodies = list(self._bodies.values())
        for task in bodies:
            task.cancel()
        await asyncio.gather(*bodies, return_exceptions=True)
        try:
            if self._listens:
                with suppress(StoreError), _translated():  # what is left, the `tidy` of another removes
                    await DBOS.delete_queue_async(self._worker)
        finally:
            DBOS.destroy(destroy_registry=True)
            self._sql.dispose()


def _open_sql(url: str) -> SqlEngine:
    if not url.startswith("sqlite"):
        sql = create_engine(url, pool_size=CONNECTIONS, max_overflow=CONNECTIONS, pool_pre_ping=True)
        event.listen(sql, "connect", set_idle_timeout)
        return sql
    sql = create_engine(url)

    @event.listens_for(sql, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"  # as DBOS sets up engines of its own: writers queue up at BEGIN
        connection.execute("PRAGMA busy_timeout=30000")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "PRAGMA synchronous=NORMAL"
        )  # a crash of the process loses nothing; no commit waits for fsync
        connection.execute("PRAGMA foreign_keys=ON")

    return sql


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, error.DBOSException, OSError) as problem:
        raise StoreError(f"the steps of jobs cannot be kept: {type(problem).__name__}") from None


def _log_through_ours() -> None:
    """Lines of DBOS go the way of all libraries; it sets up one of its own where there is none."""
    logging.getLogger("dbos").addHandler(logging.NullHandler())

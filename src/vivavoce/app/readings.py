"""What stands when somebody asks for the metrics: queues, pools, disk, jobs; and how late the loop wakes up."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.pool import QueuePool

from vivavoce.app.desk import Desk
from vivavoce.app.metrics import Metrics
from vivavoce.errors import StoreError
from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Delivery, Job, Worker
from vivavoce.store.writer import EventWriter

KEEP_S = 5.0
"""Counting rows costs the database; who asks again within this time gets the same count. Scrapers ask every 15 s."""
ANSWER_WITHIN_S = 2.0
"""A database that takes longer counts as away: a scraper gives up after ten, and the rest of the metrics must come."""
TICK_S = 0.25
"""Four timers a second cost 0.01 % of a core and see any stall that a caller would hear."""


class Readings:
    """
    Args:
        clock: monotonic seconds; `now` Unix seconds.
    """

    def __init__(
        self,
        metrics: Metrics,
        desk: Desk,
        database: Database,
        writer: EventWriter,
        data_dir: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._metrics = metrics
        self._desk = desk
        self._database = database
        self._writer = writer
        self._data_dir = data_dir
        self._clock = clock
        self._now = now
        self._dropped = 0
        self._counted_at: float | None = None
        self._counting = asyncio.Lock()

    async def take(self) -> None:
        """Bring everything that stands up to date. Never raises for what does not answer: its series are missing."""
        metrics, writer = self._metrics, self._writer
        metrics.live.set(self._desk.calls)
        metrics.limit.set(self._desk.settings.max_calls)
        metrics.waiting.set(writer.waiting)
        metrics.behind.set(writer.lag_s)
        metrics.failing.set(writer.failing)
        metrics.dropped.inc(writer.dropped - self._dropped)
        self._dropped = writer.dropped
        with suppress(OSError):
            metrics.disk.set(await asyncio.to_thread(lambda: shutil.disk_usage(self._data_dir).free))
        pool = self._database.engine.pool
        if isinstance(pool, QueuePool):
            metrics.pool.labels("used").set(pool.checkedout())
            metrics.pool.labels("idle").set(pool.checkedin())
        async with self._counting:
            if self._counted_at is None or self._clock() - self._counted_at >= KEEP_S:
                await self._count()
                self._counted_at = self._clock()

    async def _count(self) -> None:
        metrics, now = self._metrics, self._now()
        for gauge in (metrics.jobs, metrics.deliveries):
            gauge.clear()
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                for row in await self._database.rows(_by_state(Job)):
                    metrics.jobs.labels(row["state"]).set(row["count"])
                for row in await self._database.rows(_by_state(Delivery)):
                    metrics.deliveries.labels(row["state"]).set(row["count"])
                due = select(func.min(table_of(Job).c.run_at).label("since")).where(Job.state == "waiting")
                since = (await self._database.rows(due))[0]["since"]
                metrics.oldest_job.set(max(0.0, now - since) if since is not None else 0.0)
                alive = select(func.count().label("count")).select_from(Worker).where(Worker.lease_until > now)
                metrics.workers.set((await self._database.rows(alive))[0]["count"])
        except (StoreError, TimeoutError):
            metrics.database.set(0)
        else:
            metrics.database.set(1)


def _by_state(model: type[Job] | type[Delivery]) -> Select[Any]:
    columns: list[Any] = [model.state.label("state"), func.count().label("count")]
    return select(*columns).group_by(model.state)


@asynccontextmanager
async def loop_lag(metrics: Metrics) -> AsyncIterator[None]:
    """Measure how late the loop wakes up, for as long as this is open."""
    loop = asyncio.get_running_loop()

    timer: asyncio.TimerHandle

    def tick(due: float | None) -> None:
        nonlocal timer
        now = loop.time()
        if due is not None:
            metrics.lag.observe(max(0.0, now - due))
        timer = loop.call_at(now + TICK_S, tick, now + TICK_S)

    tick(None)
    try:
        yield
    finally:
        timer.cancel()

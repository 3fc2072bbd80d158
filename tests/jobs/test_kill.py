"""Real worker processes that are killed, stopped and cut off: no step is lost, none that ended is done twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.jobs.program import STEPS
from tests.postgres import Cluster
from vivavoce.errors import StoreError
from vivavoce.jobs.ledger import Ledger
from vivavoce.store import migrate
from vivavoce.store.store import Store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
WITHIN_S = 90.0
"""For anything: on a busy machine a worker takes ten seconds to start."""


class Yard:
    """A ledger, worker processes, and what they write down."""

    def __init__(self, url: str, folder: Path, store: Store) -> None:
        self.ledger = Ledger(store.database)
        self.folder = folder
        self._url = url
        self._processes: list[subprocess.Popen[bytes]] = []
        (folder / "steps").touch()

    def start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.jobs.program", self._url, str(self.folder)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
        self._processes.append(process)
        return process

    def steps(self) -> list[tuple[str, str, str, int]]:
        """Job, step, `begun` or `ended`, and the process, in order."""
        lines = [line.split() for line in (self.folder / "steps").read_text().splitlines()]
        return [(job, name, what, int(pid)) for job, name, what, pid in lines]

    def begun(self, name: str) -> dict[str, int]:
        """By job: the process that began this step last."""
        return {job: pid for job, step, what, pid in self.steps() if (step, what) == (name, "begun")}

    def open_gate(self) -> None:
        (self.folder / "gate").touch()

    async def until(self, condition: Callable[[], object]) -> None:
        try:
            async with asyncio.timeout(WITHIN_S):
                while not condition():  # noqa: ASYNC110  other processes make it true
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{self.steps()}\n{(self.folder / 'log').read_text()}") from None

    async def all_done(self) -> None:
        states: list[str] = []
        try:
            async with asyncio.timeout(WITHIN_S):
                while not states or set(states) != {"done"}:
                    with contextlib.suppress(StoreError):
                        states = [job.state for job in await self.ledger.list()]
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{states} {self.steps()}\n{(self.folder / 'log').read_text()}") from None

    async def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@asynccontextmanager
async def yard_of(url: str, folder: Path) -> AsyncIterator[Yard]:
    store = await Store.open(url)
    yard = Yard(url, folder, store)
    try:
        yield yard
    finally:
        await yard.close()
        await store.close()


async def test_a_killed_worker_is_started_again(tmp_path: Path) -> None:
    """SQLite, one worker."""
    async with yard_of(f"sqlite:///{tmp_path / 'viva.db'}", tmp_path) as yard:
        await yard.ledger.enqueue("steps", {"gated": "two"}, key="j")
        first = yard.start()
        await yard.until(lambda: yard.begun("two"))
        first.kill()
        first.wait()
        second = yard.start()
        await yard.until(lambda: yard.begun("two")["j"] == second.pid)
        yard.open_gate()
        await yard.all_done()
        assert yard.steps() == [
            ("j", "one", "begun", first.pid),
            ("j", "one", "ended", first.pid),
            ("j", "two", "begun", first.pid),
            ("j", "two", "begun", second.pid),  # it was under way
            ("j", "two", "ended", second.pid),
            ("j", "three", "begun", second.pid),
            ("j", "three", "ended", second.pid),
        ]
        status = await yard.ledger.status("j")
        assert status is not None
        assert status.result == [first.pid, second.pid, second.pid]
        second.terminate()
        assert await asyncio.to_thread(second.wait, WITHIN_S) == 0
        assert await yard.ledger.workers() == []


async def test_of_three_workers_one_is_killed_and_one_stopped(postgres_url: str, tmp_path: Path) -> None:
    """Postgres. The third does the rest; the stopped one, when it comes back, finds itself taken for dead and ends."""
    async with yard_of(postgres_url, tmp_path) as yard:
        workers = [yard.start() for _ in range(3)]
        by_pid = {worker.pid: worker for worker in workers}
        jobs = [await yard.ledger.enqueue("steps", {"gated": "two"}) for _ in range(6)]
        await yard.until(lambda: len(yard.begun("two")) == 6)
        first_at = yard.begun("two")
        assert Counter(first_at.values()) == dict.fromkeys(by_pid, 2)  # two each: nobody took more
        killed, stopped, heir = workers
        killed.kill()
        os.kill(stopped.pid, signal.SIGSTOP)
        # the heir has two jobs in its hands and room for no more: it goes on when the gate opens
        yard.open_gate()
        await yard.all_done()
        os.kill(stopped.pid, signal.SIGCONT)
        assert await asyncio.to_thread(stopped.wait, WITHIN_S) != 0
        for job in jobs:
            ended = {
                step: [pid for each, name, what, pid in yard.steps() if (each, name, what) == (job, step, "ended")]
                for step in STEPS
            }
            assert ended["one"] == [first_at[job]]  # what had ended before was never done again
            # the stopped one may have ended the step it was in; what it had begun is all it did
            assert [pid for pid in ended["two"] if pid != stopped.pid] == [heir.pid]
            assert ended["three"] == [heir.pid]


async def test_a_database_that_was_away(cluster: Cluster, tmp_path: Path) -> None:
    """Postgres is stopped while a step runs, and started again: the worker goes on, and nobody takes it for dead."""
    with cluster.database(migrated=False) as url:
        await migrate(url)
        async with yard_of(url, tmp_path) as yard:
            worker = yard.start()
            await yard.ledger.enqueue("steps", {"gated": "two"}, key="j")
            await yard.until(lambda: yard.begun("two"))
            await asyncio.to_thread(cluster.stop)
            await yard.until(lambda: "does not answer" in (tmp_path / "log").read_text())
            yard.open_gate()
            await yard.until(lambda: len(yard.steps()) == 4)
            await asyncio.to_thread(cluster.start)
            await yard.all_done()
            assert [(step, what) for _, step, what, _ in yard.steps()] == [
                (step, what) for step in STEPS for what in ("begun", "ended")
            ]
            assert worker.poll() is None

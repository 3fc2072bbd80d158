"""Steps that DBOS remembers, from one engine to the next, on SQLite; `test_kill` does it on Postgres."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from vivavoce.errors import StoreError
from vivavoce.jobs.dbos_engine import DbosEngine, psycopg_url, steps_url


class Bench:
    """Engines one after the other on one file, and a body of two steps, the second behind a gate."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "jobs.db"
        self.url = steps_url("", folder)
        self.ran: list[str] = []
        self.results: list[list[Any]] = []
        self.gate = asyncio.Event()
        self.engine: DbosEngine

    @asynccontextmanager
    async def open(self, worker: str, version: str = "1") -> AsyncIterator[DbosEngine]:
        self.engine = await DbosEngine.open(self.url, self.body, worker=worker, version=version)
        try:
            yield self.engine
        finally:
            await self.engine.close()

    async def body(self, job_id: str) -> None:
        self.results.append([await self.engine.step(name, self.step(name)) for name in ("one", "two")])

    def step(self, name: str) -> Callable[[], Any]:
        async def run() -> dict[str, str]:
            self.ran.append(name)
            if name == "two":
                await self.gate.wait()
            return {"step": name}

        return run

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110  threads of DBOS make it true
                await asyncio.sleep(0.01)

    def rows(self, query: str) -> list[Any]:
        connection = sqlite3.connect(self.file)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.slow
async def test_steps_are_remembered_by_the_next_engine(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    async with bench.open("a") as engine:
        await engine.start("j")
        await bench.until(lambda: bench.ran == ["one", "two"])
    assert bench.results == []
    bench.gate.set()
    async with bench.open("b") as engine:
        await engine.start("j")
        await bench.until(lambda: bench.results)
        assert bench.ran == ["one", "two", "two"]
        assert bench.results == [[{"step": "one"}, {"step": "two"}]]
        assert await engine.remembered() == ["j"]
        # nothing but the id, and nothing that would be run when it is read
        assert "portable_json" in str(bench.rows("SELECT serialization FROM workflow_status"))
        assert bench.rows("SELECT inputs FROM workflow_input") == [('{"namedArgs":{},"positionalArgs":["j"]}',)]
        await engine.tidy(["b"])
        await engine.forget(["j"])  # at once: DBOS may not have written down the end
        assert not [record for record in caplog.records if record.levelname == "ERROR"]
        assert bench.rows("SELECT * FROM operation_outputs") == bench.rows("SELECT * FROM workflow_status") == []
    assert bench.rows("SELECT name FROM queues") == []
    assert bench.rows("PRAGMA journal_mode") == [("wal",)]


@pytest.mark.slow
async def test_steps_of_another_version_are_not_used(bench: Bench) -> None:
    async with bench.open("a", version="1") as engine:
        await engine.start("j")
        await bench.until(lambda: bench.ran == ["one", "two"])
    bench.gate.set()
    async with bench.open("b", version="2") as engine:
        await engine.start("j")
        await bench.until(lambda: bench.results)
    assert bench.ran == ["one", "two", "one", "two"]


@pytest.mark.slow
async def test_it_closes_whatever_the_database_says(bench: Bench) -> None:
    async with bench.open("a") as engine:
        await engine.start("j")
        await bench.until(lambda: bench.ran == ["one", "two"])
    async with bench.open("b") as engine:
        await engine.start("j")
        await bench.until(lambda: bench.ran == ["one", "two", "two"])
        holder = sqlite3.connect(bench.file)
        holder.execute("DROP TABLE queues")  # it is left with what its last words are about
        holder.close()
    async with bench.open("c") as engine:  # a process has one at a time: the one before is gone
        assert await engine.remembered() == ["j"]


@pytest.mark.slow
async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").write_bytes(b"rubbish" * 1000)

    async def body(_job: str) -> None: ...

    with pytest.raises(StoreError, match="steps of jobs cannot be kept"):
        await DbosEngine.open(steps_url("", tmp_path), body, worker="a", version="1")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "sqlite:////d/jobs.db"),
        ("sqlite+aiosqlite:////elsewhere/viva.db", "sqlite:////d/jobs.db"),
        ("postgresql+asyncpg://u:p%40ss@h:5432/viva", "postgresql+psycopg://u:p%40ss@h:5432/viva"),
        ("postgres://h/viva?ssl=require", "postgresql+psycopg://h/viva?sslmode=require"),
    ],
)
def test_where_steps_lie(url: str, expected: str) -> None:
    assert steps_url(url, "/d") == expected


def test_options_that_only_asyncpg_knows_are_left_out() -> None:
    url = make_url("postgresql+asyncpg://h/viva?prepared_statement_cache_size=0&sslmode=require")
    assert psycopg_url(url).query == {"sslmode": "require"}

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.postgres import Postgres
from vivavoce.errors import InputError, StoreError
from vivavoce.store import Store, migrate, schema
from vivavoce.store.database import open_engine
from vivavoce.store.models import Base

CALL = {
    "id": "one", "agent_name": "demo", "agent_source": "name: demo\n", "spec_hash": "ab", "code_version": "0.1",
    "settings": {"gate": "duplex"}, "state": "ended", "started_at": 1.5, "ended_at": 9.5, "end_reason": "done",
    "consent": {}, "engines": {"ears": "none"}, "epoch": 0, "owner": None, "lease_until": None,
}  # fmt: skip
OF_CALL = {
    "events": {"call_id": "one", "seq": 1, "at_s": 0.5, "event": "{}", "effects": "[]"},
    "turns": {
        "call_id": "one", "turn": 1, "who": "alex", "start_ms": 0, "end_ms": 9, "text": "so", "complete": True,
    },
    "facts": {
        "call_id": "one", "field": "pain", "objective": "o", "state": "answered", "value": {"low": 1}, "source": "s",
        "evidence": [], "updated_seq": 1,
    },
    "recordings": {
        "call_id": "one", "track": "caller", "rate_hz": 16_000, "samples": 9, "path": "p", "complete": True,
        "reason": None,
    },
    "tickets": {"hash": "h", "call_id": "one", "expires_at": 9.0, "used_at": None},
}  # fmt: skip

OF_CORPUS: dict[str, dict[str, Any]] = {
    "corpora": {"name": "invoicing", "made_at": 1.0},
    "harvests": {
        "id": "h", "corpus": "invoicing", "source": "calls", "query": "", "most": 9, "state": "open", "job": "j",
        "cursor": "c", "pages": 1, "kept": 1, "known": 0, "left_out": {"empty": 1}, "total": 2, "problem": "",
        "began_at": 1.0, "ended_at": None,
    },
    "insights": {
        "corpus": "invoicing", "id": "i", "source": "calls", "ref": "one/1", "text": "so", "url": "", "said_at": 1.0,
        "group": "one", "title": "", "lang": "en", "rating": None, "person": "", "tags": ["a"], "licence": "",
        "collected_at": 1.0, "same_as": None, "harvest_id": "h", "call_id": "one",
    },
    "readings": {
        "corpus": "invoicing", "insight": "i", "niche": "none", "niche_sure": 0.0, "kind": None, "kind_sure": 0.0,
        "sentiment": None, "flags": [],
    },
    "panels": {"id": "p", "corpus": "invoicing", "made_at": 1.0, "spec": {}, "body": "{}"},
    "panel_calls": {"panel_id": "p", "call_id": "one"},
}  # fmt: skip
OF_PANEL: dict[str, Any] = {
    "id": "s", "panel_id": "p", "name": "", "key": "k", "spec": "{}", "seed": 2**40, "respondents": ["reasoner"],
    "embedder": "minilm", "state": "open", "wanted": 1, "asked": 1, "abstained": 0, "usage": {}, "problem": "",
    "made_at": 1.0,
}  # fmt: skip
OF_STUDY: dict[str, dict[str, Any]] = {
    "surveys": {
        "id": "v", "study_id": "s", "name": "", "form": "{}", "prediction": "{}", "links": 1, "quota": 9, "until": None,
        "opened_at": 1.0, "closed_at": None, "erase_at": 9.0, "begun": 1, "answered": 1,
    },
    "survey_calls": {"survey_id": "v", "call_id": "one"},
    "survey_links": {"hash": "h", "survey_id": "v", "used": True},
    "survey_answers": {
        "survey_id": "v", "number": 1, "receipt": "r", "answered_at": 1.0, "took_s": 9.5, "flags": ["late"],
        "suspect": False, "body": "{}",
    },
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'viva.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        with server.database(migrated=False) as url:
            yield url


@pytest.fixture
async def engine(empty_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(empty_url)
    yield engine
    await engine.dispose()


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    found: list[object] = compare_metadata(context, Base.metadata)
    return found


def reflected(connection: Connection) -> MetaData:
    metadata = MetaData()
    metadata.reflect(connection)
    return metadata


async def tables_of(engine: AsyncEngine) -> dict[str, Table]:
    async with engine.connect() as connection:
        return dict((await connection.run_sync(reflected)).tables)


async def test_models_and_migrations_agree(engine: AsyncEngine) -> None:
    await schema.migrate(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_comparison_sees_a_difference(engine: AsyncEngine) -> None:
    await schema.migrate(engine)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE turns ADD COLUMN mood TEXT")
        assert await connection.run_sync(differences)


async def test_rows_survive_the_way_up_and_down_and_up(engine: AsyncEngine) -> None:
    """With rows in every table of every revision, for each step between two of them."""
    await schema.migrate(engine, "0001")
    tables = await tables_of(engine)
    async with engine.begin() as connection:
        for name, row in {"calls": CALL, **OF_CALL}.items():
            await connection.execute(insert(tables[name]).values(row))
    steps = (
        "0001",
        "0002",
        "0001",
        "0002",
        "0003",
        "0002",
        "0003",
        "0004",
        "0003",
        "0004",
        "0005",
        "0004",
        "0005",
        "0006",
        "0005",
        "0006",
        "0007",
        "0006",
        "0007",
    )
    for came, to in itertools.pairwise(steps):
        await schema.migrate(engine, to)
        tables = await tables_of(engine)
        async with engine.connect() as connection:
            assert await connection.run_sync(schema.current) == to
            for name, row in {"calls": CALL, **OF_CALL}.items():
                (found,) = (await connection.execute(select(tables[name]))).mappings()
                assert {column: found[column] for column in row} == row, name
                if name == "calls":
                    assert {value for column, value in found.items() if column not in row} <= {None}
        if to != "0001":
            async with engine.begin() as connection:
                person = {"id": "p", "ref_hash": "h", "ref_sealed": b"s", "created_at": 1.0}
                await connection.execute(insert(tables["people"]).values(person))
                await connection.execute(tables["calls"].update().values(person_id="p", usage={"audio": 1}))
                await connection.execute(tables["people"].delete())
                assert (await connection.execute(select(tables["calls"].c.person_id))).scalar() is None
                await connection.execute(tables["calls"].update().values(usage=None))
        if (came, to) == ("0003", "0004"):
            async with engine.begin() as connection:
                for name, row in OF_CORPUS.items():
                    await connection.execute(insert(tables[name]).values(row))
        if (came, to) == ("0005", "0006"):
            async with engine.begin() as connection:
                await connection.execute(insert(tables["studies"]).values(OF_PANEL))
                ballot = {"study_id": "s", "number": 0, "part": "main", "respondent": "r", "persona": "p01"}
                await connection.execute(insert(tables["ballots"]).values(abstains="", body="{}", **ballot))
        if to == "0007":
            async with engine.begin() as connection:
                (found,) = (await connection.execute(select(tables["studies"]))).mappings()
                assert {column: found[column] for column in OF_PANEL} == OF_PANEL
                for name, row in OF_STUDY.items():
                    await connection.execute(insert(tables[name]).values(row))
        if (came, to) == ("0004", "0005"):
            async with engine.begin() as connection:
                (found,) = (await connection.execute(select(tables["panels"]))).mappings()
                assert dict(found) == OF_CORPUS["panels"]
                answer = {"panel_id": "p", "key": "k", "persona": "p01", "respondent": "r", "body": "{}"}
                await connection.execute(insert(tables["answers"]).values(made_at=1.0, **answer))
        if (came, to) == ("0002", "0003"):
            async with engine.begin() as connection:
                handle = {"call_id": "one", "number": 1, "sealed": b"s", "at": 2**40}
                await connection.execute(insert(tables["handles"]).values(handle))
                await connection.execute(insert(tables["returns"]).values(call_id="one", hash="h"))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        for name in OF_CALL:  # the foreign keys hold as before
            assert [key.column.table.name for key in tables[name].foreign_keys] == ["calls"]


async def test_what_an_older_version_left_live_is_given_a_lease(engine: AsyncEngine) -> None:
    """Without one nobody would ever file it."""
    await schema.migrate(engine, "0002")
    tables = await tables_of(engine)
    async with engine.begin() as connection:
        for state in ("booked", "live", "ended"):
            await connection.execute(insert(tables["calls"]).values(CALL | {"id": state, "state": state}))
    await schema.migrate(engine)
    async with engine.connect() as connection:
        query = select(tables["calls"].c.id, tables["calls"].c.lease_until)
        leases = {row.id: row.lease_until for row in await connection.execute(query)}
    assert leases == {"booked": None, "live": CALL["started_at"] + 26 * 3_600, "ended": None}  # type: ignore[operator]


async def test_what_an_older_version_left_is_brought_up_when_it_is_opened(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'viva.db'}")
    await schema.migrate(engine, "0001")
    tables = await tables_of(engine)
    async with engine.begin() as connection:
        for name, row in {"calls": CALL, **OF_CALL}.items():
            await connection.execute(insert(tables[name]).values(row))
    await engine.dispose()
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    assert [event.seq for event in await store.events("one")] == [1]
    call = await store.call("one")
    assert call is not None
    assert (call.settings, call.usage, call.person_id) == ({"gate": "duplex"}, None, None)
    await store.close()


async def test_settings_of_a_file_are_ours(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'viva.db'}")
    await schema.migrate(engine)
    async with engine.connect() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar() for name in names]
    assert found == ["wal", 1, 1, 5_000]
    await engine.dispose()


async def test_many_who_migrate_at_once_wait_for_each_other(empty_url: str) -> None:
    await asyncio.gather(*(migrate(empty_url) for _ in range(4)))
    stores = await asyncio.gather(*(Store.open(empty_url) for _ in range(4)))
    for store in stores:
        await store.close()


async def test_a_database_of_a_newer_version_is_left_alone(empty_url: str, engine: AsyncEngine) -> None:
    await schema.migrate(engine)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"got 9999: a newer version wrote it"):
        await migrate(empty_url)
    with pytest.raises(StoreError, match="got 9999"):
        await Store.open(empty_url)


async def test_a_revision_that_is_none_is_refused(empty_url: str) -> None:
    with pytest.raises(InputError, match=r"want a revision of 0001, 0002.*, got 'yesterday'"):
        await migrate(empty_url, to="yesterday")


async def test_a_schema_that_is_only_expected_is_not_made(engine: AsyncEngine) -> None:
    with pytest.raises(StoreError, match=r"got an empty one; run viva migrate"):
        await schema.expect_head(engine)
    await schema.migrate(engine)
    await schema.expect_head(engine)


async def test_a_migration_that_fails_leaves_nothing_behind(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = schema.move

    def half(connection: Connection, to: str | None = None) -> None:
        move(connection, to)
        raise StoreError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "move", half)
        with pytest.raises(StoreError, match="cut off"):
            await schema.migrate(engine)
    assert await tables_of(engine) == {}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_migrations_can_be_read_as_sql(dialect: str) -> None:
    sql = schema.as_sql(dialect)
    tables = [table for table in Base.metadata.sorted_tables if (dialect, table.name) != ("sqlite", "calls")]
    assert all(f"CREATE TABLE {table.name} " in sql for table in tables)


async def test_the_sql_for_sqlite_makes_what_the_models_say(tmp_path: Path) -> None:
    sql = schema.as_sql("sqlite")
    # with foreign keys on, a table that is copied would take along what hangs off it
    assert sql.startswith("PRAGMA foreign_keys=OFF;")
    assert sql.endswith("PRAGMA foreign_keys=ON;\n")
    with contextlib.closing(sqlite3.connect(tmp_path / "viva.db")) as connection:
        connection.executescript(sql)
    engine = open_engine(f"sqlite:///{tmp_path / 'viva.db'}")
    await schema.expect_head(engine)
    async with engine.connect() as found:
        assert await found.run_sync(differences) == []
    await engine.dispose()

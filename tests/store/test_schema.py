from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from vivavoce.errors import StoreError
from vivavoce.store import Store, schema
from vivavoce.store.database import open_engine
from vivavoce.store.models import Base


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    found: list[object] = compare_metadata(context, Base.metadata)
    return found


async def test_models_and_migrations_agree(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'viva.db'}")
    await schema.migrate(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_the_comparison_sees_a_difference(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'viva.db'}")
    await schema.migrate(engine)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE turns ADD COLUMN mood TEXT")
        assert await connection.run_sync(differences)
    await engine.dispose()


async def test_settings_of_a_file_are_ours(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'viva.db'}")
    await schema.migrate(engine)
    async with engine.connect() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar() for name in names]
    assert found == ["wal", 1, 1, 5_000]
    await engine.dispose()


async def test_many_who_open_a_new_file_at_once_wait_for_each_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'viva.db'}"
    stores = await asyncio.gather(*(Store.open(url) for _ in range(4)))
    for store in stores:
        await store.close()


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'viva.db'}"
    await (await Store.open(url)).close()
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    await engine.dispose()
    with pytest.raises(StoreError, match=r"got 9999: a newer version wrote it"):
        await Store.open(url)


async def test_a_schema_that_is_only_expected_is_not_made(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'viva.db'}")
    with pytest.raises(StoreError, match=r"got an empty one; run vivavoce\.store\.migrate"):
        await schema.expect_head(engine)
    await schema.migrate(engine)
    await schema.expect_head(engine)
    await engine.dispose()


async def test_an_upgrade_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'viva.db'}")
    upgrade = schema.upgrade

    def half(connection: Connection) -> None:
        upgrade(connection)
        raise StoreError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "upgrade", half)
        with pytest.raises(StoreError, match="cut off"):
            await schema.migrate(engine)
    async with engine.connect() as connection:
        tables = (await connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
    assert tables == []
    await engine.dispose()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_migrations_can_be_read_as_sql(dialect: str) -> None:
    sql = schema.as_sql(dialect)
    assert all(f"CREATE TABLE {table.name} " in sql for table in Base.metadata.sorted_tables)

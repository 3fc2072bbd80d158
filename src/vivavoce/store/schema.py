"""Bring a database to the schema this code expects, or say that it is not there.

SQLite is brought up by itself when it is opened; Postgres only when asked (`migrate`), for a database shared by
replicas is changed by a person at a moment of their choosing.
"""

from __future__ import annotations

import asyncio
from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vivavoce.errors import InputError, StoreError
from vivavoce.store.database import probe


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def head() -> str:
    """The revision this code expects."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found is not None, "the package holds at least one migration"
    return found


def current(connection: Connection) -> str | None:
    """The revision a database stands at; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def revisions() -> list[str]:
    """Every revision this code knows, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def move(connection: Connection, to: str | None = None) -> None:
    """Run what lies between the database and a revision, up or down, inside the transaction of `connection`.

    Args:
        to: None for `head`. Going down drops the tables and columns that came later, and what is in them.
    Raises:
        InputError: there is no such revision.
        StoreError: the database was written by a newer version.
    """
    known = revisions()
    wanted = head() if to is None else to
    if wanted not in known:
        raise InputError(f"want a revision of {', '.join(known)}, got {wanted[:64]!r}")
    came = current(connection)
    if came is not None and came not in known:
        raise StoreError(f"want a database of revision {head()} or older, got {came}: a newer version wrote it")
    config = _config()
    config.attributes["connection"] = connection
    if came is None or known.index(came) < known.index(wanted):
        command.upgrade(config, wanted)
    elif came != wanted:
        command.downgrade(config, wanted)


def as_sql(dialect: str) -> str:
    """Every migration as SQL of a dialect ("postgresql", "sqlite"), for those who run it by hand."""
    config = _config()
    output = StringIO()
    config.attributes.update(dialect=dialect, output=output)
    command.upgrade(config, "head", sql=True)
    if dialect != "sqlite":
        return output.getvalue()
    # as in `migrate`: with foreign keys on, a table that is copied takes along what hangs off it
    return f"PRAGMA foreign_keys=OFF;\n\n{output.getvalue().strip()}\n\nPRAGMA foreign_keys=ON;\n"


async def migrate(engine: AsyncEngine, to: str | None = None) -> None:
    """Bring the database to a revision, `head` unless named; two processes that do so at once wait for each other.

    Raises:
        InputError, StoreError: as `move`.
    """
    if engine.dialect.name == "sqlite":
        await asyncio.to_thread(probe, engine.url.database)
    async with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            await _enter_wal(connection)
            # A table is changed by copying it: with foreign keys on, dropping the old one would erase every row that
            # hangs off it. Off only takes effect outside a transaction, so it comes first.
            await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # any number, so long as it is always the same; held to the end of the transaction
            await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(86486)")
            # whoever waits for a table makes everybody behind wait: rather give up and be run again
            await connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        await connection.run_sync(move, to)
        await connection.commit()
        if engine.dialect.name == "sqlite":
            await connection.exec_driver_sql("PRAGMA foreign_keys=ON")


async def _enter_wal(connection: AsyncConnection) -> None:
    """Change the file to WAL, which it then stays in.

    Two who change a new file at once hold a read lock each and wait for the other's to go; so nobody waits, both let go
    and try again.
    """
    before_ms = (await connection.exec_driver_sql("PRAGMA busy_timeout")).scalar_one()
    await connection.exec_driver_sql("PRAGMA busy_timeout=0")
    for wait_s in (*[0.01] * 200, None):
        try:
            await connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            break
        except OperationalError:
            if wait_s is None:
                raise
            await connection.rollback()
            await asyncio.sleep(wait_s)
    await connection.exec_driver_sql(f"PRAGMA busy_timeout={before_ms}")


async def expect_head(engine: AsyncEngine) -> None:
    """
    Raises:
        StoreError: the database stands at another revision.
    """
    async with engine.connect() as connection:
        came = await connection.run_sync(current)
    if came != head():
        raise StoreError(f"want a database of revision {head()}, got {came or 'an empty one'}; run viva migrate")

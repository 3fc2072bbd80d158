"""Opening a database, and its errors in our words."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext
from typing import Any

import msgspec
from sqlalchemy import Delete, Insert, Select, Table, Update, event, exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from vivavoce.errors import InputError, MissingError, StoreError
from vivavoce.store.models import Base

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}

BUSY_TIMEOUT_MS = 5_000
"""How long a write waits for another process's write: a hundred times the longest batch seen."""
SETTLE_TIMEOUT_MS = 100
"""How long emptying the log may hold writers back: two batches."""
CONNECT_TIMEOUT_S = 5.0
COMMAND_TIMEOUT_S = 10.0
"""How long Postgres may take over one statement before it is told to stop: whoever holds a lock, or a network that
swallows packets, must not hold a call for ever. A batch of the writer takes some 0.1 s, a page of calls less.
"""
IDLE_TIMEOUT_S = 5.0
"""How long Postgres lets a transaction lie that nobody goes on with: a process that was stopped or cut off in the
middle of one holds its locks no longer. Between two statements of ours lie milliseconds.
"""
POOL_SIZE, POOL_OVERFLOW = 8, 8
"""Connections kept, and how many more under load: six processes of 16 fit into the 100 that Postgres grants unless told
otherwise. The writer needs one; the rest are short questions.
"""
POOL_TIMEOUT_S = 5.0
"""How long a question waits for a connection: no longer than for a lock."""
URL_OPTIONS = frozenset({"ssl", "sslmode", "host", "port", "prepared_statement_cache_size"})
"""What the query of a Postgres URL may say; asyncpg refuses everything else only when it connects."""


class RowsRefused(StoreError):
    """These very rows will never be taken, however often they are tried; others may."""


class Database:
    """An open database. What is asked of it raises StoreError when it does not answer, RowsRefused when it does not
    take these rows.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        # A SQLite file has one writer. Who waits for it here gets a turn; who waits inside SQLite tries now and then,
        # and of two hundred at once some gave up after five seconds.
        self._turn = asyncio.Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: all of it or nothing. One inside another of the same task waits for ever."""
        with translated():
            async with self._turn, self.engine.begin() as connection:
                if self.is_sqlite:
                    # one that began by reading could not write once somebody else has
                    await connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection

    async def run(self, statement: Insert | Update | Delete) -> int:
        """One statement in a transaction of its own; how many rows it changed."""
        async with self.begin() as connection:
            return (await connection.execute(statement)).rowcount

    async def rows(self, query: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
        with translated():
            async with self.engine.connect() as connection:
                return [dict(row) for row in (await connection.execute(query)).mappings()]

    async def returned(self, statement: Insert | Update | Delete) -> list[dict[str, Any]]:
        """The rows that a statement with `returning` gives back, in a transaction of its own."""
        async with self.begin() as connection:
            return [dict(row) for row in (await connection.execute(statement)).mappings()]

    def insert(self, model: type[Base]) -> Any:
        """An insert that may say `on_conflict_do_…`, which both databases know and SQLAlchemy spells twice."""
        dialect = sqlite if self.is_sqlite else postgresql
        return dialect.insert(table_of(model))

    async def upsert(self, connection: AsyncConnection, model: type[Base], values: Sequence[dict[str, Any]]) -> None:
        """Insert rows; those whose key is there already are replaced."""
        insert = self.insert(model)
        table = table_of(model)
        keys = [column.name for column in table.primary_key]
        changed = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
        await connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), list(values))

    async def settle(self) -> None:
        """Have SQLite bring its log into the file and empty it: until then, what was deleted lies there still. Where
        others are in the way it is left for the next time.
        """
        if self.is_sqlite:
            with translated():
                async with self.engine.connect() as connection:
                    # it keeps writers out while it waits for readers
                    await connection.exec_driver_sql(f"PRAGMA busy_timeout={SETTLE_TIMEOUT_MS}")
                    try:
                        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                    finally:
                        await connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    async def close(self) -> None:
        await self.engine.dispose()


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table), "every model stands for one table"
    return table


def parse_url(url: str) -> URL:
    """A database URL with an async driver, whether it named one or not.

    Raises:
        InputError: not a URL, or of a database we do not speak.
    """
    try:
        parsed = make_url(url)
    except exc.ArgumentError:
        raise InputError("want a database URL such as sqlite:///viva.db, got something else") from None
    drivername = DRIVERS.get(parsed.drivername, parsed.drivername)
    if drivername not in DRIVERS.values():
        raise InputError(f"want a database of sqlite or postgresql, got {parsed.drivername}")
    if drivername == DRIVERS["postgresql"]:
        if others := parsed.query.keys() - URL_OPTIONS:
            raise InputError(
                f"want options of {', '.join(sorted(URL_OPTIONS))} in a URL, got {', '.join(sorted(others))}"
            )
        # libpq's name for what asyncpg calls ssl
        query = {("ssl" if name == "sslmode" else name): value for name, value in parsed.query.items()}
        parsed = parsed.set(query=query)
    return parsed.set(drivername=drivername)


def open_engine(url: str, *, patient: bool = False) -> AsyncEngine:
    """An engine with our settings; it connects when first used.

    Args:
        patient: statements may take as long as they need (a migration).
    Raises:
        InputError: the URL does not do.
        MissingError: the driver is not installed.
    """
    parsed = parse_url(url)
    options: dict[str, Any] = {
        "hide_parameters": True,  # they are what callers said
        "json_serializer": _to_json,
        "json_deserializer": msgspec.json.decode,
    }
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        # each connection in memory is a database of its own: everybody takes turns with one
        options.update(poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0)
    else:
        options.update(pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW, pool_timeout=POOL_TIMEOUT_S)
    if parsed.get_backend_name() == "postgresql":
        timeout_s = None if patient else COMMAND_TIMEOUT_S
        # a connection that died while it lay in the pool is replaced unseen; that costs one round trip each time
        options.update(pool_pre_ping=True, connect_args={"timeout": CONNECT_TIMEOUT_S, "command_timeout": timeout_s})
    try:
        engine = create_async_engine(parsed, **options)
    except ModuleNotFoundError as error:
        raise MissingError(f"the driver {error.name} is not installed", remedy=f"pip install {error.name}") from None
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", set_pragmas)
    elif not patient:
        event.listen(engine.sync_engine, "connect", set_idle_timeout)
    return engine


def probe(path: str | None) -> None:
    """Open a SQLite file once, in this thread: where aiosqlite cannot, it leaves a thread that fails in a loop that may
    be closed by then.

    Raises:
        StoreError: it cannot be opened, or is no database.
    """
    if path is None or path in ("", ":memory:") or path.startswith("file:"):
        return
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise StoreError(f"the database did not take it: {_kind(error)}") from None


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    # NORMAL under WAL: a crash of the process loses nothing, a power cut the last moments; no commit waits for fsync
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten, not only forgotten
    cursor.close()


def set_idle_timeout(connection: Any, _record: object) -> None:
    # not as a parameter of the connection, which poolers between us and Postgres refuse
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_TIMEOUT_S * 1000:.0f}")
    cursor.close()
    connection.commit()


@contextmanager
def translated() -> Iterator[None]:
    """Database errors as StoreError, without their texts: those may quote the values, and values are what callers said.

    Raises:
        RowsRefused: the rows are at fault (a constraint, an unknown call, text no database takes).
        StoreError: the database is (locked, full, away).
    """
    try:
        yield
    except UnicodeError as error:
        raise RowsRefused(f"the database refused the rows: {_kind(error)}") from None
    except Exception as error:
        if _rows_at_fault(error):
            raise RowsRefused(f"the database refused the rows: {_kind(error)}") from None
        if isinstance(error, (exc.SQLAlchemyError, OSError)) or _of_driver(error):
            raise StoreError(f"the database did not take it: {_kind(error)}") from None
        raise


def _of_driver(error: Exception) -> bool:
    """asyncpg's own errors, which SQLAlchemy lets through where it prepares a connection. It may not be installed."""
    return type(error).__module__.partition(".")[0] == "asyncpg"


def _rows_at_fault(error: BaseException) -> bool:
    if not isinstance(error, exc.StatementError):
        return False
    if isinstance(error, (exc.IntegrityError, exc.DataError)):
        return True
    # asyncpg's refusals come without a class of their own: as an SQLSTATE of data (22) or integrity (23), or as the
    # cause of a value that could not even be sent
    state = getattr(error.orig, "sqlstate", None) or ""
    return state[:2] in ("22", "23") or any(isinstance(e, (ValueError, TypeError)) for e in _causes(error.orig))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _kind(error: BaseException) -> str:
    inner = error.orig if isinstance(error, exc.StatementError) and error.orig is not None else error
    if inner.__cause__ is not None and type(inner).__module__.startswith("sqlalchemy."):
        inner = inner.__cause__  # asyncpg's own, whose name says more
    if isinstance(inner, sqlite3.Error):
        return getattr(inner, "sqlite_errorname", None) or type(inner).__name__
    return type(inner).__name__

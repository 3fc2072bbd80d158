"""Opening a database, and its errors in our words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from vivavoce.errors import InputError, MissingError, StoreError

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}

BUSY_TIMEOUT_MS = 5_000
"""How long a write waits for another process's write: a hundred times the longest batch seen."""


class RowsRefused(StoreError):
    """These very rows will never be taken, however often they are tried; others may."""


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
    return parsed.set(drivername=drivername)


def open_engine(url: str) -> AsyncEngine:
    """An engine with our settings; it connects when first used.

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
    try:
        engine = create_async_engine(parsed, **options)
    except ModuleNotFoundError as error:
        raise MissingError(f"the driver {error.name} is not installed", remedy=f"pip install {error.name}") from None
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    # NORMAL under WAL: a crash of the process loses nothing, a power cut the last moments; no commit waits for fsync
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


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
    except (exc.SQLAlchemyError, OSError) as error:
        if _rows_at_fault(error):
            raise RowsRefused(f"the database refused the rows: {_kind(error)}") from None
        raise StoreError(f"the database did not take it: {_kind(error)}") from None


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
    if isinstance(inner, sqlite3.Error):
        return getattr(inner, "sqlite_errorname", None) or type(inner).__name__
    return type(inner).__name__

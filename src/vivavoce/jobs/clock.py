"""What time it is for jobs: the database's clock, one for all machines that share it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import ColumnElement, Double, literal_column

from vivavoce.store.database import Database

Clock: TypeAlias = Callable[[], ColumnElement[float]]
"""An expression of the present moment in Unix seconds. A test's may be a number it turns: `lambda: literal(now)`."""


def clock_of(database: Database) -> Clock:
    """The clock of the database itself, so that machines whose clocks differ agree on leases and on what is due.

    SQLite counts in milliseconds; `clock_timestamp` goes on during a transaction, where `now` would stand still.
    """
    if database.is_sqlite:
        return lambda: literal_column("((julianday('now') - 2440587.5) * 86400.0)", Double())
    return lambda: literal_column("extract(epoch from clock_timestamp())::double precision", Double())

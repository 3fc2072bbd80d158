"""Events into a SQLite file, over a connection and a thread of their own.

Events come with every step of every call; the other rows are few. Through SQLAlchemy and its adapter a batch crosses
threads five times and costs 2 ms of the event loop; here it crosses once and costs 0.1 ms (decision 13).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from vivavoce.errors import StoreError
from vivavoce.store.database import RowsRefused, set_pragmas
from vivavoce.store.ownership import Stale, Standing, padded, sift
from vivavoce.store.rows import StoredEvent

MOST_ROWS = 64
"""Rows of one statement. The interpreter's lock changes hands once for each, so few large ones leave the loop alone;
sizes are powers of two, so that a handful of statements is compiled once and kept.
"""

_INSERT = "INSERT INTO events (call_id, seq, at_s, event, effects) VALUES {} ON CONFLICT DO NOTHING"
_STANDING = "SELECT id, epoch, state FROM calls WHERE id IN ({})"
_ROWS_AT_FAULT = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, UnicodeError, OverflowError)


class EventFile:
    """
    Args:
        path: of a database that is up to date.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="events")
        self._connection: sqlite3.Connection | None = None

    async def write(self, events: Sequence[StoredEvent]) -> set[Stale]:
        """Write all in one transaction; one that is there already came with a commit whose answer was lost.

        Returns:
            as `Store.write`.

        Raises:
            RowsRefused: at least one can never be written; none was.
            StoreError: the file failed; none was written.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, events)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown(wait=False)

    def _write(self, events: Sequence[StoredEvent]) -> set[Stale]:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path)
                set_pragmas(self._connection, None)
            with self._connection as transaction:
                # before the look at who carries what: from here on nobody takes a call
                transaction.execute("BEGIN IMMEDIATE")
                kept, stale = sift(events, _standing(transaction, {row.call_id for row in events}))
                for start, size in _portions(len(kept)):
                    values: list[object] = []
                    for row in kept[start : start + size]:
                        values += (row.call_id, row.seq, row.at_s, row.event.decode(), row.effects.decode())
                    places = ",".join(["(?,?,?,?,?)"] * size)
                    transaction.execute(_INSERT.format(places), values)
                return stale
        except _ROWS_AT_FAULT as error:
            raise RowsRefused(f"the database refused the rows: {_kind(error)}") from None
        except (sqlite3.Error, OSError) as error:
            self._disconnect()  # the next try begins anew: the file may be another by then
            raise StoreError(f"the database did not take it: {_kind(error)}") from None

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _standing(connection: sqlite3.Connection, call_ids: set[str]) -> dict[str, Standing]:
    ids = padded(sorted(call_ids))
    rows = connection.execute(_STANDING.format(",".join("?" * len(ids))), ids)
    return {call_id: Standing(epoch, state == "live") for call_id, epoch, state in rows}


def _portions(count: int) -> list[tuple[int, int]]:
    """(start, size) of parts whose sizes are powers of two, the large ones first."""
    found, start, size = [], 0, MOST_ROWS
    while start < count:
        while size > count - start:
            size //= 2
        found.append((start, size))
        start += size
    return found


def _kind(error: Exception) -> str:
    return getattr(error, "sqlite_errorname", None) or type(error).__name__

"""Writing what live calls write while they run: many small rows of many calls, each only while its epoch holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from vivavoce.store.database import Database, table_of
from vivavoce.store.event_file import EventFile
from vivavoce.store.models import Event, Fact, Handle, Return, Turn
from vivavoce.store.ownership import Stale, Standing, sift, standing_of
from vivavoce.store.rows import HotRow, StoredEvent, StoredFact, StoredHandle, StoredReturn, StoredTurn

# An event never changes: one that is there already came with a commit whose answer was lost.
_INSERT_EVENTS = """
WITH held AS (
    SELECT id, epoch, state FROM calls WHERE id = ANY($1::text[]) FOR KEY SHARE
), written AS (
    INSERT INTO events (call_id, seq, at_s, event, effects)
    SELECT row.call_id, row.seq, row.at_s, row.event, row.effects
    FROM unnest($1::text[], $2::int[], $3::float8[], $4::text[], $5::text[], $6::int[])
        AS row (call_id, seq, at_s, event, effects, epoch)
    JOIN held ON held.id = row.call_id AND held.epoch = row.epoch
    ON CONFLICT DO NOTHING
)
SELECT id, epoch, state FROM held
"""
"""For Postgres: a look at who carries what, the lock that keeps it so, and the rows, in one round trip."""


class HotRows:
    """
    Args:
        event_file: a faster way for events alone, where there is one.
    """

    def __init__(self, database: Database, event_file: EventFile | None) -> None:
        self._database = database
        self._event_file = event_file

    async def write(self, rows: Sequence[HotRow]) -> set[Stale]:
        """As `Store.write`."""
        events = [row for row in rows if isinstance(row, StoredEvent)]
        if self._event_file is not None and len(events) == len(rows):
            return await self._event_file.write(events)
        others = [row for row in rows if not isinstance(row, StoredEvent)]
        async with self._database.begin() as connection:
            standing = await self._insert_events(connection, events) if events else {}
            unknown = {row.call_id for row in others}.difference(standing)
            if unknown:
                standing |= await standing_of(connection, unknown)
            _, stale = sift(events, standing)
            kept, stale_others = sift(others, standing)
            await self._upsert(connection, kept)
        return stale | stale_others

    async def _insert_events(self, connection: AsyncConnection, events: list[StoredEvent]) -> dict[str, Standing]:
        """Write events that may be written; how their calls stand."""
        if self._database.is_sqlite:
            standing = await standing_of(connection, {row.call_id for row in events})
            kept, _ = sift(events, standing)
            if kept:
                values = [_event_values(row) for row in kept]
                await connection.execute(self._database.insert(Event).on_conflict_do_nothing(), values)
            return standing
        columns = (
            [row.call_id for row in events],
            [row.seq for row in events],
            [row.at_s for row in events],
            [row.event.decode() for row in events],
            [row.effects.decode() for row in events],
            [row.epoch for row in events],
        )
        found = await connection.exec_driver_sql(_INSERT_EVENTS, columns)
        return {row.id: Standing(row.epoch, row.state == "live") for row in found}

    async def _upsert(self, connection: AsyncConnection, rows: Sequence[HotRow]) -> None:
        if turns := [_values(row) for row in rows if isinstance(row, StoredTurn)]:
            await self._database.upsert(connection, Turn, turns)
        if facts := [_values(row) for row in rows if isinstance(row, StoredFact)]:
            await self._upsert_facts(connection, facts)
        if handles := [_values(row) for row in rows if isinstance(row, StoredHandle)]:
            await self._database.upsert(connection, Handle, handles)
        if returns := {row.call_id: row for row in rows if isinstance(row, StoredReturn)}:
            await connection.execute(delete(Return).where(Return.call_id.in_(returns)))
            good = [{"hash": hash_, "call_id": row.call_id} for row in returns.values() for hash_ in row.hashes]
            if good:
                await connection.execute(table_of(Return).insert(), good)

    async def _upsert_facts(self, connection: AsyncConnection, facts: list[dict[str, Any]]) -> None:
        """Facts whose newest state this is; an older one never replaces a newer one."""
        insert = self._database.insert(Fact)
        table = table_of(Fact)
        changed = {c.name: insert.excluded[c.name] for c in table.columns if not c.primary_key}
        newer = table.c.updated_seq <= insert.excluded.updated_seq
        keys = [column.name for column in table.primary_key]
        await connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed, where=newer), facts)


def _event_values(row: StoredEvent) -> dict[str, Any]:
    return {
        "call_id": row.call_id,
        "seq": row.seq,
        "at_s": row.at_s,
        "event": row.event.decode(),
        "effects": row.effects.decode(),
    }


def _values(row: HotRow) -> dict[str, Any]:
    """Text any database takes: no half of a surrogate pair, and no NUL, which Postgres refuses and nobody says."""
    values = msgspec.structs.asdict(row)
    del values["epoch"]
    return {key: _text(value) if isinstance(value, str) else value for key, value in values.items()}


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")

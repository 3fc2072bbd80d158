"""The logs of calls: how long they are, and their events a piece at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import msgspec
from sqlalchemy import func, or_, select

from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Event, Fact, Turn
from vivavoce.store.rows import StoredEvent

BATCH = 500
"""Events read at a time: about 200 kB."""


class Sizes(msgspec.Struct, frozen=True):
    """How many rows there are of one call."""

    events: int
    turns: int
    facts: int


class Logs:
    """Every method raises StoreError when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sizes(self, call_id: str) -> Sizes:
        """All zero where there is no such call."""
        parts = (("events", Event), ("turns", Turn), ("facts", Fact))
        numbers = [
            select(func.count()).where(table_of(model).c.call_id == call_id).scalar_subquery().label(name)
            for name, model in parts
        ]
        return msgspec.convert((await self._database.rows(select(*numbers)))[0], Sizes)

    async def events(self, call_id: str, *, after: int = -1, limit: int = BATCH) -> list[StoredEvent]:
        """Events of a call in order, from the one after number `after` on."""
        query = select(table_of(Event)).where(Event.call_id == call_id, Event.seq > after).order_by(Event.seq)
        return [
            StoredEvent(call_id, row["seq"], row["at_s"], row["event"].encode(), row["effects"].encode())
            for row in await self._database.rows(query.limit(limit))
        ]

    async def newest(self, call_id: str, kinds: Iterable[str]) -> StoredEvent | None:
        """The newest event of some kinds, by the names that they are logged under."""
        begins = [Event.event.startswith(f'{{"event":"{kind}"', autoescape=True) for kind in kinds]
        query = select(table_of(Event)).where(Event.call_id == call_id, or_(*begins))
        for row in await self._database.rows(query.order_by(Event.seq.desc()).limit(1)):
            return StoredEvent(call_id, row["seq"], row["at_s"], row["event"].encode(), row["effects"].encode())
        return None

    async def all_events(self, call_id: str) -> AsyncIterator[list[StoredEvent]]:
        """The whole log, a piece at a time; what is written meanwhile comes too."""
        after = -1
        while batch := await self.events(call_id, after=after):
            yield batch
            if len(batch) < BATCH:
                return
            after = batch[-1].seq

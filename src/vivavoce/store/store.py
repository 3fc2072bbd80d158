"""The database of calls: what was agreed, what happened, what was said, what is known."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vivavoce.store import schema
from vivavoce.store.database import Database, open_engine, table_of, translated
from vivavoce.store.event_file import EventFile
from vivavoce.store.models import Call, Event, Fact, Recording, Ticket, Turn
from vivavoce.store.rows import HotRow, StoredCall, StoredEvent, StoredFact, StoredRecording, StoredTurn

OPEN = ("booked", "live")
"""States of a call that may still end. What is being erased never comes back from that."""


class Store:
    """One open database. Every method raises StoreError when the database does not take it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.database = Database(engine)
        file = engine.url.database if self.database.is_sqlite else None
        # a database in memory belongs to its connection, and there is no second one to it
        self._event_file = EventFile(file) if file not in (None, "", ":memory:") else None

    @classmethod
    async def open(cls, url: str = "sqlite+aiosqlite:///viva.db") -> Store:
        """Open a database: a SQLite file is made and brought up to date, a Postgres one must be already.

        Raises:
            InputError: the URL does not do.
            MissingError: its driver is not installed.
            StoreError: it cannot be opened, or was written by a newer version.
        """
        engine = open_engine(url)
        try:
            with translated():
                if engine.dialect.name == "sqlite":
                    await schema.migrate(engine)
                else:
                    await schema.expect_head(engine)
        except BaseException:
            await engine.dispose()
            raise
        return cls(engine)

    async def close(self) -> None:
        if self._event_file is not None:
            await self._event_file.close()
        await self.database.close()

    # calls

    async def create_call(
        self,
        *,
        agent_name: str,
        agent_source: str,
        spec_hash: str,
        code_version: str,
        started_at: float,
        settings: Mapping[str, Any] | None = None,
        consent: Mapping[str, Any] | None = None,
        engines: Mapping[str, Any] | None = None,
        owner: str | None = None,
        lease_until: float | None = None,
        call_id: str | None = None,
        agent_version: int | None = None,
        person_id: str | None = None,
    ) -> str:
        """Write down a call that is about to begin; its id is drawn unless given. Whoever redeems its ticket makes it
        "live".

        Raises:
            StoreError: a call of that id is there already (RowsRefused), or the database failed.
        """
        row = StoredCall(
            id=call_id or secrets.token_hex(8),
            agent_name=agent_name,
            agent_source=agent_source,
            spec_hash=spec_hash,
            code_version=code_version,
            settings=dict(settings or {}),
            state="booked",
            started_at=started_at,
            consent=dict(consent or {}),
            engines=dict(engines or {}),
            owner=owner,
            lease_until=lease_until,
            agent_version=agent_version,
            person_id=person_id,
        )
        await self.database.run(table_of(Call).insert().values(msgspec.structs.asdict(row)))
        return row.id

    async def call(self, call_id: str) -> StoredCall | None:
        found = await self.database.rows(select(table_of(Call)).where(Call.id == call_id))
        return msgspec.convert(found[0], StoredCall) if found else None

    async def list_calls(self, *, limit: int = 100) -> list[StoredCall]:
        """The newest calls, newest first."""
        found = await self.database.rows(select(table_of(Call)).order_by(Call.started_at.desc(), Call.id).limit(limit))
        return msgspec.convert(found, list[StoredCall])

    async def open_calls(self) -> list[StoredCall]:
        """Calls that are booked or live, oldest first."""
        found = await self.database.rows(
            select(table_of(Call)).where(Call.state.in_(OPEN)).order_by(Call.started_at, Call.id)
        )
        return msgspec.convert(found, list[StoredCall])

    async def update_call(self, call_id: str, **columns: Any) -> bool:
        """Change columns of a call (state, consent, engines, settings ...); False when there is no such call."""
        return bool(await self.database.run(update(Call).where(Call.id == call_id).values(**columns)))

    async def finish_call(self, call_id: str, *, ended_at: float, reason: str) -> bool:
        """End a call. The first to end it says why; False when it had ended already, is being erased or never was."""
        ended = update(Call).where(Call.id == call_id, Call.state.in_(OPEN))
        return bool(await self.database.run(ended.values(state="ended", ended_at=ended_at, end_reason=reason)))

    # tickets

    async def issue_ticket(self, call_id: str, ttl_s: float, now: float) -> str:
        """A ticket of 256 bits that opens this call's socket once within `ttl_s`; only its hash is kept.

        Args:
            now: Unix seconds.
        Raises:
            StoreError: there is no such call (RowsRefused), or the database failed.
        """
        ticket = secrets.token_urlsafe(32)
        await self.database.run(
            table_of(Ticket).insert().values(hash=_hash(ticket), call_id=call_id, expires_at=now + ttl_s, used_at=None)
        )
        return ticket

    async def redeem_ticket(self, ticket: str, now: float, *, owner: str | None = None) -> str | None:
        """The call a ticket opens, which is live from now on; None when the ticket is unknown, out of date or used, or
        its call is over. Of two at once, one wins.

        Args:
            owner: who carries it from now on; None leaves it to whoever booked it.
        """
        used = (
            update(Ticket)
            .where(Ticket.hash == _hash(ticket), Ticket.used_at.is_(None), Ticket.expires_at > now)
            .values(used_at=now)
            .returning(Ticket.call_id)
        )
        async with self.database.begin() as connection:
            call_id = (await connection.execute(used)).scalar()
            carried = {"state": "live"} if owner is None else {"state": "live", "owner": owner}
            begun = update(Call).where(Call.id == call_id, Call.state == "booked").values(carried)
            began = call_id is not None and (await connection.execute(begun)).rowcount
        return call_id if began else None

    # what happened

    async def events(self, call_id: str) -> list[StoredEvent]:
        """All events of a call in order; a number that is missing was lost."""
        query = select(table_of(Event)).where(Event.call_id == call_id).order_by(Event.seq)
        return [
            StoredEvent(call_id, row["seq"], row["at_s"], row["event"].encode(), row["effects"].encode())
            for row in await self.database.rows(query)
        ]

    async def turns(self, call_id: str) -> list[StoredTurn]:
        query = select(table_of(Turn)).where(Turn.call_id == call_id).order_by(Turn.turn)
        return msgspec.convert(await self.database.rows(query), list[StoredTurn])

    async def facts(self, call_id: str) -> list[StoredFact]:
        query = select(table_of(Fact)).where(Fact.call_id == call_id).order_by(Fact.objective, Fact.field)
        return msgspec.convert(await self.database.rows(query), list[StoredFact])

    async def recordings(self, call_id: str) -> list[StoredRecording]:
        query = select(table_of(Recording)).where(Recording.call_id == call_id).order_by(Recording.track.desc())
        return msgspec.convert(await self.database.rows(query), list[StoredRecording])

    async def save_turn(self, turn: StoredTurn) -> None:
        await self.write([turn])

    async def save_fact(self, fact: StoredFact) -> None:
        await self.write([fact])

    async def save_recording(self, recording: StoredRecording) -> None:
        async with self.database.begin() as connection:
            await self.database.upsert(connection, Recording, [msgspec.structs.asdict(recording)])

    async def write(self, rows: Sequence[HotRow]) -> None:
        """Write events, turns and facts of any calls in one transaction; writing a row again does no harm.

        Raises:
            RowsRefused: at least one row can never be written; none was.
            StoreError: the database failed; none was written.
        """
        if self._event_file is not None:
            happened = [row for row in rows if isinstance(row, StoredEvent)]
            if len(happened) == len(rows):
                await self._event_file.write(happened)
                return
        with translated():
            events = [_event_values(row) for row in rows if isinstance(row, StoredEvent)]
            turns = [_clean(msgspec.structs.asdict(row)) for row in rows if isinstance(row, StoredTurn)]
            facts = [_clean(msgspec.structs.asdict(row)) for row in rows if isinstance(row, StoredFact)]
        async with self.database.begin() as connection:
            if events:
                # an event never changes: one that is there already came with a commit whose answer was lost
                await connection.execute(self.database.insert(Event).on_conflict_do_nothing(), events)
            if turns:
                await self.database.upsert(connection, Turn, turns)
            if facts:
                await self._upsert_facts(connection, facts)

    async def _upsert_facts(self, connection: AsyncConnection, facts: list[dict[str, Any]]) -> None:
        """Facts whose newest state this is; an older one never replaces a newer one."""
        insert = self.database.insert(Fact)
        table = table_of(Fact)
        changed = {c.name: insert.excluded[c.name] for c in table.columns if not c.primary_key}
        newer = table.c.updated_seq <= insert.excluded.updated_seq
        keys = [column.name for column in table.primary_key]
        await connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed, where=newer), facts)


async def migrate(url: str, *, to: str | None = None) -> None:
    """Bring any database up to date, or to an older revision, which drops what came later.

    Raises:
        InputError, MissingError, StoreError: as `Store.open`; there is no such revision.
    """
    engine = open_engine(url, patient=True)
    try:
        with translated():
            await schema.migrate(engine, to)
    finally:
        await engine.dispose()


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()


def _event_values(row: StoredEvent) -> dict[str, Any]:
    return {
        "call_id": row.call_id,
        "seq": row.seq,
        "at_s": row.at_s,
        "event": row.event.decode(),
        "effects": row.effects.decode(),
    }


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    """Text any database takes: no half of a surrogate pair, and no NUL, which Postgres refuses and nobody says."""
    return {key: _text(value) if isinstance(value, str) else value for key, value in values.items()}


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")

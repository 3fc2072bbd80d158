"""The database of calls: what was agreed, what happened, what was said, what is known."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Delete, Insert, Select, Table, Update, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vivavoce.store import schema
from vivavoce.store.database import open_engine, translated
from vivavoce.store.models import Base, Call, Event, Fact, Recording, Ticket, Turn
from vivavoce.store.rows import HotRow, StoredCall, StoredEvent, StoredFact, StoredRecording, StoredTurn


class Store:
    """One open database. Every method raises StoreError when the database does not take it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

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
        await self._engine.dispose()

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
    ) -> str:
        """Write down a call that begins; its id is drawn unless given.

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
            state="live",
            started_at=started_at,
            consent=dict(consent or {}),
            engines=dict(engines or {}),
            owner=owner,
            lease_until=lease_until,
        )
        await self._run(_table(Call).insert().values(msgspec.structs.asdict(row)))
        return row.id

    async def call(self, call_id: str) -> StoredCall | None:
        found = await self._rows(select(_table(Call)).where(Call.id == call_id))
        return msgspec.convert(found[0], StoredCall) if found else None

    async def list_calls(self, *, limit: int = 100) -> list[StoredCall]:
        """The newest calls, newest first."""
        found = await self._rows(select(_table(Call)).order_by(Call.started_at.desc(), Call.id).limit(limit))
        return msgspec.convert(found, list[StoredCall])

    async def open_calls(self) -> list[StoredCall]:
        """Calls that have not ended, oldest first."""
        found = await self._rows(select(_table(Call)).where(Call.ended_at.is_(None)).order_by(Call.started_at, Call.id))
        return msgspec.convert(found, list[StoredCall])

    async def update_call(self, call_id: str, **columns: Any) -> bool:
        """Change columns of a call (state, consent, engines, settings ...); False when there is no such call."""
        return bool(await self._run(update(Call).where(Call.id == call_id).values(**columns)))

    async def finish_call(self, call_id: str, *, ended_at: float, reason: str) -> bool:
        """End a call. The first to end it says why; False when it had ended already or never was."""
        ended = update(Call).where(Call.id == call_id, Call.ended_at.is_(None))
        return bool(await self._run(ended.values(state="ended", ended_at=ended_at, end_reason=reason)))

    # tickets

    async def issue_ticket(self, call_id: str, ttl_s: float, now: float) -> str:
        """A ticket of 256 bits that opens this call's socket once within `ttl_s`; only its hash is kept.

        Args:
            now: Unix seconds.
        Raises:
            StoreError: there is no such call (RowsRefused), or the database failed.
        """
        ticket = secrets.token_urlsafe(32)
        await self._run(
            _table(Ticket).insert().values(hash=_hash(ticket), call_id=call_id, expires_at=now + ttl_s, used_at=None)
        )
        return ticket

    async def redeem_ticket(self, ticket: str, now: float) -> str | None:
        """The call a ticket opens; None when it is unknown, out of date or used. Of two at once, one wins."""
        used = (
            update(Ticket)
            .where(Ticket.hash == _hash(ticket), Ticket.used_at.is_(None), Ticket.expires_at > now)
            .values(used_at=now)
            .returning(Ticket.call_id)
        )
        with translated():
            async with self._engine.begin() as connection:
                call_id: str | None = (await connection.execute(used)).scalar_one_or_none()
                return call_id

    # what happened

    async def events(self, call_id: str) -> list[StoredEvent]:
        """All events of a call in order; a number that is missing was lost."""
        query = select(_table(Event)).where(Event.call_id == call_id).order_by(Event.seq)
        return [
            StoredEvent(call_id, row["seq"], row["at_s"], row["event"].encode(), row["effects"].encode())
            for row in await self._rows(query)
        ]

    async def turns(self, call_id: str) -> list[StoredTurn]:
        query = select(_table(Turn)).where(Turn.call_id == call_id).order_by(Turn.turn)
        return msgspec.convert(await self._rows(query), list[StoredTurn])

    async def facts(self, call_id: str) -> list[StoredFact]:
        query = select(_table(Fact)).where(Fact.call_id == call_id).order_by(Fact.objective, Fact.field)
        return msgspec.convert(await self._rows(query), list[StoredFact])

    async def recordings(self, call_id: str) -> list[StoredRecording]:
        query = select(_table(Recording)).where(Recording.call_id == call_id).order_by(Recording.track.desc())
        return msgspec.convert(await self._rows(query), list[StoredRecording])

    async def save_turn(self, turn: StoredTurn) -> None:
        await self.write([turn])

    async def save_fact(self, fact: StoredFact) -> None:
        await self.write([fact])

    async def save_recording(self, recording: StoredRecording) -> None:
        with translated():
            async with self._engine.begin() as connection:
                await self._upsert(connection, Recording, [msgspec.structs.asdict(recording)])

    async def write(self, rows: Sequence[HotRow]) -> None:
        """Write events, turns and facts of any calls in one transaction; writing a row again does no harm.

        Raises:
            RowsRefused: at least one row can never be written; none was.
            StoreError: the database failed; none was written.
        """
        with translated():
            events = [_event_values(row) for row in rows if isinstance(row, StoredEvent)]
            turns = [_clean(msgspec.structs.asdict(row)) for row in rows if isinstance(row, StoredTurn)]
            facts = [_clean(msgspec.structs.asdict(row)) for row in rows if isinstance(row, StoredFact)]
            async with self._engine.begin() as connection:
                if events:
                    # an event never changes: one that is there already came with a commit whose answer was lost
                    await connection.execute(self._insert(Event).on_conflict_do_nothing(), events)
                if turns:
                    await self._upsert(connection, Turn, turns)
                if facts:
                    await self._upsert(connection, Fact, facts)

    def _insert(self, model: type[Base]) -> Any:
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        return dialect.insert(_table(model))

    async def _upsert(self, connection: AsyncConnection, model: type[Base], values: list[dict[str, Any]]) -> None:
        insert = self._insert(model)
        table = _table(model)
        keys = [column.name for column in table.primary_key]
        changed = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
        newer = table.c.updated_seq <= insert.excluded.updated_seq if model is Fact else None
        await connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed, where=newer), values)

    async def _run(self, statement: Insert | Update | Delete) -> int:
        with translated():
            async with self._engine.begin() as connection:
                return (await connection.execute(statement)).rowcount

    async def _rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        with translated():
            async with self._engine.connect() as connection:
                return [dict(row) for row in (await connection.execute(query)).mappings()]


async def migrate(url: str) -> None:
    """Bring any database up to date.

    Raises:
        InputError, MissingError, StoreError: as `Store.open`.
    """
    engine = open_engine(url)
    try:
        with translated():
            await schema.migrate(engine)
    finally:
        await engine.dispose()


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table), "every model stands for one table"
    return table


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

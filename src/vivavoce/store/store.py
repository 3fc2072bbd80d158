"""The database of calls: what was agreed, what happened, what was said, what is known."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from vivavoce.store import schema
from vivavoce.store.database import Database, open_engine, table_of, translated
from vivavoce.store.event_file import EventFile
from vivavoce.store.hot_rows import HotRows
from vivavoce.store.logs import Logs
from vivavoce.store.models import Call, Fact, Handle, Recording, Return, Ticket, Turn
from vivavoce.store.ownership import Stale
from vivavoce.store.rows import (
    HotRow,
    StoredCall,
    StoredEvent,
    StoredFact,
    StoredRecording,
    StoredTurn,
)

OPEN = ("booked", "live")
"""States of a call that may still end. What is being erased never comes back from that."""


class Store:
    """One open database. Every method raises StoreError when the database does not take it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.database = Database(engine)
        file = engine.url.database if self.database.is_sqlite else None
        # a database in memory belongs to its connection, and there is no second one to it
        self._event_file = EventFile(file) if file not in (None, "", ":memory:") else None
        self._hot = HotRows(self.database, self._event_file)

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

    async def update_call(self, call_id: str, *, epoch: int | None = None, **columns: Any) -> bool:
        """Change columns of a call (state, consent, engines, settings ...); False when there is no such call.

        Args:
            epoch: of whoever carries it; where somebody else does, nothing changes. None for those who need not care.
        """
        return bool(await self.database.run(_of(call_id, epoch).values(**columns)))

    async def finish_call(self, call_id: str, *, ended_at: float, reason: str, epoch: int | None = None) -> bool:
        """End a call. The first to end it says why; False when it had ended already, is being erased or never was.

        Args:
            epoch: as `update_call`.
        """
        ended = _of(call_id, epoch).where(Call.state.in_(OPEN))
        async with self.database.begin() as connection:
            filed = await connection.execute(ended.values(state="ended", ended_at=ended_at, end_reason=reason))
            if filed.rowcount:
                # nobody comes back to it any more
                await connection.execute(delete(Handle).where(Handle.call_id == call_id))
                await connection.execute(delete(Return).where(Return.call_id == call_id))
        return bool(filed.rowcount)

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

    async def redeem_ticket(
        self, ticket: str, now: float, *, owner: str | None = None, lease_until: float | None = None
    ) -> str | None:
        """The call a ticket opens, which is live from now on and in its first epoch; None when the ticket is unknown,
        out of date or used, or its call is over. Of two at once, one wins.

        Args:
            owner: who carries it from now on; None leaves it to whoever booked it.
            lease_until: until when the owner is believed to be alive, unless it says so again (`Ownership.renew`).
        """
        used = (
            update(Ticket)
            .where(Ticket.hash == _hash(ticket), Ticket.used_at.is_(None), Ticket.expires_at > now)
            .values(used_at=now)
            .returning(Ticket.call_id)
        )
        async with self.database.begin() as connection:
            call_id = (await connection.execute(used)).scalar()
            carried = {} if owner is None else {"owner": owner, "lease_until": lease_until}
            begun = update(Call).where(Call.id == call_id, Call.state == "booked")
            begun = begun.values(state="live", epoch=1, **carried)
            began = call_id is not None and (await connection.execute(begun)).rowcount
        return call_id if began else None

    # what happened

    async def events(self, call_id: str) -> list[StoredEvent]:
        """All events of a call in order; a number that is missing was lost. They come a piece at a time, so that a long
        log holds nobody else up.
        """
        return [event async for events in Logs(self.database).all_events(call_id) for event in events]

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

    async def write(self, rows: Sequence[HotRow]) -> set[Stale]:
        """Write rows of any live calls in one transaction; writing a row again does no harm.

        Returns:
            of which calls rows were left out because they are of another epoch, and of which.

        Raises:
            RowsRefused: at least one row can never be written; none was.
            StoreError: the database failed; none was written.
        """
        return await self._hot.write(rows)


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


def _of(call_id: str, epoch: int | None) -> Update:
    """A change of a call's row, for whoever carries it in this epoch; None for anybody."""
    found = update(Call).where(Call.id == call_id)
    return found if epoch is None else found.where(Call.epoch == epoch)


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()

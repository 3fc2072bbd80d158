"""Tickets that are exchanged for fresh ones, and those that nobody can use any more."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from sqlalchemy import delete, func, select, update

from vivavoce.store.database import Database, table_of
from vivavoce.store.keys import hash_of
from vivavoce.store.models import Call, Ticket

CHAIN_S = 1800.0
"""From the booking to the last moment that a ticket of it can hold: half an hour before a talk is long."""
KEEP_S = 86_400.0
"""How long a ticket's row is kept after its end."""


class Fresh(NamedTuple):
    """A ticket that was made now. Never log it."""

    ticket: str
    expires_at: float


class Tickets:
    """Every method raises StoreError when the database does not answer. Moments are Unix seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def call_of(self, ticket: str, now: float) -> str | None:
        """The call that a ticket would open now; it is not used up."""
        query = select(Ticket.call_id).where(
            Ticket.hash == hash_of(ticket), Ticket.used_at.is_(None), Ticket.expires_at > now
        )
        found = await self._database.rows(query)
        return str(found[0]["call_id"]) if found else None

    async def used_at(self, call_id: str) -> float | None:
        """When the call began: its ticket was used then. None where it has not begun, or long ago."""
        query = select(func.max(Ticket.used_at).label("used_at")).where(Ticket.call_id == call_id)
        (found,) = await self._database.rows(query)
        return None if found["used_at"] is None else float(found["used_at"])

    async def exchange(self, ticket: str, *, ttl_s: float, now: float) -> Fresh | None:
        """A new ticket for one that could still be used; of two who try at once, one gets it.

        Returns:
            None when the ticket opens nothing, or the booking is too old for another.
        """
        async with self._database.begin() as connection:
            used = (
                update(Ticket)
                .where(Ticket.hash == hash_of(ticket), Ticket.used_at.is_(None), Ticket.expires_at > now)
                .values(used_at=now)
                .returning(Ticket.call_id)
            )
            call_id = (await connection.execute(used)).scalar()
            if call_id is None:
                return None
            booked_at = (await connection.execute(select(Call.started_at).where(Call.id == call_id))).scalar_one()
            expires_at = min(now + ttl_s, booked_at + CHAIN_S)
            if expires_at <= now:
                return None
            new = secrets.token_urlsafe(32)
            row = {"hash": hash_of(new), "call_id": call_id, "used_at": None}
            await connection.execute(table_of(Ticket).insert().values(expires_at=expires_at, **row))
            return Fresh(new, expires_at)

    async def renew(self, call_id: str, *, ttl_s: float, now: float) -> Fresh | None:
        """A new ticket for a call that has not begun; those that were not used open nothing any more.

        Returns:
            None when there is no such call, it has begun, or the booking is too old.
        """
        async with self._database.begin() as connection:
            waiting = select(Call.started_at).where(Call.id == call_id, Call.state == "booked")
            booked_at = (await connection.execute(waiting)).scalar()
            if booked_at is None or now >= booked_at + CHAIN_S:
                return None
            unused = update(Ticket).where(Ticket.call_id == call_id, Ticket.used_at.is_(None))
            await connection.execute(unused.values(used_at=now))
            new = secrets.token_urlsafe(32)
            expires_at = min(now + ttl_s, booked_at + CHAIN_S)
            row = {"hash": hash_of(new), "call_id": call_id, "used_at": None}
            await connection.execute(table_of(Ticket).insert().values(expires_at=expires_at, **row))
            return Fresh(new, expires_at)

    async def sweep(self, now: float) -> int:
        """Delete rows of tickets that ended long ago; how many."""
        return await self._database.run(delete(Ticket).where(Ticket.expires_at <= now - KEEP_S))

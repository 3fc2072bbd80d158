"""Browsers that have shown a key. A browser holds 256 bits in a cookie, the database their hash."""

from __future__ import annotations

import hmac
import secrets

import msgspec
from sqlalchemy import delete, select, update

from vivavoce.store.database import Database, table_of
from vivavoce.store.keys import hash_of
from vivavoce.store.models import Session

IDLE_S = 12 * 3600.0
"""A session ends when nobody used it for a working day."""
LIFE_S = 7 * 86_400.0
"""A session that is used ends all the same."""
SLIDE_S = 600.0
"""A session is prolonged when that would add this much, not at every request."""


class StoredSession(msgspec.Struct, frozen=True, kw_only=True):
    """`key_id` is None for the server's own key, which no row stands for. Moments are Unix seconds."""

    hash: str
    key_id: str | None
    created_at: float
    expires_at: float


class Sessions:
    """
    Args:
        server_key: the key of the settings. Sessions begun with it are known by a hash made with it, so that they end
            when it is changed.
    """

    def __init__(self, database: Database, server_key: str) -> None:
        self._database = database
        self._server_key = server_key.encode()

    async def begin(self, key_id: str | None, now: float) -> str:
        """A session; what its cookie holds. Never log it."""
        cookie = secrets.token_urlsafe(32)
        hashed = hash_of(cookie) if key_id is not None else self._server_hash(cookie)
        session = StoredSession(hash=hashed, key_id=key_id, created_at=now, expires_at=now + IDLE_S)
        await self._database.run(table_of(Session).insert().values(msgspec.structs.asdict(session)))
        return cookie

    async def find(self, cookie: str, now: float) -> StoredSession | None:
        """The session of a cookie, prolonged by its use; None when there is none or it has ended."""
        hashes = [hash_of(cookie), *([self._server_hash(cookie)] if self._server_key else [])]
        found = await self._database.rows(
            select(table_of(Session)).where(Session.hash.in_(hashes), Session.expires_at > now)
        )
        if not found:
            return None
        session = msgspec.convert(found[0], StoredSession)
        until = min(now + IDLE_S, session.created_at + LIFE_S)
        if until - session.expires_at < SLIDE_S:
            return session
        await self._database.run(update(Session).where(Session.hash == session.hash).values(expires_at=until))
        return msgspec.structs.replace(session, expires_at=until)

    async def end(self, session: StoredSession) -> None:
        await self._database.run(delete(Session).where(Session.hash == session.hash))

    async def sweep(self, now: float) -> int:
        """Delete what has ended; how many."""
        return await self._database.run(delete(Session).where(Session.expires_at <= now))

    def _server_hash(self, cookie: str) -> str:
        return hmac.digest(self._server_key, cookie.encode("utf-8", "surrogatepass"), "sha256").hex()

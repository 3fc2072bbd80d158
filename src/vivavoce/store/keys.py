"""API keys: who may ask this server, and for what. The key itself is shown once and never kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Select, and_, or_, select, update

from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Key

PREFIX = "vv_"
SHOWN = len(PREFIX) + 6
"""Characters of a key that are kept to recognise it by; the other 37 hold 220 bits."""


class StoredKey(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a key. Moments are Unix seconds."""

    id: str
    name: str
    """What people call it."""
    prefix: str
    """The first characters of the key."""
    scopes: tuple[str, ...]
    agents: tuple[str, ...]
    """The only agents it may touch; empty for all."""
    created_at: float
    expires_at: float | None = None
    revoked_at: float | None = None
    last_used_at: float | None = None
    """At most a minute late."""

    def holds(self, now: float) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Keys:
    """Every method raises StoreError when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        name: str,
        *,
        scopes: Iterable[str],
        agents: Iterable[str] = (),
        expires_at: float | None = None,
        now: float,
    ) -> tuple[StoredKey, str]:
        """A new key of 256 bits: what is kept of it, and the key itself. Never log the second."""
        secret = PREFIX + secrets.token_urlsafe(32)
        key = StoredKey(
            id=secrets.token_hex(8),
            name=name,
            prefix=secret[:SHOWN],
            scopes=tuple(sorted(set(scopes))),
            agents=tuple(sorted(set(agents))),
            created_at=now,
            expires_at=expires_at,
        )
        await self._database.run(table_of(Key).insert().values(hash=hash_of(secret), **msgspec.structs.asdict(key)))
        return key, secret

    async def any(self) -> bool:
        """Whether a key was ever made, be it revoked by now: a server does not fall open with its last key."""
        return bool(await self._database.rows(select(Key.id).limit(1)))

    async def find(self, secret: str) -> StoredKey | None:
        """The key this is, whether it holds or not.

        The look-up is by hash: how long it takes says nothing of a secret one would have to guess whole.
        """
        return await self._one(self._query().where(Key.hash == hash_of(secret)))

    async def get(self, key_id: str) -> StoredKey | None:
        return await self._one(self._query().where(Key.id == key_id))

    async def page(self, *, limit: int = 100, after: tuple[float, str] | None = None) -> list[StoredKey]:
        """Keys, newest first.

        Args:
            after: `created_at` and `id` of the last one seen.
        """
        query = self._query().order_by(Key.created_at.desc(), Key.id.desc()).limit(limit)
        if after is not None:
            at, key_id = after
            query = query.where(or_(Key.created_at < at, and_(Key.created_at == at, Key.id < key_id)))
        return msgspec.convert(await self._database.rows(query), list[StoredKey])

    async def revoke(self, key_id: str, now: float) -> bool:
        """End a key; False when there is none, or it was revoked before."""
        revoked = update(Key).where(Key.id == key_id, Key.revoked_at.is_(None)).values(revoked_at=now)
        return bool(await self._database.run(revoked))

    async def rotate(self, key_id: str, *, overlap_s: float = 0.0, now: float) -> tuple[StoredKey, str] | None:
        """A new key with the rights and the end of an old one, which goes on for `overlap_s`.

        Returns:
            None when there is no such key, or it does not hold any more.
        """
        old = await self.get(key_id)
        if old is None or not old.holds(now):
            return None
        new = await self.add(old.name, scopes=old.scopes, agents=old.agents, expires_at=old.expires_at, now=now)
        until = now + overlap_s if old.expires_at is None else min(old.expires_at, now + overlap_s)
        await self._database.run(update(Key).where(Key.id == key_id).values(expires_at=until))
        return new

    async def used(self, key_id: str, now: float) -> None:
        """Write down that a key was used."""
        await self._database.run(update(Key).where(Key.id == key_id).values(last_used_at=now))

    @staticmethod
    def _query() -> Select[Any]:
        return select(*(column for column in table_of(Key).columns if column.name != "hash"))

    async def _one(self, query: Select[Any]) -> StoredKey | None:
        found = await self._database.rows(query)
        return msgspec.convert(found[0], StoredKey) if found else None


def hash_of(secret: str) -> str:
    """What is kept of a secret of 256 bits: there is nothing to guess, so one round of SHA-256 does."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

"""Agents kept in the database: a draft that is worked on, and every version that callers have met."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from vivavoce.errors import NotHereError, StaleError
from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Agent, AgentVersion


class StoredAgent(msgspec.Struct, frozen=True, kw_only=True):
    """Moments are Unix seconds."""

    name: str
    draft: str
    published: int | None
    """The version that callers meet; None before the first."""
    published_hash: str | None
    created_at: float
    updated_at: float

    @property
    def changed(self) -> bool:
        """The draft is not what callers meet."""
        return hash_of(self.draft) != self.published_hash


class StoredVersion(msgspec.Struct, frozen=True, kw_only=True):
    agent: str
    version: int
    """From 1, without gaps."""
    spec_hash: str
    note: str
    made_at: float


_AGENTS = select(*table_of(Agent).columns, AgentVersion.spec_hash.label("published_hash")).outerjoin(
    AgentVersion, and_(AgentVersion.agent == Agent.name, AgentVersion.version == Agent.published)
)
_VERSIONS = select(*(getattr(AgentVersion, column) for column in StoredVersion.__struct_fields__))


class Agents:
    """Every method raises StoreError when the database does not answer. Writers of one agent take turns: each first
    writes to its row, which holds the others back on both databases.

    Where a method takes `expected`, those are hashes of the draft that its author has seen; none means any.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, *, limit: int, after: str = "", only: Collection[str] = ()) -> list[StoredAgent]:
        """By name.

        Args:
            only: names to leave the others out; empty for all.
        """
        query = _AGENTS.where(Agent.name > after).order_by(Agent.name).limit(limit)
        if only:
            query = query.where(Agent.name.in_(only))
        return msgspec.convert(await self._database.rows(query), list[StoredAgent])

    async def names(self) -> list[str]:
        """Of those that have been published."""
        query = select(Agent.name).where(Agent.published.is_not(None)).order_by(Agent.name)
        return [row["name"] for row in await self._database.rows(query)]

    async def get(self, name: str) -> StoredAgent | None:
        found = await self._database.rows(_AGENTS.where(Agent.name == name))
        return msgspec.convert(found[0], StoredAgent) if found else None

    async def published(self, name: str) -> tuple[int, str] | None:
        """The version that callers meet, and its text."""
        query: Any = (
            select(AgentVersion.version, AgentVersion.source)
            .join(Agent, Agent.name == AgentVersion.agent)
            .where(Agent.name == name, AgentVersion.version == Agent.published)
        )
        found = await self._database.rows(query)
        return (found[0]["version"], found[0]["source"]) if found else None

    async def source(self, name: str, version: int) -> str | None:
        """The text of a version."""
        query = select(AgentVersion.source).where(AgentVersion.agent == name, AgentVersion.version == version)
        found = await self._database.rows(query)
        return found[0]["source"] if found else None

    async def versions(self, name: str, *, limit: int, before: int | None = None) -> list[StoredVersion]:
        """Newest first, without their texts."""
        query = _VERSIONS.where(AgentVersion.agent == name)
        if before is not None:
            query = query.where(AgentVersion.version < before)
        found = await self._database.rows(query.order_by(AgentVersion.version.desc()).limit(limit))
        return msgspec.convert(found, list[StoredVersion])

    async def save_draft(self, name: str, source: str, now: float, *, expected: Collection[str] | None = None) -> bool:
        """Keep a text as the draft; True when the agent is new.

        Args:
            expected: an empty collection wants an agent that is not there yet.
        Raises:
            StaleError: the draft is not one that was expected.
        """
        async with self._database.begin() as connection:
            made = self._database.insert(Agent).values(
                name=name, draft=source, published=None, created_at=now, updated_at=now
            )
            if (await connection.execute(made.on_conflict_do_nothing())).rowcount:
                if expected:
                    raise StaleError(f"want the agent {name}, got none of that name")
                return True
            await self._held(connection, name, now, expected)
            await connection.execute(update(Agent).where(Agent.name == name).values(draft=source))
            return False

    async def publish(
        self, name: str, now: float, *, note: str = "", expected: Collection[str] | None = None
    ) -> StoredVersion:
        """Make the draft the version that callers meet. Publishing what is published already changes nothing.

        Raises:
            NotHereError: there is no such agent.
            StaleError: the draft is not one that was expected.
        """
        async with self._database.begin() as connection:
            held = await self._held(connection, name, now, expected)
            return await self._add(connection, held, held.draft, note, now)

    async def restore(
        self, name: str, version: int, now: float, *, note: str = "", expected: Collection[str] | None = None
    ) -> StoredVersion:
        """Publish the text of an old version anew. A draft with changes that were never published stays as it is.

        Raises:
            NotHereError: there is no such agent or version.
            StaleError: the draft is not one that was expected.
        """
        async with self._database.begin() as connection:
            held = await self._held(connection, name, now, expected)
            source = await self._text(connection, name, version)
            if source is None:
                raise NotHereError(f"want a version of the agent {name}, got {version}")
            if not held.changed:
                await connection.execute(update(Agent).where(Agent.name == name).values(draft=source))
            return await self._add(connection, held, source, note, now)

    async def delete(self, name: str, now: float, *, expected: Collection[str] | None = None) -> None:
        """Delete an agent with its versions; calls keep the text they ran with.

        Raises:
            NotHereError: there is no such agent.
            StaleError: the draft is not one that was expected.
        """
        async with self._database.begin() as connection:
            await self._held(connection, name, now, expected)
            await connection.execute(delete(Agent).where(Agent.name == name))

    async def _held(
        self, connection: AsyncConnection, name: str, now: float, expected: Collection[str] | None
    ) -> StoredAgent:
        """The agent, which nobody else changes until the transaction ends."""
        held = await connection.execute(update(Agent).where(Agent.name == name).values(updated_at=now))
        if not held.rowcount:
            raise NotHereError(f"want an agent of the database, got {name}")
        row = (await connection.execute(_AGENTS.where(Agent.name == name))).mappings().one()
        agent = msgspec.convert(dict(row), StoredAgent)
        if expected is not None and hash_of(agent.draft) not in expected:
            raise StaleError(f"want the draft of {name} as you have seen it, got one that was changed since")
        return agent

    async def _add(
        self, connection: AsyncConnection, agent: StoredAgent, source: str, note: str, now: float
    ) -> StoredVersion:
        spec_hash = hash_of(source)
        if agent.published is not None and agent.published_hash == spec_hash:
            query = _VERSIONS.where(AgentVersion.agent == agent.name, AgentVersion.version == agent.published)
            return msgspec.convert(dict((await connection.execute(query)).mappings().one()), StoredVersion)
        newest = select(func.max(AgentVersion.version)).where(AgentVersion.agent == agent.name)
        version = ((await connection.execute(newest)).scalar() or 0) + 1
        made = StoredVersion(agent=agent.name, version=version, spec_hash=spec_hash, note=note, made_at=now)
        await connection.execute(table_of(AgentVersion).insert().values(**msgspec.structs.asdict(made), source=source))
        await connection.execute(update(Agent).where(Agent.name == agent.name).values(published=version))
        return made

    async def _text(self, connection: AsyncConnection, name: str, version: int) -> str | None:
        query = select(AgentVersion.source).where(AgentVersion.agent == name, AgentVersion.version == version)
        return (await connection.execute(query)).scalar()


def hash_of(source: str) -> str:
    """What a text of an agent file is known by: in a call's row, in a version, as an entity tag."""
    return hashlib.sha256(source.encode()).hexdigest()

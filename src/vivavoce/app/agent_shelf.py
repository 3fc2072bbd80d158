"""Where agents are found by name: in the database, where one was published, or in the agents folder."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from vivavoce.agents import AgentFile, load
from vivavoce.app.agent_files import file_names, find_agent, is_name
from vivavoce.app.settings import Settings
from vivavoce.errors import NotHereError
from vivavoce.store.agents import Agents

Origin = Literal["file", "database"]

FRESH_S = 1.0
"""How long an answer is given again: a landing page with a crowd asks for one agent hundreds of times a second, and
whoever publishes waits no longer than this to meet the new version.
"""
MAX_CACHED = 256
"""Agents kept at a time; those are read from strangers' requests, so their number has an end."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """An agent that callers can meet."""

    name: str
    """What it is found and booked by; `file.spec.name` is what the file calls itself."""
    file: AgentFile
    origin: Origin
    version: int | None
    """None for an agent of the folder."""

    @classmethod
    def of(cls, file: AgentFile) -> Shelved:
        """An agent that was read from somewhere else, under the name it gives itself."""
        return cls(file.spec.name, file, "file", None)


class UnknownAgentError(NotHereError):
    """No agent of this name can be met.

    Attributes:
        known: the names there are; not everybody may read them.
    """

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"want the name of a published agent, got {name[:64]!a}")
        self.known = known


class AgentShelf:
    """
    Args:
        clock: seconds that never go back.
    """

    def __init__(self, settings: Settings, agents: Agents, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._agents = agents
        self._clock = clock
        self._cached: dict[str, tuple[float, Shelved]] = {}
        self._laid: dict[str, Shelved] = {}

    def lay(self, agent: AgentFile) -> Shelved:
        """Let callers meet an agent that was read from somewhere else, before any other that has its name."""
        laid = Shelved.of(agent)
        self._laid[laid.name] = laid
        return laid

    async def find(self, name: str) -> Shelved:
        """The agent of this name as callers meet it: of the database, else of the folder; at most a second old.

        Raises:
            UnknownAgentError: there is none.
            InputError: its file cannot be read, or does not hold (AgentFileError).
            StoreError: the database does not answer.
        """
        now = self._clock()
        cached = self._cached.get(name)
        if cached is not None and now < cached[0]:
            return cached[1]
        found = await self._look(name)
        self._cached.pop(name, None)
        self._cached[name] = (now + FRESH_S, found)
        while len(self._cached) > MAX_CACHED:
            del self._cached[next(iter(self._cached))]  # the one that was looked up first
        return found

    def forget(self, name: str) -> None:
        """Look this agent up anew: it was changed through this very server."""
        self._cached.pop(name, None)

    async def read(self, source: str, name: str) -> AgentFile:
        """An agent file from its text, off the loop: the longest take seconds.

        Raises:
            AgentFileError: it does not hold.
        """
        return await asyncio.to_thread(read, source, name)

    async def names(self) -> list[str]:
        """Every agent that can be met, and files that ought to be."""
        return sorted({*self._laid, *await self._agents.names(), *await asyncio.to_thread(file_names, self._settings)})

    async def _look(self, name: str) -> Shelved:
        if (laid := self._laid.get(name)) is not None:
            return laid
        published = await self._agents.published(name) if is_name(name) else None
        if published is not None:
            version, source = published
            return Shelved(name, read(source, name), "database", version)
        try:
            return Shelved(name, await asyncio.to_thread(find_agent, self._settings, name), "file", None)
        except NotHereError:
            raise UnknownAgentError(name, await self.names()) from None


@lru_cache(maxsize=64)
def read(source: str, name: str) -> AgentFile:
    """An agent file from its text. Reading one takes 5 ms per kB, so the latest are kept.

    Raises:
        AgentFileError: it does not hold.
    """
    return load(source, name=name)

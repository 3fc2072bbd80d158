"""Which key or session a request shows, and whether this server wants one at all."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal, get_args

import structlog

from vivavoce.app.filing import open_store
from vivavoce.app.settings import Settings
from vivavoce.errors import StoreError
from vivavoce.store.database import Database
from vivavoce.store.keys import PREFIX, Keys, StoredKey, hash_of
from vivavoce.store.sessions import Sessions, StoredSession

log = structlog.get_logger(__name__)

Scope = Literal[
    "agents:read", "agents:write", "calls:book", "calls:read", "calls:delete", "people:read", "people:erase",
    "jobs:read", "jobs:write", "studies:read", "studies:write", "webhooks:read", "webhooks:write", "switches:write",
    "keys:write", "metrics:read",
]  # fmt: skip
SCOPES: frozenset[str] = frozenset(get_args(Scope))

FRESH_S = 2.0
"""How long a key that held is believed without another look. One that is revoked is refused at once by the server that
revoked it, and this much later by the others.
"""
MAX_CACHED = 1_000
"""Keys that are believed without a look: more than one server is given."""
USED_EVERY_S = 60.0
"""How often it is written down that a key was used."""
MAX_KEY_CHARS = 256
"""Keys of ours have 46; the server's own is as long as its operator likes, within this."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who may do something."""

    id: str
    """Of the key; "server" for the server's own key, "loopback" where a server without keys is asked."""
    scopes: frozenset[str]
    """Of `Scope`; "*" for all."""
    agents: frozenset[str] = frozenset()
    """The only agents it may touch; empty for all."""
    expires_at: float | None = None
    """Unix seconds; None for never."""

    def may(self, scope: Scope) -> bool:
        return "*" in self.scopes or scope in self.scopes

    def touches(self, agent: str) -> bool:
        """Whether an agent, by the name it is found by, is one of theirs."""
        return not self.agents or agent in self.agents

    def covers(self, agents: Collection[str]) -> bool:
        """Whether all these agents are theirs; empty means every agent there is."""
        return not self.agents or (bool(agents) and self.agents.issuperset(agents))

    def grants(self, scopes: Collection[str], agents: Collection[str], expires_at: float | None) -> bool:
        """Whether all this is theirs to hand on: nobody makes a key that may more, or for longer, than they do."""
        in_time = self.expires_at is None or (expires_at is not None and expires_at <= self.expires_at)
        return in_time and ("*" in self.scopes or self.scopes.issuperset(scopes)) and self.covers(agents)


ANYBODY = Principal("loopback", frozenset({"*"}))
SERVER = Principal("server", frozenset({"*"}))


async def is_guarded(settings: Settings) -> bool:
    """Whether a server with these settings wants keys, before it is opened.

    Raises:
        StoreError: nobody knows.
    """
    if settings.api_key:
        return True
    async with open_store(settings) as store:
        return await Keys(store.database).any()


class Keyring:
    """
    Args:
        server_key: the key of the settings; empty for none.
        clock: Unix seconds.
    """

    def __init__(self, database: Database, server_key: str, clock: Callable[[], float] = time.time) -> None:
        self.keys = Keys(database)
        self.sessions = Sessions(database, server_key)
        self._server_key = server_key
        self._clock = clock
        self._required = bool(server_key)
        self._look_at = 0.0
        self._believed: OrderedDict[str, tuple[float, StoredKey]] = OrderedDict()
        self._written: dict[str, float] = {}
        self._writing: set[asyncio.Task[None]] = set()

    async def required(self) -> bool:
        """Whether requests must show a key: there is one in the settings, or there ever was one in the database.

        Raises:
            StoreError: nobody knows.
        """
        if not self._required and self._clock() >= self._look_at:
            self._required = await self.keys.any()  # and stays so: see `Keys.any`
            self._look_at = self._clock() + FRESH_S
        return self._required

    async def owner_of(self, secret: str) -> Principal | None:
        """Whose key this is; None when it opens nothing (any more).

        Raises:
            StoreError: nobody knows.
        """
        if len(secret) > MAX_KEY_CHARS:
            return None
        if self._server_key and hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), self._server_key.encode()):
            return SERVER
        if not secret.startswith(PREFIX):
            return None
        now = self._clock()
        hashed = hash_of(secret)
        at, key = self._believed.get(hashed, (0.0, None))
        if key is None or now >= at + FRESH_S:
            self._believed.pop(hashed, None)
            key = await self.keys.find(secret)
            if key is None:
                return None
            self._believed[hashed] = (now, key)
            while len(self._believed) > MAX_CACHED:
                self._believed.popitem(last=False)
        return self._used(key, now) if key.holds(now) else None

    async def sitter_of(self, cookie: str) -> tuple[Principal, StoredSession] | None:
        """Whose session this is; None when it opens nothing (any more).

        Raises:
            StoreError: nobody knows.
        """
        now = self._clock()
        session = await self.sessions.find(cookie, now) if 0 < len(cookie) <= MAX_KEY_CHARS else None
        if session is None:
            return None
        if session.key_id is None:
            return SERVER, session
        key = await self.keys.get(session.key_id)
        return (self._used(key, now), session) if key is not None and key.holds(now) else None

    async def sit(self, who: Principal) -> str:
        """Begin a session of a key's owner; what its cookie holds. Never log it.

        Raises:
            StoreError: the database did not take it (RowsRefused: the key is gone).
        """
        return await self.sessions.begin(None if who == SERVER else who.id, self._clock())

    def forget(self) -> None:
        """Believe nobody without another look: a key was changed through this very server."""
        self._believed.clear()
        self._look_at = 0.0

    async def close(self) -> None:
        """Wait for what is being written."""
        await asyncio.gather(*self._writing)

    def _used(self, key: StoredKey, now: float) -> Principal:
        if now - self._written.get(key.id, 0.0) >= USED_EVERY_S:
            self._written[key.id] = now
            task = asyncio.create_task(self._write_used(key.id, now), name="key used")
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        return Principal(key.id, frozenset(key.scopes), frozenset(key.agents), key.expires_at)

    async def _write_used(self, key_id: str, now: float) -> None:
        try:
            await self.keys.used(key_id, now)
        except StoreError as error:
            log.warning("the use of a key could not be written down", key=key_id, problem=str(error))

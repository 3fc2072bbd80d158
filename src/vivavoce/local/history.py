"""What a handle brings back: the sessions' states, in memory, for a while.

A handle names the state at the end of a turn. It stays good when newer ones are issued, until its lifetime is over or
too much is kept; a handle that is not known any more is, to the client, one that never was.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from vivavoce.local.tempo import Clock
from vivavoce.wire.gemini.wording import INTERNAL, INVALID, NOT_FOUND, Refused

LIFETIME_S = 2 * 60 * 60.0
"""As documented for the service; some of its pages say 24 h."""
MOST_HANDLES = 4096
MOST_BYTES = 64 * 1024 * 1024
"""Of all states together; whichever limit is met, the oldest goes first."""


@dataclass(frozen=True, slots=True)
class Kept:
    """State of a session at the end of a turn."""

    session: str
    """Which session it is: the same on every connection that goes on with it."""
    model: str
    brain: bytes = field(repr=False)
    meter: bytes = field(repr=False)
    lasted_s: float = 0.0
    """How long the session had gone on, over all its connections."""
    notes: tuple[str, ...] = field(default=(), repr=False)
    """Words taken in and not answered yet."""

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.model) + len(self.brain) + len(self.meter) + sum(map(len, self.notes))


class History:
    """Handles and the states behind them, and which sessions have a connection now."""

    def __init__(
        self, clock: Clock, *, lifetime_s: float = LIFETIME_S, most: int = MOST_HANDLES, most_bytes: int = MOST_BYTES
    ) -> None:
        self._clock = clock
        self._lifetime_s = lifetime_s
        self._most = most
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[float, Kept]] = OrderedDict()
        self._bytes = 0
        self._live: set[str] = set()
        self.refusing = False
        """While true no handle is known: what a client meets when the service has lost its session."""

    def keep(self, state: Kept) -> str:
        """A fresh handle for a state."""
        handle = secrets.token_urlsafe(24)
        self._kept[handle] = (self._clock.now() + self._lifetime_s, state)
        self._bytes += state.size
        while len(self._kept) > self._most or (self._bytes > self._most_bytes and len(self._kept) > 1):
            self._drop(next(iter(self._kept)))
        return handle

    def find(self, handle: str) -> Kept | None:
        """The state behind a handle; None when it is unknown, expired or refused."""
        found = self._kept.get(handle)
        if found is None or self.refusing:
            return None
        good_until, state = found
        if self._clock.now() >= good_until:
            self._drop(handle)
            return None
        return state

    def resume(self, handle: str, model: str) -> Kept:
        """The state behind a handle, for a client that goes on with this model.

        Raises:
            Refused: unknown, expired, of another model, or its session has a live connection.
        """
        state = self.find(handle)
        if state is None:
            raise Refused(NOT_FOUND, code=1008)
        if state.model != model:
            raise Refused(INVALID)
        if state.session in self._live:
            raise Refused(INTERNAL, code=1011)
        return state

    def connected(self, session: str) -> None:
        """A session has a connection: nobody else may go on with it."""
        self._live.add(session)

    def released(self, session: str) -> None:
        """A session's connection is gone."""
        self._live.discard(session)

    def _drop(self, handle: str) -> None:
        _, state = self._kept.pop(handle)
        self._bytes -= state.size

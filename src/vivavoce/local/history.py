"""What a handle brings back: the sessions' states, in memory, for a while.

A handle names the state at the end of a turn. It stays good when newer ones are issued, until its lifetime is over or
too many have been issued; a handle that is not known any more is, to the client, one that never was.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from vivavoce.local.tempo import Clock

LIFETIME_S = 2 * 60 * 60.0
"""As documented for the service; some of its pages say 24 h."""
MOST_HANDLES = 4096
"""About 40 MB at the size of a 35-minute interview's state; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class Kept:
    """State of a session at the end of a turn."""

    model: str
    brain: bytes
    meter: bytes


class History:
    """Handles and the states behind them."""

    def __init__(self, clock: Clock, *, lifetime_s: float = LIFETIME_S, most: int = MOST_HANDLES) -> None:
        self._clock = clock
        self._lifetime_s = lifetime_s
        self._most = most
        self._kept: OrderedDict[str, tuple[float, Kept]] = OrderedDict()
        self.refusing = False
        """While true no handle is known: what a client meets when the service has lost its session."""

    def keep(self, state: Kept) -> str:
        """A fresh handle for a state."""
        handle = secrets.token_urlsafe(24)
        self._kept[handle] = (self._clock.now() + self._lifetime_s, state)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return handle

    def find(self, handle: str) -> Kept | None:
        """The state behind a handle; None when it is unknown, expired or refused."""
        found = self._kept.get(handle)
        if found is None or self.refusing:
            return None
        good_until, state = found
        if self._clock.now() >= good_until:
            del self._kept[handle]
            return None
        return state

"""A session's handles to resume with: given out after each turn, withheld while nothing could be resumed."""

from __future__ import annotations

from collections.abc import Callable

from vivavoce.local.history import History, Kept
from vivavoce.local.manner import Manner
from vivavoce.local.outlet import Outlet


class Handles:
    """What one client knows of its handles."""

    def __init__(self, outlet: Outlet, manner: Manner, history: History, state: Callable[[], Kept]) -> None:
        self._outlet = outlet
        self._wanted = manner.handles
        self._in_turn = manner.handle_in_turn
        self._history = history
        self._state = state
        self._withheld = False

    async def turn_began(self) -> None:
        """A turn that is being generated cannot be resumed, with most models."""
        if not self._in_turn:
            await self.withhold()

    async def withhold(self) -> None:
        """Say, once, that the state cannot be resumed now."""
        if self._wanted and not self._withheld:
            self._withheld = True
            await self._outlet.resumable(None)

    async def issue(self) -> None:
        """A handle for the state as it is now."""
        if self._wanted:
            self._withheld = False
            await self._outlet.resumable(self._history.keep(self._state()))

    async def make_good(self) -> None:
        """A handle if the client was told that there is none."""
        if self._withheld:
            await self.issue()

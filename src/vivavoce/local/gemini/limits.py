"""How long a connection and a session last, as far as the server's rules end them by themselves.

Source: reference gemini-live 4.7 and conformance S52, S53.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from vivavoce.local.gemini.setting import Setting
from vivavoce.local.parts import Rules
from vivavoce.local.tempo import Clock
from vivavoce.wire.gemini.wording import INVALID, Refused

SESSION_S = 15 * 60.0
SESSION_WITH_VIDEO_S = 2 * 60.0


class Limits:
    """One connection's time.

    Args:
        lasted_s: how long the session had gone on before this connection.
    """

    def __init__(self, rules: Rules, setting: Setting, clock: Clock, *, lasted_s: float) -> None:
        self._rules = rules
        self._clock = clock
        self._connected_at = clock.now()
        self._session_began_at = self._connected_at - lasted_s
        self._limited = rules.session_limits and not setting.compressed
        self._most_tokens = setting.row.input_tokens if self._limited else None
        self._seen = False
        self._shortened = asyncio.Event()

    def seen(self) -> None:
        """A video frame came: from now on the shorter limit holds."""
        if self._limited and not self._seen:
            self._seen = True
            self._shortened.set()

    def check(self, prompt_tokens: int) -> None:
        """Tell whether the context is full.

        Raises:
            Refused: it is.
        """
        if self._most_tokens is not None and prompt_tokens > self._most_tokens:
            raise Refused(INVALID, detail=f"want at most {self._most_tokens} tokens, got {prompt_tokens}.")

    async def run(self, go_away: Callable[[float], object]) -> None:
        """Announce the end when it is near, then end.

        Args:
            go_away: announces it, with the seconds that are left, without waiting for a client that does not read.
        Raises:
            Refused: the time is over; code and reason as the rules say.
        """
        announced = False
        while (end := self._ends_at()) is not None:  # with no end there never will be one
            due = end if announced else max(self._connected_at, end - self._rules.go_away_lead_s)
            if await self._shortened_before(due):
                continue
            if announced:
                code, reason = self._rules.life_close
                raise Refused(reason, code=code)
            announced = True
            go_away(max(0.0, end - self._clock.now()))

    def _ends_at(self) -> float | None:
        ends = []
        if self._rules.connection_life_s is not None:
            ends.append(self._connected_at + self._rules.connection_life_s)
        if self._limited:
            ends.append(self._session_began_at + (SESSION_WITH_VIDEO_S if self._seen else SESSION_S))
        return min(ends, default=None)

    async def _shortened_before(self, due: float) -> bool:
        """Wait until then, or until the end has come nearer."""
        timer = asyncio.ensure_future(self._clock.sleep_until(due))
        shorter = asyncio.ensure_future(self._shortened.wait())
        try:
            await asyncio.wait((timer, shorter), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            shorter.cancel()
        if not self._shortened.is_set():
            return False
        self._shortened.clear()
        return True

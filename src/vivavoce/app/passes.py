"""How many clients may talk to the live model directly at a time. They are nobody's guests here, but they talk with our
key: without a limit whoever may ask for one pass may ask for a thousand.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from vivavoce.errors import BusyError
from vivavoce.live.dialect import Opening
from vivavoce.live.direct import Pass


class Office(Protocol):
    async def issue(self, opening: Opening, *, start_within_s: float, life_s: float, now: datetime) -> Pass: ...


class Passes:
    """Nobody tells when a direct session ends, so a pass counts until it expires.

    Args:
        most: that may hold at a time.
    """

    def __init__(self, office: Office, most: int) -> None:
        self._office = office
        self._most = most
        self._expire_at: list[datetime] = []

    async def give(self, opening: Opening, *, start_within_s: float, life_s: float, now: datetime) -> Pass:
        """A pass for one session.

        Raises:
            BusyError: too many hold already.
            LinkError: the service does not make one.
        """
        self._expire_at = [at for at in self._expire_at if at > now]
        if len(self._expire_at) >= self._most:
            raise BusyError(f"want fewer than {self._most} passes at a time, got another one")
        expires_at = now + timedelta(seconds=life_s)
        self._expire_at.append(expires_at)
        try:
            return await self._office.issue(opening, start_within_s=start_within_s, life_s=life_s, now=now)
        except BaseException:
            self._expire_at.remove(expires_at)
            raise

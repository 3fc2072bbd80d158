"""How fast a reply is handed out, and when it would have been heard.

The service generates speech three to four times faster than it plays, sends a first burst at once and holds
`turnComplete` back until the audio would have been played (reference: gemini-live 2.8, 4.2). Clients rely on all three.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from vivavoce.wire.gemini.messages import AUDIO_OUT_HZ

BYTES_PER_SECOND = AUDIO_OUT_HZ * 2


class Clock(Protocol):
    """Seconds that never go back, and a way to wait for one of them."""

    def now(self) -> float: ...

    async def sleep_until(self, at: float) -> None: ...


class LoopClock:
    """The running loop's clock."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep_until(self, at: float) -> None:
        wait = at - self.now()
        if wait > 0:
            await asyncio.sleep(wait)


@dataclass(frozen=True, slots=True)
class Tempo:
    """Pace of a reply's audio."""

    speed: float = 3.5
    """Times real time, after the first burst."""
    burst_ms: int = 300
    """Sent at once, so that playback starts without waiting for the pace."""
    until_played: bool = True
    """Whether `turnComplete` waits until the audio would have been played."""


class Playback:
    """One reply's audio on its way out: when the next chunk may go, and when all of it would have been played."""

    def __init__(self, tempo: Tempo, clock: Clock) -> None:
        self._tempo = tempo
        self._clock = clock
        self._began_at = 0.0  # since then the pace counts
        self._paced_ms = 0.0
        self._played_by = 0.0
        self.sent_ms = 0.0

    async def admit(self, size: int) -> None:
        """Wait until a chunk of `size` bytes may be sent, and count it as sent."""
        now = self._clock.now()
        if not self.sent_ms or now > self._played_by:  # all was heard while a tool or a brain took its time
            self._began_at, self._paced_ms = now, 0.0
        ahead_ms = self._paced_ms - self._tempo.burst_ms
        if ahead_ms > 0:
            await self._clock.sleep_until(self._began_at + ahead_ms / 1000 / self._tempo.speed)
        seconds = size / BYTES_PER_SECOND
        self._played_by = max(self._played_by, self._clock.now()) + seconds
        self._paced_ms += seconds * 1000
        self.sent_ms += seconds * 1000

    @property
    def heard_ms(self) -> float:
        """What can have been played by now: all that was sent but for what is still to come."""
        return max(0.0, self.sent_ms - max(0.0, self._played_by - self._clock.now()) * 1000)

    async def played(self) -> None:
        """Wait until what was sent would have been played."""
        if self._tempo.until_played and self.sent_ms:
            await self._clock.sleep_until(self._played_by)

"""What a network does to a connection: it is slow, unsteady, narrow or gone. A stream of TCP stays in order, so what is
late holds up everything behind it, and loss is heard as a pause.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Annotated, Generic, TypeVar

import msgspec

from vivavoce.local.faults.when import Fault, Seconds
from vivavoce.local.parts import PeerGone
from vivavoce.local.tempo import Clock

T = TypeVar("T")

MOST_ON_THE_WAY = 1024
"""Messages that are on their way in one direction; with more, whoever sends waits, as for a full socket."""
MOST_RESENDS = 6
"""Of one message. TCP gives up later than that, but then the connection is another fault's."""


class Latency(Fault, frozen=True, tag="latency"):
    """Everything arrives late, both ways."""

    delay_s: Seconds
    """One way."""
    jitter_s: Seconds = 0.0
    """Up to so much more, by chance."""


class Loss(Fault, frozen=True, tag="loss"):
    """Packets are lost and sent again: messages, and all that is behind them, come late, both ways."""

    chance: Annotated[float, msgspec.Meta(gt=0, le=0.9)]
    """Of each message."""
    again_s: Seconds = 0.25
    """Until it is sent again: TCP waits 200 ms at least, and a round trip."""


class Throttle(Fault, frozen=True, tag="throttle"):
    """The line is narrow, both ways."""

    bytes_per_s: Annotated[int, msgspec.Meta(ge=100, le=100_000_000)]


class HalfOpen(Fault, frozen=True, tag="half_open"):
    """The peer is gone, and TCP does not know: nothing is read, sent or answered any more, and the connection stays."""


class Way(Generic[T]):
    """One direction of a connection.

    Args:
        chance: draws what is late and what is lost.
        deliver: takes what has arrived.
    """

    def __init__(self, clock: Clock, chance: random.Random, deliver: Callable[[T], Awaitable[None]]) -> None:
        self._clock = clock
        self._chance = chance
        self._deliver = deliver
        self._latency: Latency | None = None
        self._loss: Loss | None = None
        self._throttle: Throttle | None = None
        self._narrow_until = 0.0
        self._newest = 0.0
        self._on_the_way: asyncio.Queue[tuple[float, T]] = asyncio.Queue(MOST_ON_THE_WAY)

    def arm(self, fault: Latency | Loss | Throttle) -> None:
        """From now on the way is like this."""
        match fault:
            case Latency():
                self._latency = fault
            case Loss():
                self._loss = fault
            case Throttle():
                self._throttle = fault

    def arrives_at(self, size: int, now: float) -> float:
        """When so many bytes that leave now are there; never before what left earlier."""
        at = now
        if self._throttle is not None:
            self._narrow_until = at = max(now, self._narrow_until) + size / self._throttle.bytes_per_s
        if self._latency is not None:
            at += self._latency.delay_s + self._chance.uniform(0.0, self._latency.jitter_s)
        if self._loss is not None:
            resends = 0
            while resends < MOST_RESENDS and self._chance.random() < self._loss.chance:
                resends += 1
            at += resends * self._loss.again_s
        self._newest = max(self._newest, at)
        return self._newest

    async def send(self, message: T, size: int) -> None:
        """Send something on its way; waits only when too much is on it."""
        await self._on_the_way.put((self.arrives_at(size, self._clock.now()), message))

    async def empty(self) -> None:
        """Wait until everything has arrived."""
        await self._on_the_way.join()

    async def run(self) -> None:
        """Deliver, until cancelled."""
        while True:
            at, message = await self._on_the_way.get()
            try:
                await self._clock.sleep_until(at)
                await self._deliver(message)
            except PeerGone:
                continue  # whoever reads learns of it
            finally:
                self._on_the_way.task_done()

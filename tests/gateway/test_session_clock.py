"""The clock of a call: it never goes back, and rings when the conversation is due and not before."""

from __future__ import annotations

import asyncio

from vivavoce.gateway.session_clock import SessionClock


class Due:
    def __init__(self, at: float | None) -> None:
        self.at = at
        self.rung = asyncio.Event()

    def clock(self) -> SessionClock:
        return SessionClock(lambda: self.at, self.rung.set)


async def test_it_rings_when_the_moment_has_come() -> None:
    due = Due(0.01)
    clock = due.clock()
    clock.arm()
    async with asyncio.timeout(5):
        await due.rung.wait()
    assert clock.now() >= 0.01, "what the timer was set for has come, however early it fired"


async def test_a_moment_that_moved_away_is_looked_at_again() -> None:
    due = Due(0.01)
    clock = due.clock()
    clock.arm()
    due.at = 0.05
    clock.arm()
    async with asyncio.timeout(5):
        await due.rung.wait()
    assert clock.now() >= 0.05


async def test_a_moment_that_came_nearer_rings_earlier() -> None:
    due = Due(3600.0)
    clock = due.clock()
    clock.arm()
    due.at = 0.01
    clock.arm()
    async with asyncio.timeout(5):
        await due.rung.wait()


async def test_it_never_goes_back() -> None:
    clock = Due(None).clock()
    clock._wake(5.0)
    assert clock.now() == 5.0
    assert clock.elapsed() < 5.0
    assert clock.now() == 5.0


async def test_a_clock_that_was_stopped_does_not_ring() -> None:
    due = Due(0.0)
    clock = due.clock()
    clock.arm()
    clock.stop()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not due.rung.is_set()

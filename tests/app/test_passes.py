"""How many direct clients there may be at a time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vivavoce.app.passes import Passes
from vivavoce.errors import BusyError, LinkError
from vivavoce.live.dialect import Opening
from vivavoce.live.direct import Pass

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
OPENING = Opening(model="m")


class Office:
    """Issues what it is asked for; `fails` is raised instead."""

    def __init__(self) -> None:
        self.fails: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def issue(self, opening: Opening, *, start_within_s: float, life_s: float, now: datetime) -> Pass:
        await self.open.wait()
        if self.fails is not None:
            raise self.fails
        return Pass("t", "u", opening.model, now, now + timedelta(seconds=life_s))


async def give(passes: Passes, after_s: float = 0.0) -> Any:
    return await passes.give(OPENING, start_within_s=10, life_s=60, now=NOW + timedelta(seconds=after_s))


async def test_a_pass_counts_until_it_expires() -> None:
    passes = Passes(Office(), most=2)
    await give(passes)
    await give(passes, 30)
    with pytest.raises(BusyError, match="fewer than 2"):
        await give(passes, 59)
    await give(passes, 60)
    with pytest.raises(BusyError):
        await give(passes, 60)


async def test_a_pass_that_was_not_made_does_not_count() -> None:
    office = Office()
    passes = Passes(office, most=1)
    office.fails = LinkError("no")
    for _ in range(3):
        with pytest.raises(LinkError):
            await give(passes)
    office.fails = None
    await give(passes)


async def test_passes_that_are_being_made_count() -> None:
    office = Office()
    passes = Passes(office, most=1)
    office.open.clear()
    first = asyncio.create_task(give(passes))
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await give(passes)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    office.open.set()
    await give(passes)

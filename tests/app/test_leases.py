"""Leases are renewed for all calls at once, losses are told once, and a database that is away takes no call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.store.test_ownership import NOW, new_call, row_of
from vivavoce.app.leases import LEASE_S, RENEW_S, Leases
from vivavoce.errors import StoreError
from vivavoce.store import Ownership, Store


class FakeOwnership:
    """Answers what it is told to; an exception is raised."""

    def __init__(self) -> None:
        self.asked: list[dict[str, int]] = []
        self.lost: set[str] | Exception = set()

    async def renew(self, held: Mapping[str, int], *, owner: str, lease_until: float) -> set[str]:
        self.asked.append(dict(held))
        await asyncio.sleep(0)
        if isinstance(self.lost, Exception):
            raise self.lost
        return self.lost & held.keys()


@pytest.fixture
def ownership() -> FakeOwnership:
    return FakeOwnership()


@pytest.fixture
def leases(ownership: FakeOwnership) -> Leases:
    return Leases(ownership, owner="here", clock=lambda: NOW)  # type: ignore[arg-type]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


async def test_calls_are_renewed_until_they_are_dropped_or_lost(store: Store) -> None:
    now = NOW
    leases = Leases(Ownership(store.database), owner="here", clock=lambda: now)
    lost: list[str] = []
    leases.on_lost.append(lost.append)
    kept, dropped, taken = await new_call(store), await new_call(store), await new_call(store)
    for call_id in (kept, dropped, taken):
        leases.hold(call_id, 1)
    leases.drop(dropped)
    now += 3
    await leases.renew()
    assert (await row_of(store, kept)).lease_until == leases.until() == now + LEASE_S
    assert (await row_of(store, dropped)).lease_until == NOW + 10
    await Ownership(store.database).take(taken, owner="there", lease_until=now + 9, now=now)
    for _ in range(2):
        await leases.renew()
    assert (lost, len(leases)) == ([taken], 1)


async def test_all_day_every_two_seconds(ownership: FakeOwnership) -> None:
    asked: list[float] = []
    enough = asyncio.Event()

    async def pause(wait_s: float) -> None:
        asked.append(wait_s)
        if len(asked) == 5:
            enough.set()
            await asyncio.Event().wait()

    leases = Leases(ownership, owner="here", pause=pause)  # type: ignore[arg-type]
    leases.hold("one", 1)
    async with leases.renewing():
        await enough.wait()
    assert asked == [RENEW_S] * 5
    assert ownership.asked == [{"one": 1}] * 4


async def test_a_database_that_is_away_takes_no_call_from_anybody(leases: Leases, ownership: FakeOwnership) -> None:
    told: list[str] = []
    leases.on_lost.append(told.append)
    leases.hold("one", 1)
    ownership.lost = StoreError("away")
    with capture_logs() as logs:
        for _ in range(100):
            await leases.renew()
    assert [entry["log_level"] for entry in logs] == ["warning"], "said once, not every two seconds"
    assert (told, len(leases)) == ([], 1)
    ownership.lost = set()
    await leases.renew()
    assert len(leases) == 1


async def test_a_call_that_was_let_go_or_taken_anew_meanwhile_is_not_lost(
    leases: Leases, ownership: FakeOwnership
) -> None:
    told: list[str] = []
    leases.on_lost.append(told.append)
    for call_id in ("dropped", "anew", "lost"):
        leases.hold(call_id, 1)
    ownership.lost = {"dropped", "anew", "lost"}
    asking = asyncio.create_task(leases.renew())
    await asyncio.sleep(0)
    assert ownership.asked
    leases.drop("dropped")
    leases.hold("anew", 3)
    await asking
    assert told == ["lost"]
    assert len(leases) == 1


async def test_a_loss_that_comes_to_light_elsewhere_is_told_once(leases: Leases) -> None:
    def broken(_: str) -> None:
        raise ValueError

    told: list[str] = []
    leases.on_lost += [broken, told.append]
    leases.hold("one", 1)
    for _ in range(2):
        leases.lose("one", 1)
    leases.lose("never held", 1)
    assert told == ["one"]
    leases.hold("one", 3)
    leases.lose("one", 1)
    assert leases.holds("one", 3), "it came back: rows of the first time are still on their way"
    assert told == ["one"]


async def test_a_fault_of_ours_does_not_end_the_renewing(ownership: FakeOwnership) -> None:
    """Sweepers would end every call of this server two minutes later, and its callers with them."""
    enough = asyncio.Event()

    async def pause(_: float) -> None:
        if len(ownership.asked) == 3:
            enough.set()
            await asyncio.Event().wait()

    leases = Leases(ownership, owner="here", pause=pause)  # type: ignore[arg-type]
    leases.hold("one", 1)
    ownership.lost = ValueError("of one row")
    with capture_logs() as logs:
        async with leases.renewing(), asyncio.timeout(10):
            await enough.wait()
    assert {(entry["event"], entry["fault"]) for entry in logs} == {("leases could not be renewed", "ValueError")}
    assert len(leases) == 1


async def test_a_call_that_is_in_a_later_epoch_is_lost(leases: Leases) -> None:
    told: list[str] = []
    leases.on_lost.append(told.append)
    leases.hold("one", 2)
    assert not leases.outdated("one", 1), "an answer that was long on its way"
    assert not leases.outdated("one", 2)
    assert not leases.outdated("never held", 2)
    assert leases.outdated("one", 3)
    assert (told, len(leases)) == (["one"], 0)


async def test_whoever_stops_renewing_loses_nothing_by_it(store: Store, ownership: Any) -> None:
    leases = Leases(Ownership(store.database), owner="here", clock=lambda: NOW)
    call_id = await new_call(store)
    leases.hold(call_id, 1)
    async with leases.renewing():
        pass
    assert (await row_of(store, call_id)).owner == "here"

"""What nobody carries any more is filed by any server, once, and never under somebody's hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.app.conftest import House
from tests.gateway.peers import until
from tests.store.test_ownership import LEASE, NOW, new_call, row_of, rows_of
from vivavoce.app.orphans import LOOK_EVERY_S, Orphans
from vivavoce.errors import StoreError
from vivavoce.store import Ownership, Recorder, Store
from vivavoce.store.rows import StoredTurn

PATIENCE_S = 120.0
DUE = LEASE + PATIENCE_S + 1.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sweeper(store: Store, folder: Path, clock: Clock, told: list[str] | None = None) -> Orphans:
    async def tell(call_id: str) -> None:
        if told is not None:
            told.append(call_id)

    async def broken(_: str) -> None:
        raise ValueError

    return Orphans(store, folder, return_within_s=PATIENCE_S, on_filed=[broken, tell], clock=clock)


async def test_a_dead_servers_call_is_filed_when_its_caller_had_their_time(
    store: Store, tmp_path: Path, clock: Clock
) -> None:
    told: list[str] = []
    orphans = sweeper(store, tmp_path, clock, told)
    call_id = await new_call(store)
    days = {"keep_audio_days": {"value": 30, "source": "package"}}
    await store.update_call(call_id, settings={"resolved": days}, started_at=NOW - 300)  # booked then, and begun later
    await store.write(rows_of(call_id, 1))
    turn = StoredTurn(call_id=call_id, turn=7, who="a", start_ms=0, end_ms=9_500, text="so", complete=True, epoch=1)
    await store.write([turn])
    recorder = Recorder(tmp_path, call_id)
    recorder.caller(0, bytes(32_000))
    await recorder.close()
    for now in (NOW, LEASE + 1, DUE - 2):
        clock.now = now
        for _ in range(3):
            assert await orphans.look() == []
    assert (await row_of(store, call_id)).state == "live", "its caller may still come back"
    clock.now = DUE
    assert await orphans.look() == [], "found once"
    assert await orphans.look() == [call_id]
    assert await orphans.look() == []
    filed = await row_of(store, call_id)
    assert (filed.state, filed.end_reason, filed.ended_at) == ("ended", "server_died", NOW + 9.5)
    assert filed.audio_until == NOW + 9.5 + 30 * 86_400, "how long it is kept counts from its end"
    assert [(row.track, row.samples, row.complete) for row in await store.recordings(call_id)] == [
        ("caller", 16_000, False)
    ]
    assert await Ownership(store.database).newest_handle(call_id) is None
    assert told == [call_id]
    assert await store.write(rows_of(call_id, 1, 9)) == {(call_id, 1)}, "it was only stopped: it writes no more of it"


async def test_a_call_that_was_handed_on_and_not_taken_has_lost_its_caller(
    store: Store, tmp_path: Path, clock: Clock
) -> None:
    call_id = await new_call(store)
    await Ownership(store.database).release(call_id, 1)
    orphans = sweeper(store, tmp_path, clock)
    clock.now = DUE
    assert [await orphans.look(), await orphans.look()] == [[], [call_id]]
    assert (await row_of(store, call_id)).end_reason == "caller_left"


async def test_after_an_outage_whoever_lives_keeps_their_calls(store: Store, tmp_path: Path, clock: Clock) -> None:
    """The database was away for five minutes: no lease was renewed. The first look finds all of them run out."""
    ownership = Ownership(store.database)
    alive, dead = await new_call(store), await new_call(store)
    orphans = sweeper(store, tmp_path, clock)
    clock.now = NOW + 300
    assert await orphans.look() == []
    await ownership.renew({alive: 1}, owner="here", lease_until=clock.now + 10)
    clock.now += LOOK_EVERY_S
    assert await orphans.look() == [dead]
    assert (await row_of(store, alive)).state == "live"


async def test_a_caller_who_comes_back_at_the_last_moment_has_their_call(
    store: Store, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = await new_call(store)
    orphans = sweeper(store, tmp_path, clock)
    clock.now = DUE
    await orphans.look()
    ownership = Ownership(store.database)
    found = Ownership.abandoned

    async def and_then_they_come(self: Ownership, now: float) -> object:
        calls = await found(self, now)
        assert await ownership.take(call_id, owner="there", lease_until=DUE + 10, now=DUE) == 2
        return calls

    monkeypatch.setattr(Ownership, "abandoned", and_then_they_come)
    assert await orphans.look() == []
    monkeypatch.undo()
    assert (await row_of(store, call_id)).owner == "there"
    # they come while it is filed: what the one who files still writes matches nothing
    other = await new_call(store)
    await orphans.look()
    turns = Store.turns

    async def and_then_another_comes(self: Store, of: str) -> object:
        assert await ownership.take(of, owner="there", lease_until=DUE + 10, now=DUE) == 3
        return await turns(self, of)

    monkeypatch.setattr(Store, "turns", and_then_another_comes)
    assert await orphans.look() == []
    taken = await row_of(store, other)
    assert (taken.state, taken.owner, taken.audio_until) == ("live", "there", None)


async def test_many_servers_file_a_call_once(store: Store, tmp_path: Path, clock: Clock) -> None:
    told: list[str] = []
    calls = [await new_call(store) for _ in range(5)]
    servers = [sweeper(store, tmp_path, clock, told) for _ in range(4)]
    clock.now = DUE
    for _ in range(2):
        await asyncio.gather(*(server.look() for server in servers))
    assert sorted(told) == sorted(calls)
    assert {(await row_of(store, call_id)).epoch for call_id in calls} == {2}


async def test_one_who_dies_while_they_file_leaves_it_to_another(
    store: Store, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = await new_call(store)

    async def dies(*_: object, **__: object) -> bool:
        raise StoreError("away")

    orphans = sweeper(store, tmp_path, clock)
    clock.now = DUE
    await orphans.look()
    with monkeypatch.context() as patch:
        patch.setattr(Store, "finish_call", dies)
        with pytest.raises(StoreError):
            await orphans.look()
    another = sweeper(store, tmp_path, clock)
    clock.now += 30 + PATIENCE_S + 1
    assert [await another.look(), await another.look()] == [[], [call_id]]


async def test_one_that_cannot_be_read_keeps_nobody_elses_from_its_end(
    store: Store, tmp_path: Path, clock: Clock
) -> None:
    unreadable, other = await new_call(store), await new_call(store)
    await store.update_call(unreadable, settings={"resolved": {"pace": {"value": 7}}}, lease_until=LEASE - 1)
    orphans = sweeper(store, tmp_path, clock)
    clock.now = DUE
    with capture_logs() as logs:
        assert [await orphans.look(), await orphans.look()] == [[], [other]]
    assert [entry["call"] for entry in logs if entry["event"].endswith("could not be filed")] == [unreadable]


async def test_a_fault_of_ours_does_not_end_the_looking(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    enough = asyncio.Event()

    async def look(_: Orphans) -> list[str]:
        nonlocal looks
        looks += 1
        raise StoreError("away") if looks == 1 else ValueError

    async def pause(_: float) -> None:
        if looks == 3:
            enough.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(Orphans, "look", look)
    with capture_logs() as logs:
        async with Orphans(store, tmp_path, return_within_s=PATIENCE_S, pause=pause).filing(), asyncio.timeout(10):
            await enough.wait()
    assert [entry["fault"] for entry in logs] == ["ValueError"] * 2


async def test_bookings_wait_for_whoever_has_the_ticket(store: Store, tmp_path: Path, clock: Clock) -> None:
    call_id = await new_call(store, live=False)
    orphans = sweeper(store, tmp_path, clock)
    clock.now = DUE + 1_000
    assert [await orphans.look(), await orphans.look()] == [[], []]
    assert (await row_of(store, call_id)).state == "booked"


@pytest.mark.slow
async def test_a_house_files_what_another_left_and_what_follows_from_an_end_follows(house: House) -> None:
    call, ticket = await house.ticket()
    store = house.desk.store
    assert await store.redeem_ticket(ticket, NOW, owner="elsewhere:1", lease_until=NOW) == call
    orphans = Orphans(store, house.desk.recordings_dir, return_within_s=PATIENCE_S, on_filed=house.desk.on_ended)
    looked = [await orphans.look(), await orphans.look()]
    assert looked[0] == []
    # the house looks as well, and may have been faster
    await until(lambda: not house.desk.is_running(call))
    filed = await store.call(call)
    assert filed is not None
    assert filed.end_reason == "server_died"
    asked = [job.kind for job in await house.services.jobs.list(call_id=call)]
    assert asked == ["report"]

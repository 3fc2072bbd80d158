"""Who carries a call: taken, renewed, released, abandoned; and that a stale owner's writes match nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from tests.postgres import Postgres
from vivavoce.errors import StoreError
from vivavoce.store import EventWriter, Ownership, RowsRefused, Store, StoredHandle, StoredReturn, database
from vivavoce.store.keys import hash_of
from vivavoce.store.ownership import padded
from vivavoce.store.rows import HotRow, StoredCall, StoredEvent, StoredFact, StoredTurn

NOW = 1_750_000_000.0
LEASE = NOW + 10.0
MANY = 1_000_000
"""More rows than one server of the race writes, so that a number says whose it is."""


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


@pytest.fixture
def ownership(store: Store) -> Ownership:
    return Ownership(store.database)


async def new_call(store: Store, *, live: bool = True) -> str:
    given: dict[str, Any] = {"agent_name": "a", "agent_source": "", "spec_hash": "", "code_version": ""}
    call_id = await store.create_call(started_at=NOW, owner="booker", **given)
    if live:
        ticket = await store.issue_ticket(call_id, 60.0, NOW)
        assert await store.redeem_ticket(ticket, NOW, owner="here", lease_until=LEASE) == call_id
    return call_id


async def row_of(store: Store, call_id: str) -> StoredCall:
    found = await store.call(call_id)
    assert found is not None
    return found


async def opened_by(ownership: Ownership, secret: str) -> str | None:
    found = await ownership.call_of_return(secret)
    return found.id if found is not None else None


def rows_of(call_id: str, epoch: int, seq: int = 0) -> list[HotRow]:
    """One of each kind that keeps what it says."""
    return [
        StoredEvent(call_id, seq, 0.0, b'{"by":%d}' % epoch, b"[]", epoch),
        StoredTurn(
            call_id=call_id, turn=seq, who="caller", start_ms=0, end_ms=1, text=f"by {epoch}", complete=True,
            epoch=epoch,
        ),
        StoredFact(
            call_id=call_id, field=f"f{seq}", objective="o", state="answered", value=epoch, source="s", evidence=[],
            updated_seq=seq, epoch=epoch,
        ),
        StoredHandle(call_id, epoch, seq, b"sealed by %d" % epoch, 512),
        StoredReturn(call_id, epoch, (hash_of(f"{call_id} {epoch}"),)),
    ]  # fmt: skip


async def kept_of(store: Store, call_id: str) -> list[object]:
    """What `rows_of` keeps, as it stands in the database."""
    found: list[object] = [(event.seq, event.event) for event in await store.events(call_id)]
    found += [turn.text for turn in await store.turns(call_id)]
    found += [fact.value for fact in await store.facts(call_id)]
    found.append(await Ownership(store.database).newest_handle(call_id))
    return found


async def test_a_redeemed_call_is_in_its_first_epoch(store: Store) -> None:
    booked = await row_of(store, await new_call(store, live=False))
    assert (booked.state, booked.epoch, booked.owner, booked.lease_until) == ("booked", 0, "booker", None)
    live = await row_of(store, await new_call(store))
    assert (live.state, live.epoch, live.owner, live.lease_until) == ("live", 1, "here", LEASE)


async def test_a_live_call_is_taken_whoever_had_it(store: Store, ownership: Ownership) -> None:
    call_id = await new_call(store)
    assert await ownership.take(call_id, owner="there", lease_until=NOW + 20, now=NOW) == 2
    assert await ownership.take(call_id, owner="elsewhere", lease_until=NOW + 30, now=NOW) == 3
    taken = await row_of(store, call_id)
    assert (taken.epoch, taken.owner, taken.lease_until) == (3, "elsewhere", NOW + 30)


async def test_what_is_not_live_is_not_taken(store: Store, ownership: Ownership) -> None:
    ended = await new_call(store)
    await store.finish_call(ended, ended_at=NOW, reason="done")
    erasing = await new_call(store)
    await store.update_call(erasing, state="erasing")
    for call_id in (await new_call(store, live=False), ended, erasing, "unknown"):
        before = await store.call(call_id)
        assert await ownership.take(call_id, owner="there", lease_until=LEASE, now=NOW) is None
        assert await store.call(call_id) == before


async def test_a_lease_in_the_past_is_a_mistake_of_ours(store: Store, ownership: Ownership) -> None:
    with pytest.raises(AssertionError, match="alive"):
        await ownership.take(await new_call(store), owner="there", lease_until=NOW, now=NOW)


async def test_many_who_take_at_once_get_an_epoch_each(store: Store, ownership: Ownership) -> None:
    call_id = await new_call(store)
    epochs = await asyncio.gather(
        *(ownership.take(call_id, owner=f"server {n}", lease_until=LEASE, now=NOW) for n in range(8))
    )
    assert sorted(epoch for epoch in epochs if epoch is not None) == list(range(2, 10))
    last = epochs.index(9)
    assert (await row_of(store, call_id)).owner == f"server {last}"


async def test_leases_are_renewed_together_and_losses_are_told(store: Store, ownership: Ownership) -> None:
    ours = [await new_call(store) for _ in range(5)]
    taken, ended, gone = await new_call(store), await new_call(store), await new_call(store)
    held = dict.fromkeys([*ours, taken, ended, gone, "unknown"], 1)
    assert await ownership.renew(held, owner="here", lease_until=NOW + 11) == {"unknown"}
    await ownership.take(taken, owner="there", lease_until=NOW + 20, now=NOW)
    await store.finish_call(ended, ended_at=NOW, reason="done")
    async with store.database.begin() as connection:
        await connection.execute(text("DELETE FROM calls WHERE id = :id"), {"id": gone})
    assert await ownership.renew(held, owner="here", lease_until=NOW + 12) == {taken, ended, gone, "unknown"}
    assert {(await row_of(store, call_id)).lease_until for call_id in ours} == {NOW + 12}
    assert (await row_of(store, taken)).lease_until == NOW + 20
    assert await ownership.renew({ours[0]: 1}, owner="another of this epoch", lease_until=NOW) == {ours[0]}
    assert await ownership.renew({}, owner="here", lease_until=NOW) == set()


async def test_a_lease_that_ran_out_is_renewed_while_nobody_took_the_call(store: Store, ownership: Ownership) -> None:
    """A server that hung for a while goes on."""
    call_id = await new_call(store)
    assert [call.id for call in await ownership.abandoned(LEASE + 1)] == [call_id]
    assert await ownership.renew({call_id: 1}, owner="here", lease_until=LEASE + 20) == set()
    assert await ownership.abandoned(LEASE + 1) == []


async def test_a_released_call_stays_live_for_the_time_of_its_lease(store: Store, ownership: Ownership) -> None:
    call_id = await new_call(store)
    await ownership.release(call_id, 7)
    assert (await row_of(store, call_id)).owner == "here", "another epoch's"
    await ownership.release(call_id, 1)
    released = await row_of(store, call_id)
    assert (released.state, released.owner, released.lease_until) == ("live", None, LEASE)
    assert await ownership.renew({call_id: 1}, owner="here", lease_until=NOW + 60) == {call_id}
    assert await ownership.take(call_id, owner="there", lease_until=NOW + 60, now=NOW) == 2


async def test_only_live_calls_whose_lease_ran_out_are_abandoned(store: Store, ownership: Ownership) -> None:
    late, later = await new_call(store), await new_call(store)
    await ownership.renew({later: 1}, owner="here", lease_until=LEASE - 1)
    ended, without = await new_call(store), await new_call(store)
    await store.finish_call(ended, ended_at=NOW, reason="done")
    await store.update_call(without, lease_until=None)
    await new_call(store, live=False)
    assert await ownership.abandoned(LEASE - 1) == []
    found = await ownership.abandoned(LEASE + 0.1)
    assert [call.id for call in found] == [later, late]
    assert found[1] == await row_of(store, late)


async def test_what_was_found_abandoned_is_adopted_as_it_was_found(store: Store, ownership: Ownership) -> None:
    taken, renewed, ended, alone = [await new_call(store) for _ in range(4)]
    found = {call.id: call for call in await ownership.abandoned(LEASE + 1)}
    await ownership.take(taken, owner="there", lease_until=LEASE, now=NOW)
    await ownership.renew({renewed: 1}, owner="here", lease_until=LEASE + 5)
    await store.finish_call(ended, ended_at=NOW, reason="done")
    adopted = {
        call_id: await ownership.adopt(call, owner="sweeper", lease_until=LEASE + 60) for call_id, call in found.items()
    }
    assert adopted == {taken: None, renewed: None, ended: None, alone: 2}
    assert await ownership.adopt(found[alone], owner="another", lease_until=LEASE + 60) is None


async def test_a_call_is_ended_over_the_head_of_its_owner(store: Store, ownership: Ownership) -> None:
    call_id, booked = await new_call(store), await new_call(store, live=False)
    await store.write(rows_of(call_id, 1))
    assert await ownership.end(call_id, ended_at=NOW + 5, reason="erased")
    assert await store.write(rows_of(call_id, 1, 1)) == {(call_id, 1)}, "nothing more of it is written"
    ended = await row_of(store, call_id)
    assert (ended.state, ended.end_reason, ended.ended_at, ended.owner) == ("ended", "erased", NOW + 5, None)
    assert await ownership.newest_handle(call_id) is None
    assert await opened_by(ownership, f"{call_id} 1") is None
    for each in (call_id, booked, "unknown"):
        assert not await ownership.end(each, ended_at=NOW + 6, reason="again")
    assert await row_of(store, call_id) == ended


async def test_a_stale_owner_changes_no_row_of_its_call(store: Store, ownership: Ownership) -> None:
    call_id = await new_call(store)
    assert await store.update_call(call_id, epoch=1, usage={"audio": 1})
    await ownership.take(call_id, owner="there", lease_until=LEASE, now=NOW)
    before = await row_of(store, call_id)
    assert not await store.update_call(call_id, epoch=1, usage={"audio": 9})
    assert not await store.finish_call(call_id, epoch=1, ended_at=NOW, reason="stale")
    assert await row_of(store, call_id) == before
    assert await store.finish_call(call_id, epoch=2, ended_at=NOW, reason="done")


async def test_a_stale_owners_rows_match_nothing(store: Store, ownership: Ownership) -> None:
    call_id, other = await new_call(store), await new_call(store)
    assert await store.write(rows_of(call_id, 1)) == set()
    await ownership.take(call_id, owner="there", lease_until=LEASE, now=NOW)
    for seq in (0, 1):
        for row in rows_of(call_id, 1, seq):
            assert await store.write([row]) == {(call_id, 1)}
    assert await store.write([*rows_of(call_id, 1, 1), *rows_of(other, 1)]) == {(call_id, 1)}
    assert await kept_of(store, call_id) == [(0, b'{"by":1}'), "by 1", 1, (0, b"sealed by 1", 512)]
    assert len(await kept_of(store, other)) == 4, "nobody else's rows share their fate"
    await store.write(rows_of(call_id, 2, 1))
    assert (await kept_of(store, call_id))[-1] == (1, b"sealed by 2", 512)
    assert await opened_by(ownership, f"{other} 1") == other
    assert await opened_by(ownership, f"{call_id} 1") is None
    assert await ownership.call_of_return(f"{call_id} 2") == await store.call(call_id)


async def test_rows_from_before_a_ticket_and_from_the_future_match_nothing(store: Store) -> None:
    call_id = await new_call(store)
    for epoch in (0, 2, -1):
        assert await store.write(rows_of(call_id, epoch)) == {(call_id, epoch)}
    assert await kept_of(store, call_id) == [None]


async def test_rows_of_a_call_that_is_not_there_are_refused(store: Store) -> None:
    for row in rows_of("unknown", 1):
        with pytest.raises(RowsRefused):
            await store.write([row])


async def test_what_a_caller_may_come_back_with_is_what_was_said_last(store: Store, ownership: Ownership) -> None:
    call_id = await new_call(store)
    await store.write([StoredReturn(call_id, 1, (hash_of("one"), hash_of("two")))])
    assert await opened_by(ownership, "one") == await opened_by(ownership, "two") == call_id
    await store.write([StoredReturn(call_id, 1, (hash_of("two"), hash_of("three")))])
    await store.write([StoredReturn(call_id, 1, (hash_of("two"), hash_of("three")))])  # the answer was lost
    found = [await opened_by(ownership, secret) for secret in ("one", "two", "three", "", "\ud800")]
    assert found == [None, call_id, call_id, None, None]
    await store.write([StoredReturn(call_id, 1, ())])
    assert await ownership.call_of_return("three") is None


async def test_nothing_of_a_return_is_kept_when_the_call_has_ended(store: Store, ownership: Ownership) -> None:
    call_id = await new_call(store)
    await store.write(rows_of(call_id, 1))
    await store.finish_call(call_id, epoch=1, ended_at=NOW, reason="done")
    assert await store.write(rows_of(call_id, 1)) == set(), "events and turns may still come"
    assert await ownership.newest_handle(call_id) is None
    assert await ownership.call_of_return(f"{call_id} 1") is None
    async with store.database.begin() as connection:
        for table in ("handles", "returns"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar() == 0


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 9, 1_000])
def test_a_statement_has_a_power_of_two_of_places(count: int) -> None:
    found = padded(list(range(count)))
    assert sorted(set(found)) == list(range(count))
    assert len(found) & (len(found) - 1) == 0


class Server:
    """One of several that believe they carry a call: it writes of it as fast as it can, and goes on for a while when it
    has been told that it is stale.
    """

    def __init__(self, store: Store, call_id: str, epoch: int) -> None:
        self._store = store
        self._call_id = call_id
        self.epoch = epoch
        self.seq = MANY * epoch
        self.stopped = False
        self.lost = 0
        self.wrote = asyncio.Semaphore(0)
        self.gave_up = asyncio.Event()

    async def write(self, chance: random.Random) -> None:
        while self.lost < 5 and not self.stopped:
            size = chance.randrange(1, 4)
            rows = [row for n in range(size) for row in rows_of(self._call_id, self.epoch, self.seq + n)]
            self.seq += size
            # SQLite has a way of its own for events alone
            events = [row for row in rows if isinstance(row, StoredEvent)]
            stale = await self._store.write(events if chance.random() < 0.5 else rows)
            assert stale or not self.lost, "once lost, never again"
            self.lost += bool(stale)
            self.wrote.release()
        self.gave_up.set()


@pytest.mark.parametrize("seed", range(6))
async def test_whoever_lost_a_call_has_written_nothing_after_it_was_taken(
    database_url: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers with connections of their own write and take at once. At the moment of each take the log is read, as a
    server would that goes on with the call: later nobody of an earlier epoch has added to it.
    """
    # servers that write without a breath leave who waits inside SQLite little: on a busy machine more than five seconds
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 60_000)
    chance = random.Random(seed)
    stores = [await Store.open(database_url) for _ in range(3)]
    call_id = await new_call(stores[0])
    writing: list[asyncio.Task[None]] = []
    servers: list[Server] = []
    at_take: dict[int, set[int]] = {}

    def begin(store: Store, epoch: int) -> None:
        servers.append(Server(store, call_id, epoch))
        writing.append(asyncio.create_task(servers[-1].write(random.Random(chance.random()))))

    begin(stores[0], 1)
    for n in range(1, 8):
        for _ in range(chance.randrange(4)):
            await servers[-1].wrote.acquire()
        store = stores[n % 3]
        epoch = await Ownership(store.database).take(call_id, owner=str(n), lease_until=LEASE, now=NOW)
        assert epoch == n + 1
        at_take[epoch] = {event.seq for event in await store.events(call_id)}
        begin(store, epoch)
    async with asyncio.timeout(120):
        await asyncio.gather(*(server.gave_up.wait() for server in servers[:-1]))
        for _ in range(3):
            await servers[-1].wrote.acquire()
        servers[-1].stopped = True
        await asyncio.gather(*writing)
    events = {event.seq for event in await stores[0].events(call_id)}
    for epoch, before in at_take.items():
        assert {seq for seq in events if seq < MANY * epoch} == before
    assert servers[-1].lost == 0
    assert {turn.turn for turn in await stores[0].turns(call_id)} <= events
    handle = await Ownership(stores[0].database).newest_handle(call_id)
    assert handle is None or handle[0] in events
    for store in stores:
        await store.close()


async def test_a_batch_under_way_holds_a_take_up_and_is_held_up_by_one(postgres: Postgres, postgres_url: str) -> None:
    """The two orders there are, one after the other, with a transaction that lies open."""
    store, other = await Store.open(postgres_url), await Store.open(postgres_url)
    call_id = await new_call(store)
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
        f"'{store.database.engine.url.database}'"
    )

    async def until_one_waits() -> None:
        async with asyncio.timeout(10):
            while await asyncio.to_thread(postgres.execute, waiting) != [(1,)]:
                pass

    async with other.database.begin() as batch:
        await batch.execute(text("SELECT 1 FROM calls FOR KEY SHARE"))
        assert await Ownership(store.database).renew({call_id: 1}, owner="here", lease_until=LEASE) == set()
        await asyncio.wait_for(store.write(rows_of(call_id, 1)), 5.0)  # neither renewals nor other writers wait
        take = asyncio.create_task(Ownership(store.database).take(call_id, owner="there", lease_until=LEASE, now=NOW))
        await until_one_waits()
        assert not take.done()
    assert await take == 2
    async with other.database.begin() as taking:
        await taking.execute(text("SELECT 1 FROM calls FOR UPDATE"))
        await taking.execute(text("UPDATE calls SET epoch = 3"))
        late = asyncio.create_task(store.write(rows_of(call_id, 2, 1)))
        await until_one_waits()
        assert not late.done()
    assert await late == {(call_id, 2)}
    assert [event.seq for event in await store.events(call_id)] == [0]
    for each in (store, other):
        await each.close()


async def test_a_writer_tells_once_that_a_call_was_taken(store: Store, ownership: Ownership) -> None:
    call_id, other = await new_call(store), await new_call(store)
    told: list[tuple[str, int]] = []

    def broken(*_: object) -> None:
        raise ValueError

    def tell(call_id: str, epoch: int) -> None:
        told.append((call_id, epoch))

    async with EventWriter(store) as writer:
        writer.on_taken += [broken, tell]
        writer.post(call_id, 0, 0.0, b"{}", b"[]", epoch=1)
        assert await writer.flush()
        await ownership.take(call_id, owner="there", lease_until=LEASE, now=NOW)
        for seq in (1, 2):
            writer.post(call_id, seq, 0.0, b"{}", b"[]", epoch=1)
            writer.post(other, seq, 0.0, b"{}", b"[]", epoch=1)
            writer.post_handle(StoredHandle(call_id, 1, seq, b"s", 0))
            writer.post_return(StoredReturn(call_id, 1, ()))
            assert await writer.flush()
        assert writer.lost(call_id) == 0, "they are not lost: they are not ours"
        assert told == [(call_id, 1)]
        assert await ownership.take(call_id, owner="here", lease_until=LEASE, now=NOW) == 3
        writer.post(call_id, 9, 0.0, b"{}", b"[]", epoch=1)
        writer.post(call_id, 3, 0.0, b"{}", b"[]", epoch=3)
        assert await writer.flush()
        assert told == [(call_id, 1)]
        await ownership.take(call_id, owner="there", lease_until=LEASE, now=NOW)
        writer.post(call_id, 4, 0.0, b"{}", b"[]", epoch=3)
        assert await writer.flush()
    assert told == [(call_id, 1), (call_id, 3)], "once for each time it was ours"
    assert [event.seq for event in await store.events(call_id)] == [0, 3]
    assert [event.seq for event in await store.events(other)] == [1, 2]


async def test_a_database_that_is_away_is_said_so(tmp_path: Any) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    async with store.database.begin() as connection:
        await connection.execute(text("DROP TABLE returns"))
    with pytest.raises(StoreError):
        await Ownership(store.database).call_of_return("secret")
    await store.close()

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from vivavoce.store import Store, StoredEvent, StoredTurn
from vivavoce.store.logs import BATCH, Logs, Sizes


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


async def new_call(store: Store, events: int) -> str:
    call = await store.create_call(agent_name="a", agent_source="", spec_hash="", code_version="", started_at=0.0)
    await store.write([StoredEvent(call, seq, seq / 10, b'{"n":1}', b"[]") for seq in range(events)])
    return call


async def test_a_piece_at_a_time(store: Store) -> None:
    logs = Logs(store.database)
    call, other = await new_call(store, 5), await new_call(store, 2)
    assert [event.seq for event in await logs.events(call, limit=3)] == [0, 1, 2]
    assert [event.seq for event in await logs.events(call, after=2)] == [3, 4]
    assert await logs.events(call, after=4) == []
    assert await logs.events(other) == await store.events(other)
    await store.save_turn(StoredTurn(call_id=call, turn=0, who="caller", start_ms=0, end_ms=1, text="x", complete=True))
    assert await logs.sizes(call) == Sizes(events=5, turns=1, facts=0)
    assert await logs.sizes("nobody") == Sizes(0, 0, 0)


@pytest.mark.parametrize("count", [0, 1, BATCH, BATCH + 1, 2 * BATCH])
async def test_the_whole_log(store: Store, count: int) -> None:
    call = await new_call(store, count)
    pieces = [piece async for piece in Logs(store.database).all_events(call)]
    assert [event.seq for piece in pieces for event in piece] == list(range(count))
    assert all(0 < len(piece) <= BATCH for piece in pieces)


async def test_the_newest_of_some_kinds(store: Store) -> None:
    logs = Logs(store.database)
    call, other = await new_call(store, 0), await new_call(store, 0)
    told = [b'{"event":"caller_joined","mode":"text"}', b'{"event":"caller_dropped"}', b'{"event":"caller_dropped_by"}']
    told += [b'{"event":"typed","text":"\\"event\\":\\"caller_joined\\""}', b'{"event":"callerxjoined"}']
    await store.write([StoredEvent(call, seq, seq / 10, event, b"[]") for seq, event in enumerate(told)])
    found = [
        await logs.newest(call, ["caller_joined", "caller_dropped"]),
        await logs.newest(call, ["caller_joined"]),
        await logs.newest(call, ["woke"]),
        await logs.newest(other, ["caller_joined"]),
    ]
    assert [event and event.event for event in found] == [told[1], told[0], None, None]

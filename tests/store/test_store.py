from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from vivavoce.errors import InputError, StoreError
from vivavoce.store import RowsRefused, Store, StoredEvent, StoredFact, StoredRecording, StoredTurn
from vivavoce.store.models import Call

NOW = 1_750_000_000.0


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


async def new_call(store: Store, **other: Any) -> str:
    given = {"agent_name": "demo", "agent_source": "name: demo\n", "spec_hash": "ab", "code_version": "0.1"}
    return await store.create_call(**{"started_at": NOW, **given, **other})


def fact(call_id: str, seq: int, value: object = 7, **other: Any) -> StoredFact:
    given = {"field": "pain", "objective": "problem", "state": "answered", "source": "founder-said", "evidence": []}
    return StoredFact(**{"call_id": call_id, "value": value, "updated_seq": seq, **given, **other})


def turn(call_id: str, number: int, text: str, *, complete: bool = True) -> StoredTurn:
    return StoredTurn(call_id=call_id, turn=number, who="alex", start_ms=0, end_ms=900, text=text, complete=complete)


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_a_call_comes_back_as_it_was_written(store: Store) -> None:
    call_id = await new_call(store, settings={"gate": "duplex"}, consent={"record": True}, engines={"ears": "none"})
    call = await store.call(call_id)
    assert call is not None
    assert (call.agent_source, call.state, call.started_at, call.epoch) == ("name: demo\n", "booked", NOW, 0)
    assert (call.settings, call.consent, call.engines) == ({"gate": "duplex"}, {"record": True}, {"ears": "none"})
    assert await store.call("unknown") is None


async def test_calls_are_listed_newest_first(store: Store) -> None:
    ids = [await new_call(store, started_at=NOW + n) for n in range(3)]
    assert [call.id for call in await store.list_calls()] == ids[::-1]
    assert [call.id for call in await store.list_calls(limit=1)] == ids[-1:]


async def test_the_first_to_end_a_call_says_why(store: Store) -> None:
    call_id = await new_call(store)
    assert await store.finish_call(call_id, ended_at=NOW + 60, reason="done")
    assert not await store.finish_call(call_id, ended_at=NOW + 90, reason="SlowPeer")
    assert not await store.finish_call("unknown", ended_at=NOW, reason="done")
    call = await store.call(call_id)
    assert call is not None
    assert (call.state, call.ended_at, call.end_reason) == ("ended", NOW + 60, "done")


async def test_what_is_being_erased_does_not_come_back(store: Store) -> None:
    call_id = await new_call(store)
    await store.update_call(call_id, state="erasing")
    assert not await store.finish_call(call_id, ended_at=2.0, reason="server_died")
    call = await store.call(call_id)
    assert call is not None
    assert (call.state, call.end_reason) == ("erasing", None)


async def test_a_call_is_changed_in_place(store: Store) -> None:
    call_id = await new_call(store)
    assert await store.update_call(call_id, engines={"mouth": "flite"})
    assert not await store.update_call("unknown", state="live")
    call = await store.call(call_id)
    assert call is not None
    assert call.engines == {"mouth": "flite"}


async def test_a_second_call_of_the_same_id_is_refused(store: Store) -> None:
    await new_call(store, call_id="one")
    with pytest.raises(RowsRefused, match="refused the rows"):
        await new_call(store, call_id="one")


async def test_a_ticket_opens_one_call_once(store: Store) -> None:
    call_id = await new_call(store)
    ticket = await store.issue_ticket(call_id, 60.0, NOW)
    assert len(ticket) >= 43, "256 bits"
    assert await store.redeem_ticket("something else \ud800", NOW) is None
    assert await store.redeem_ticket(ticket, NOW + 59.9) == call_id
    call = await store.call(call_id)
    assert call is not None
    assert (call.state, call.owner) == ("live", None)
    assert await store.redeem_ticket(ticket, NOW + 59.9) is None


async def test_who_redeems_a_ticket_may_take_the_call_over(store: Store) -> None:
    call_id = await new_call(store, owner="whoever booked it")
    ticket = await store.issue_ticket(call_id, 60.0, NOW)
    assert await store.redeem_ticket(ticket, NOW, owner="whoever carries it") == call_id
    call = await store.call(call_id)
    assert call is not None
    assert call.owner == "whoever carries it"


async def test_a_ticket_opens_no_call_that_is_over(store: Store) -> None:
    call_id = await new_call(store)
    ticket = await store.issue_ticket(call_id, 60.0, NOW)
    await store.finish_call(call_id, ended_at=NOW, reason="never_began")
    assert await store.redeem_ticket(ticket, NOW) is None


async def test_a_ticket_goes_out_of_date(store: Store) -> None:
    ticket = await store.issue_ticket(await new_call(store), 60.0, NOW)
    assert await store.redeem_ticket(ticket, NOW + 60.0) is None


async def test_of_many_who_redeem_at_once_one_wins(store: Store) -> None:
    call_id = await new_call(store)
    ticket = await store.issue_ticket(call_id, 60.0, NOW)
    won = await asyncio.gather(*(store.redeem_ticket(ticket, NOW) for _ in range(8)))
    assert (won.count(call_id), won.count(None)) == (1, 7)


async def test_the_file_does_not_hold_the_ticket(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    ticket = await store.issue_ticket(await new_call(store), 60.0, NOW)
    kept = everything_in(tmp_path)
    assert b"tickets" in kept
    assert ticket.encode() not in kept
    await store.close()


async def test_a_ticket_for_no_call_is_refused(store: Store) -> None:
    with pytest.raises(RowsRefused):
        await store.issue_ticket("unknown", 60.0, NOW)


async def test_events_come_back_in_order_byte_for_byte(store: Store) -> None:
    call_id, other = await new_call(store), await new_call(store)
    rows = [StoredEvent(call_id, n, n / 10, b'{"t":"Told","x":"\\u0000 \xc3\xa9"}', b"[]") for n in range(5)]
    await store.write([*rows[::-1], StoredEvent(other, 0, 0.0, b"{}", b"[]")])
    await store.write(rows[:2])
    assert await store.events(call_id) == rows


async def test_the_newest_turn_and_fact_stand(store: Store) -> None:
    call_id = await new_call(store)
    await store.save_turn(turn(call_id, 2, "and?"))
    await store.save_turn(turn(call_id, 1, "so f", complete=False))
    await store.save_turn(turn(call_id, 1, "so far\0\ud800"))
    assert [(t.turn, t.text, t.complete) for t in await store.turns(call_id)] == [
        (1, "so far\ufffd?", True),
        (2, "and?", True),
    ]
    await store.save_fact(fact(call_id, 4, {"low": 1}, evidence=[{"turn": 1}]))
    await store.save_fact(fact(call_id, 3, "older"))
    await store.save_fact(fact(call_id, 9, None, field="price"))
    assert await store.facts(call_id) == [
        fact(call_id, 4, {"low": 1}, evidence=[{"turn": 1}]),
        fact(call_id, 9, None, field="price"),
    ]


async def test_recordings_are_kept_per_track(store: Store) -> None:
    call_id = await new_call(store)
    begun = StoredRecording(
        call_id=call_id, track="caller", rate_hz=16_000, samples=0, path="x.caller.pcm", complete=False
    )
    await store.save_recording(begun)
    ended = StoredRecording(
        call_id=call_id, track="caller", rate_hz=16_000, samples=99, path="x.caller.pcm", complete=True
    )
    await store.save_recording(ended)
    assert await store.recordings(call_id) == [ended]


async def test_rows_of_an_unknown_call_are_refused_and_none_is_written(store: Store) -> None:
    call_id = await new_call(store)
    with pytest.raises(RowsRefused):
        await store.write([StoredEvent(call_id, 0, 0.0, b"{}", b"[]"), StoredEvent("unknown", 0, 0.0, b"{}", b"[]")])
    assert await store.events(call_id) == []


async def test_errors_do_not_quote_the_rows(store: Store) -> None:
    with pytest.raises(RowsRefused) as caught:
        await store.save_turn(turn("unknown", 1, "my secret"))
    assert "my secret" not in f"{caught.value!r} {caught.value.__cause__!r}"
    with pytest.raises(RowsRefused) as caught:
        await store.save_fact(fact("unknown", 1, "my secret \ud800"))
    assert "my secret" not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_a_file_is_kept_across_openings(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'viva.db'}"
    first = await Store.open(url)
    call_id = await new_call(first)
    await first.close()
    again = await Store.open(url)
    assert await again.call(call_id) is not None
    await again.close()


async def test_a_database_in_memory_serves_many_at_once() -> None:
    store = await Store.open("sqlite://")
    ids = await asyncio.gather(*(new_call(store) for _ in range(10)))
    assert {call.id for call in await store.list_calls()} == set(ids)
    await store.close()


@pytest.mark.parametrize("url", ["viva.db", "mysql://localhost/viva", ""])
async def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InputError, match="want a database"):
        await Store.open(url)


@pytest.mark.parametrize(("name", "reason"), [("no/viva.db", "SQLITE_CANTOPEN"), ("text.db", "SQLITE_NOTADB")])
async def test_a_file_that_cannot_be_opened_is_told_and_leaves_no_thread(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "text.db").write_bytes(b"some other file" * 100)
    threads = set(threading.enumerate())
    with pytest.raises(StoreError, match=reason):
        await Store.open(f"sqlite:///{tmp_path / name}")
    assert {thread for thread in threading.enumerate() if "connection_worker" in thread.name} <= threads


async def test_a_call_that_is_deleted_takes_everything_of_it_along(store: Store) -> None:
    call_id, other = await new_call(store), await new_call(store)
    await store.write([row for c in (call_id, other) for row in (StoredEvent(c, 0, 0.0, b"{}", b"[]"), fact(c, 1))])
    ticket = await store.issue_ticket(call_id, 60.0, NOW)
    await store.database.run(delete(Call).where(Call.id == call_id))
    assert (await store.events(call_id), await store.facts(call_id)) == ([], [])
    assert await store.redeem_ticket(ticket, NOW) is None
    assert len(await store.events(other)) == 1

"""Events over a connection of their own: all or nothing, again does no harm, and whose fault it was."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vivavoce.errors import StoreError
from vivavoce.store.database import RowsRefused
from vivavoce.store.event_file import MOST_ROWS, EventFile, _portions
from vivavoce.store.rows import StoredEvent
from vivavoce.store.store import Store


def event(call_id: str, seq: int, text: bytes = b"{}") -> StoredEvent:
    return StoredEvent(call_id, seq, seq / 3, text, b"[]")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path}/viva.db")
    yield opened
    await opened.close()


@pytest.fixture
async def file(store: Store, tmp_path: Path) -> AsyncIterator[EventFile]:
    made = EventFile(str(tmp_path / "viva.db"))
    yield made
    await made.close()


async def new_call(store: Store) -> str:
    return await store.create_call(agent_name="a", agent_source="", spec_hash="", code_version="", started_at=0.0)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50, 63, 64, 65, 1000])
def test_portions_are_powers_of_two_and_cover_all(count: int) -> None:
    portions = _portions(count)
    assert [index for start, size in portions for index in range(start, start + size)] == list(range(count))
    assert all(size & (size - 1) == 0 and size <= MOST_ROWS for _, size in portions)


async def test_what_is_written_is_read_again_to_the_last_bit(store: Store, file: EventFile) -> None:
    call = await new_call(store)
    events = [event(call, seq, '{"w":"grüß\U0001f600"}'.encode()) for seq in range(200)]
    await file.write(events[:150])
    await file.write(events[100:])  # a commit whose answer was lost
    assert await store.events(call) == events


async def test_one_that_can_never_be_written_keeps_all_back(store: Store, file: EventFile) -> None:
    call = await new_call(store)
    for bad in (event("nobody", 1), event(call, 2**70), event(call, 1, b"\xff")):
        with pytest.raises(RowsRefused):
            await file.write([event(call, 0), bad])
    assert await store.events(call) == []
    await file.write([event(call, 0)])
    assert len(await store.events(call)) == 1


async def test_a_file_that_is_locked_or_away_is_tried_again(
    store: Store, file: EventFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vivavoce.store.database.BUSY_TIMEOUT_MS", 1)
    call = await new_call(store)
    holder = sqlite3.connect(tmp_path / "viva.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="BUSY"):
        await file.write([event(call, 0, b'"secret"')])
    holder.execute("ROLLBACK")
    holder.close()
    await file.write([event(call, 0)])
    assert len(await store.events(call)) == 1
    away = EventFile(str(tmp_path / "no" / "viva.db"))
    with pytest.raises(StoreError) as caught:
        await away.write([event(call, 1)])
    assert not isinstance(caught.value, RowsRefused)
    await away.close()

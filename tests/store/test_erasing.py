from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.store.filled import (
    NOW,
    QUOTING,
    VAULT,
    Filled,
    everything_in_files,
    everything_in_tables,
    fill,
    hangs_off_somebody,
)
from vivavoce.errors import BusyError, NotHereError, StoreError
from vivavoce.store import Recorder, Store, StoredEvent
from vivavoce.store.database import Database, table_of
from vivavoce.store.disk import Disk
from vivavoce.store.erasing import Erasing, tables_of_calls
from vivavoce.store.folders import Folders
from vivavoce.store.models import Base, Call, Person
from vivavoce.store.people import ERASING, People

HANGING = {table.name for table in Base.metadata.sorted_tables if hangs_off_somebody(table)} | QUOTING


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.of(tmp_path)


async def assert_nothing_of(filled: Filled, store: Store, folders: Folders) -> None:
    tables, files = await everything_in_tables(store), everything_in_files(folders)
    assert filled.words not in tables
    assert filled.words.encode() not in files, "neither in files, nor in the pages that SQLite let go of"
    assert not [path for path in folders.data.rglob("*") if filled.call in path.name or filled.person in path.name]
    assert VAULT.hash(filled.ref) not in tables


async def test_erasing_a_person_leaves_nothing_of_them_and_all_of_the_others(store: Store, folders: Folders) -> None:
    anna, bert = await fill(store, folders, "anna"), await fill(store, folders, "bert")
    receipt = await Erasing(store.database, folders).person(anna.person, now=NOW + 99)
    assert (receipt.id, receipt.at, receipt.done) == (anna.person, NOW + 99, True)
    assert receipt.rows == dict.fromkeys(HANGING - {"agent_versions"}, 1), "every table that hangs off somebody"
    assert (receipt.files, receipt.bytes > 2_000) == (6, True)
    await assert_nothing_of(anna, store, folders)
    assert (await everything_in_tables(store)).count(bert.words) >= len(tables_of_calls())
    assert everything_in_files(folders).count(bert.words.encode()) >= 4
    assert await People(store.database, VAULT).find(bert.ref) is not None


async def test_erasing_again_gives_the_receipt_of_the_first_time(store: Store, folders: Folders) -> None:
    anna = await fill(store, folders, "anna")
    erasing = Erasing(store.database, folders)
    receipt = await erasing.person(anna.person, now=NOW)
    assert await erasing.person(anna.person, now=NOW + 9) == receipt
    for ask in (erasing.person, erasing.call):
        with pytest.raises(NotHereError):
            await ask("nobody", now=NOW)


async def test_erasing_a_call_leaves_the_person(store: Store, folders: Folders) -> None:
    anna = await fill(store, folders, "anna")
    erasing = Erasing(store.database, folders)
    receipt = await erasing.call(anna.call, now=NOW)
    assert receipt.done
    assert receipt.rows == dict.fromkeys(HANGING - {"agent_versions", "people"}, 1)
    assert receipt.files == 5
    assert await erasing.call(anna.call, now=NOW + 9) == receipt
    assert anna.words not in await everything_in_tables(store)
    assert await People(store.database, VAULT).find(anna.ref) is not None


async def test_a_live_call_stays_until_it_has_ended(store: Store, folders: Folders) -> None:
    anna = await fill(store, folders, "anna", state="live")
    erasing = Erasing(store.database, folders)
    with pytest.raises(BusyError, match="want a call that has ended, got a live one"):
        await erasing.call(anna.call, now=NOW)
    receipt = await erasing.person(anna.person, now=NOW)
    assert not receipt.done
    people = People(store.database, VAULT)
    assert await people.find(anna.ref) is None, "their reference goes first"
    assert await people.get(anna.person) is None
    assert await store.call(anna.call) is not None
    assert not (await erasing.person(anna.person, now=NOW)).done
    await store.finish_call(anna.call, ended_at=NOW + 9, reason="done")
    assert await erasing.resume(now=NOW + 10) == (1, 0)
    assert (await erasing.person(anna.person, now=NOW + 11)).done
    await assert_nothing_of(anna, store, folders)
    assert await erasing.resume(now=NOW + 12) == (0, 0)


async def test_somebody_who_comes_back_while_they_are_erased_is_somebody_new(store: Store, folders: Folders) -> None:
    anna = await fill(store, folders, "anna", state="live")
    await Erasing(store.database, folders).person(anna.person, now=NOW)
    again = await People(store.database, VAULT).find_or_make(anna.ref, now=NOW)
    assert again.id != anna.person
    await store.finish_call(anna.call, ended_at=NOW, reason="done")
    await Erasing(store.database, folders).resume(now=NOW)
    assert await People(store.database, VAULT).find(anna.ref) == again


async def test_a_call_that_nobody_came_to_can_be_erased(store: Store, folders: Folders) -> None:
    anna = await fill(store, folders, "anna", state="booked")
    assert (await Erasing(store.database, folders).person(anna.person, now=NOW)).done
    await assert_nothing_of(anna, store, folders)


async def test_a_call_that_is_booked_meanwhile_goes_too(
    store: Store, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look for calls and the end of the person."""
    anna = await fill(store, folders, "anna")
    erase_row = Erasing._erase_row
    looked: list[bool] = []

    async def late(self: Erasing, person_id: str, now: float) -> bool:
        if not looked:
            values = {"id": "late", "agent_name": "a", "agent_source": anna.words, "spec_hash": "", "epoch": 0}
            more = {"code_version": "", "settings": {}, "consent": {}, "engines": {}, "state": "booked"}
            await store.database.run(
                insert(table_of(Call)).values(started_at=NOW, person_id=person_id, **values, **more)
            )
        looked.append(await erase_row(self, person_id, now))
        return looked[-1]

    monkeypatch.setattr(Erasing, "_erase_row", late)
    receipt = await Erasing(store.database, folders).person(anna.person, now=NOW)
    assert looked == [False, True]
    assert (receipt.done, receipt.rows["calls"]) == (True, 2)
    await assert_nothing_of(anna, store, folders)


async def test_whichever_step_dies_nothing_is_left_in_the_end(
    store: Store, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write to the database and each visit to the folders fails once, before and after it is done."""
    steps = 0
    dies_at: tuple[int, str] | None = None

    def dying(function: Any) -> Any:
        def step(*args: Any, **kwargs: Any) -> Any:
            nonlocal steps
            steps += 1
            if dies_at == (steps, "before"):
                raise StoreError("died")
            answer = function(*args, **kwargs)
            if dies_at == (steps, "after"):
                raise StoreError("died")
            return answer

        return step

    begin = Database.begin

    @asynccontextmanager
    async def dying_begin(self: Database) -> AsyncIterator[AsyncConnection]:
        nonlocal steps
        steps += 1
        if dies_at == (this := steps, "before"):
            raise StoreError("died")
        async with begin(self) as connection:
            yield connection
        if dies_at == (this, "after"):  # it is committed, and nobody is told
            raise StoreError("died")

    for name in ("remove_recording", "remove_reports", "remove_export"):
        monkeypatch.setattr(Folders, name, dying(getattr(Folders, name)))
    monkeypatch.setattr(Database, "begin", dying_begin)
    erasing = Erasing(store.database, folders)
    anna = await fill(store, folders, "anna")
    steps = 0
    receipt = await erasing.person(anna.person, now=NOW)
    assert steps >= 8
    for at in range(1, steps + 1):
        for when in ("before", "after"):
            dies_at = None
            them = await fill(store, folders, f"anna {at} {when}")
            steps, dies_at = 0, (at, when)
            with suppress(StoreError):
                await erasing.person(them.person, now=NOW)
            dies_at = None
            await erasing.resume(now=NOW)
            last = await erasing.person(them.person, now=NOW)  # only if not even the first step was done, there is more
            assert last.done
            assert last.rows == receipt.rows
            await assert_nothing_of(them, store, folders)


async def test_what_a_live_server_goes_on_writing_is_refused_once_the_call_is_gone(
    store: Store, folders: Folders
) -> None:
    anna = await fill(store, folders, "anna")
    await Erasing(store.database, folders).call(anna.call, now=NOW)
    with pytest.raises(StoreError):
        await store.write([StoredEvent(anna.call, 9, 1.0, anna.words.encode(), b"[]")])


async def test_a_disk_that_fails_leaves_the_rows_that_lead_to_the_files(
    store: Store, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await fill(store, folders, "anna")

    def no(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", no)
        with pytest.raises(StoreError, match="a file cannot be deleted: Operation not permitted"):
            await Erasing(store.database, folders).person(anna.person, now=NOW)
    assert await store.call(anna.call) is not None
    assert await store.database.rows(select(Person.id).where(Person.id == anna.person))
    await Erasing(store.database, folders).resume(now=NOW)
    await assert_nothing_of(anna, store, folders)


async def test_one_erasure_that_fails_keeps_no_other_back(
    store: Store, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await fill(store, folders, who) for who in ("anna", "bert", "carl")]
    for them in people[:2]:
        await store.update_call(them.call, state="erasing", person_id=None)
    await store.database.run(update(Person).where(Person.id == people[2].person).values(ref_sealed=ERASING))
    stuck = min(people[:2], key=lambda them: them.call)
    remove = Folders.remove_recording

    def fails(self: Folders, call_id: str) -> Any:
        if call_id == stuck.call:
            raise StoreError("a file cannot be deleted: Input/output error")
        return remove(self, call_id)

    erasing = Erasing(store.database, folders)
    with monkeypatch.context() as patch:
        patch.setattr(Folders, "remove_recording", fails)
        assert await erasing.resume(now=NOW) == (3, 1)
    for them in people:
        assert (await store.call(them.call) is None) == (them is not stuck)
    assert await erasing.resume(now=NOW) == (1, 0)


async def test_an_erasure_that_was_asked_for_outlives_the_end_of_its_call(store: Store, folders: Folders) -> None:
    """A booking that is being erased when the server dies: the next one files what was left open."""
    anna = await fill(store, folders, "anna", state="booked")
    await store.update_call(anna.call, state="erasing")
    await store.finish_call(anna.call, ended_at=NOW, reason="server_died")
    await Erasing(store.database, folders).resume(now=NOW)
    assert await store.call(anna.call) is None


async def test_what_is_left_of_exports_goes_with_the_person(store: Store, folders: Folders) -> None:
    anna = await fill(store, folders, "anna")
    for name in ("0a.part", "0a.wav", "0a.wav.part"):
        (folders.exports / f"{anna.person}.zip.{name}").write_text(anna.words)
    other = folders.exports / f"{anna.person}0.zip.0a.part"
    other.write_text("of somebody else")
    assert (await Erasing(store.database, folders).person(anna.person, now=NOW)).files == 9
    assert [path.name for path in folders.exports.iterdir()] == [other.name]


async def test_ids_that_are_paths_are_refused(store: Store, folders: Folders) -> None:
    with pytest.raises(NotHereError):
        await Erasing(store.database, folders).call("../../etc", now=NOW)
    disk = Disk()
    with pytest.raises(Exception, match="want a call id"):
        Recorder(folders.recordings, "../x", disk=disk)

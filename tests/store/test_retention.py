from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from tests.store.filled import NOW, QUOTING, Filled, fill
from vivavoce.errors import StoreError
from vivavoce.store import Store
from vivavoce.store.database import Database, table_of
from vivavoce.store.folders import Folders
from vivavoce.store.models import (
    Answer,
    Ballot,
    Insight,
    Panel,
    PanelCall,
    Study,
    Survey,
    SurveyAnswer,
    SurveyCall,
    SurveyLink,
)
from vivavoce.store.reports import Reports, StoredReport
from vivavoce.store.retention import DAY_S, ORPHAN_S, Retention

DAYS = {"audio": 7.0, "transcript": 90.0, "facts": 365.0}


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders.of(tmp_path)


async def ended(store: Store, folders: Folders, who: str = "anna", **days: float | None) -> Filled:
    """A call with everything, and with a page and a sound among its reports."""
    filled = await fill(store, folders, who)
    sound = StoredReport(
        call_id=filled.call, name="call.wav", media_type="audio/wav", bytes=9, made_at=NOW, code_version=""
    )
    await Reports(store.database).save([sound])
    kept = {**DAYS, **days}
    until = {f"{part}_until": None if each is None else NOW + each * DAY_S for part, each in kept.items()}
    await store.update_call(filled.call, epoch=0, **until)
    return filled


async def what_is_left(store: Store, folders: Folders, call: str) -> set[str]:
    folder = folders.reports_of(call)
    tables = {
        "recordings": await store.recordings(call),
        "turns": await store.turns(call),
        "events": await store.events(call),
        "facts": await store.facts(call),
        "insights": await store.database.rows(select(Insight.id).where(Insight.call_id == call)),
        "panels": await store.database.rows(select(Panel.id)),
        "answers": await store.database.rows(select(Answer.key)),
        "studies": await store.database.rows(select(Study.id)),
        "ballots": await store.database.rows(select(Ballot.number)),
        "surveys": await store.database.rows(select(Survey.id)),
        "survey_links": await store.database.rows(select(SurveyLink.hash)),
        "survey_answers": await store.database.rows(select(SurveyAnswer.number)),
    }
    found = {name for name, rows in tables.items() if rows}
    found |= {f"row {row.name}" for row in await Reports(store.database).of_call(call)}
    if folder.exists():
        found |= {path.name for path in folder.iterdir()}
    return found | {path.name.partition(".")[2] for path in folders.recordings.glob(f"{call}.*")}


SOUND = {"recordings", "index.jsonl", "caller.pcm", "agent.pcm", "call.wav", "row call.wav"}
PAGE = {"report.html", "row report.html"}
WORDS = {"turns", "events", "facts", "insights", *QUOTING}


async def test_sound_words_and_facts_go_each_in_their_time(store: Store, folders: Folders) -> None:
    anna = await ended(store, folders)
    retention = Retention(store.database, folders)
    everything = SOUND | PAGE | WORDS
    for days, left in ((6.9, everything), (7, everything - SOUND), (90, {"facts"}), (365, set())):
        await retention.sweep(now=NOW + days * DAY_S)
        assert await what_is_left(store, folders, anna.call) == left, days
    call = await store.call(anna.call)
    assert call is not None, "the row stays, with its numbers"
    assert call.audio_until == NOW + 7 * DAY_S


async def test_a_sweep_tells_what_it_did_and_does_nothing_twice(store: Store, folders: Folders) -> None:
    await ended(store, folders)
    retention = Retention(store.database, folders)
    first = await retention.sweep(now=NOW + 400 * DAY_S)
    assert first.pop("bytes") > 2_000
    nothing = {"bookings": 0, "erasures": 0, "orphans": 0, "bytes": 0}
    assert first == {"bookings": 0, "erasures": 0, "audio": 1, "transcript": 1, "facts": 1, "orphans": 0}
    assert await retention.sweep(now=NOW + 400 * DAY_S) == nothing


async def test_none_is_for_ever(store: Store, folders: Folders) -> None:
    anna = await ended(store, folders, audio=None, transcript=None, facts=None)
    await Retention(store.database, folders).sweep(now=NOW + 99_999 * DAY_S)
    assert await what_is_left(store, folders, anna.call) >= SOUND | PAGE


async def test_facts_that_are_due_first_take_the_pages_that_show_them(store: Store, folders: Folders) -> None:
    anna = await ended(store, folders, facts=1)
    await Retention(store.database, folders).sweep(now=NOW + DAY_S)
    assert await what_is_left(store, folders, anna.call) == SOUND | {"turns", "events"}


async def test_what_was_asked_in_words_that_went_meanwhile_goes_with_the_next_sweep(
    store: Store, folders: Folders
) -> None:
    anna, bert = await ended(store, folders, transcript=0, facts=0), await ended(store, folders, "bert")
    retention = Retention(store.database, folders)
    await retention.sweep(now=NOW)
    for model, row in ((PanelCall, {"panel_id": f"p{bert.call}"}), (SurveyCall, {"survey_id": f"s{bert.call}"})):
        async with store.database.begin() as connection:
            await connection.execute(insert(table_of(model)).values(call_id=anna.call, **row))
        assert (await retention.sweep(now=NOW + 1))["transcript"] == 1, model
    left = await what_is_left(store, folders, bert.call)
    assert left >= {"turns", "facts", "insights"}
    assert left.isdisjoint(QUOTING)


async def test_a_report_that_is_made_after_the_time_goes_with_the_next_sweep(store: Store, folders: Folders) -> None:
    anna = await ended(store, folders, transcript=0, facts=None)
    retention = Retention(store.database, folders)
    await retention.sweep(now=NOW)
    page = StoredReport(
        call_id=anna.call, name="report.html", media_type="text/html", bytes=1, made_at=NOW, code_version=""
    )
    folders.reports_of(anna.call).mkdir(exist_ok=True)
    (folders.reports_of(anna.call) / "report.html").write_text("late")
    await Reports(store.database).save([page])
    assert (await retention.sweep(now=NOW + 1))["transcript"] == 1
    assert await what_is_left(store, folders, anna.call) == SOUND | {"facts"}


async def test_a_disk_that_fails_for_one_call_keeps_no_other_back(
    store: Store, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bert = await ended(store, folders, "anna"), await ended(store, folders, "bert")
    remove = Folders.remove_recording

    def fails(self: Folders, call_id: str) -> Any:
        if call_id == anna.call:
            raise StoreError("a file cannot be deleted: Input/output error")
        return remove(self, call_id)

    retention = Retention(store.database, folders)
    with monkeypatch.context() as patch:
        patch.setattr(Folders, "remove_recording", fails)
        done = await retention.sweep(now=NOW + 8 * DAY_S)
    assert (done["audio"], done["failed"]) == (1, 1)
    assert await store.recordings(anna.call), "what leads to the files is left"
    assert not await store.recordings(bert.call)
    assert (await retention.sweep(now=NOW + 8 * DAY_S))["audio"] == 1
    assert not await store.recordings(anna.call)


async def test_a_sweep_that_dies_between_files_and_rows_is_done_by_the_next(
    store: Store, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = await ended(store, folders)
    retention = Retention(store.database, folders)

    def dies(_: Database) -> Any:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "begin", dies)
        with pytest.raises(RuntimeError, match="killed"):
            await retention._erase_part("audio", anna.call)
    assert "caller.pcm" not in await what_is_left(store, folders, anna.call)
    assert (await retention.sweep(now=NOW + 8 * DAY_S))["audio"] == 1
    assert await what_is_left(store, folders, anna.call) == PAGE | WORDS


async def test_files_of_nobody_go_when_they_are_a_day_old(store: Store, folders: Folders) -> None:
    anna = await ended(store, folders)
    (folders.recordings / "nobody.caller.pcm").write_bytes(b"1234")
    (folders.reports / "nobody").mkdir()
    (folders.reports / "nobody" / "report.html").write_bytes(b"12")
    (folders.reports / ".making-x").mkdir()
    (folders.reports / ".making-x" / "facts.json").write_bytes(b"")
    (folders.recordings / "young.caller.pcm").write_bytes(b"1")
    old = time.time() - ORPHAN_S - 60
    for path in folders.data.rglob("*"):
        if path.is_file() and "young" not in path.name and path.suffix != ".db":
            os.utime(path, (old, old))
    done = await Retention(store.database, folders).sweep(now=NOW)
    assert (done["orphans"], done["bytes"]) == (4, 6 + len(anna.words)), "the export is a day old as well"
    assert (folders.recordings / "young.caller.pcm").exists()
    assert {path.name for path in folders.reports.iterdir()} == {anna.call}
    assert await what_is_left(store, folders, anna.call) >= SOUND | PAGE


async def test_reports_that_no_row_speaks_of_go_when_they_are_a_day_old(store: Store, folders: Folders) -> None:
    """Whoever made them died before they were written down: the time of their call would pass without them."""
    anna = await ended(store, folders)
    folder = folders.reports_of(anna.call)
    for name in (".0a.call.wav", "facts.json"):
        (folder / name).write_text(anna.words)
        os.utime(folder / name, (0, 0))
    os.utime(folder / "report.html", (0, 0))
    assert (await Retention(store.database, folders).sweep(now=NOW))["orphans"] == 2
    assert {path.name for path in folder.iterdir()} == {"report.html", "call.wav"}


async def test_sound_without_rows_goes_when_its_time_is_over(store: Store, folders: Folders) -> None:
    """A server that was killed wrote no rows."""
    anna = await ended(store, folders)
    retention = Retention(store.database, folders)
    await retention.sweep(now=NOW + 8 * DAY_S)
    late = folders.recordings / f"{anna.call}.caller.pcm"
    late.write_bytes(b"1234")
    os.utime(late, (0, 0))
    assert (await retention.sweep(now=NOW + 8 * DAY_S))["orphans"] == 1
    assert not late.exists()


async def test_what_an_erasure_left_is_gone_on_with(store: Store, folders: Folders) -> None:
    anna = await fill(store, folders, "anna")
    await store.update_call(anna.call, state="erasing")
    assert (await Retention(store.database, folders).sweep(now=NOW))["erasures"] == 1
    assert await store.call(anna.call) is None


async def test_bookings_that_nobody_came_to_are_closed(store: Store, folders: Folders) -> None:
    given: dict[str, Any] = {"agent_name": "a", "agent_source": "", "spec_hash": "", "code_version": ""}
    old = await store.create_call(started_at=NOW - 3_601, **given)
    young = await store.create_call(started_at=NOW - 3_599, **given)
    assert (await Retention(store.database, folders).sweep(now=NOW))["bookings"] == 1
    call = await store.call(old)
    assert call is not None
    assert (call.state, call.ended_at, call.end_reason) == ("ended", NOW - 3_601, "never_began")
    left = await store.call(young)
    assert left is not None
    assert left.state == "booked"

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert, select

from tests.store.corpora import NOW
from tests.store.panelled import store_of_panels
from tests.store.studied import RESULT, SPEC, begun, kept
from vivavoce.errors import NotHereError, StaleError
from vivavoce.store import Store
from vivavoce.store import studies as module
from vivavoce.store.database import RowsRefused, table_of
from vivavoce.store.erasing import Erasing
from vivavoce.store.folders import Folders
from vivavoce.store.models import Study as StudyRow
from vivavoce.store.studies import Studies


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with store_of_panels(database_url) as store:
        yield store


@pytest.fixture
def studies(store: Store) -> Studies:
    return Studies(store.database)


async def test_a_study_comes_back_as_it_was_asked_and_is_gone_on_with(studies: Studies) -> None:
    study = await begun(studies)
    assert study.spec == SPEC
    assert await studies.get(study.id) == study
    assert await begun(studies, now=NOW + 9) == study, "the same is still open"
    assert (await begun(studies, seed=8, now=NOW + 1)).id != study.id
    assert await studies.result(study.id) is None
    assert await studies.finish(study.id, RESULT, job=None, now=NOW + 2)
    assert not await studies.finish(study.id, RESULT, job=None, now=NOW + 3)
    assert await studies.result(study.id) == RESULT
    done = await studies.get(study.id)
    assert (done.state, done.ended_at) == ("done", NOW + 2)
    assert (await begun(studies, now=NOW + 4)).id != study.id, "what is done is asked anew"
    with pytest.raises(NotHereError, match="want the id of a panel, got 'none'"):
        await begun(studies, "none")


async def test_a_ballot_is_kept_once_under_its_number(studies: Studies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 2)
    study = await begun(studies)
    assert (
        await studies.keep(study.id, [kept(0), kept(1), kept(2, "refused")], {"m": {"answers": 3, "tokens_in": 9}}) == 3
    )
    other = msgspec.structs.replace(kept(1, "timeout"))
    assert await studies.keep(study.id, [other, kept(3)], {"m": {"answers": 1}}) == 1
    assert await studies.keep(study.id, [], {}) == 0
    row = await studies.get(study.id)
    assert (row.asked, row.abstained, row.usage) == (4, 1, {"m": {"answers": 4, "tokens_in": 9}})
    assert [each async for piece in studies.iterate(study.id) for each in piece] == [
        kept(0), kept(1), kept(2, "refused"), kept(3),
    ]  # fmt: skip
    assert [each.number async for piece in studies.iterate(study.id, part="main") for each in piece] == [1, 2, 3]
    assert (await studies.numbers(study.id), await studies.count(study.id)) == ({0, 1, 2, 3}, 4)
    await studies.finish(study.id, RESULT, job=None, now=NOW)
    with pytest.raises(StaleError, match="got one that is over or was deleted"):
        await studies.keep(study.id, [kept(4)], {})
    assert await studies.count(study.id) == 4


async def test_lists_and_deletes(studies: Studies) -> None:
    ids = [(await begun(studies, panel_id, seed=at, now=NOW + at // 2)).id
           for at, panel_id in enumerate(("of others", "of others", "of the call"))]  # fmt: skip
    newest = [each.id for each in await studies.page()]
    assert newest == [ids[2], *sorted(ids[:2])]
    assert [each.id for each in await studies.page("of the call")] == ids[2:]
    assert [each.id for each in await studies.page(limit=1, after=(NOW + 1, ids[2]))] == newest[1:2]
    assert [each.id for each in await studies.page(after=(NOW, newest[1]))] == newest[2:]
    await studies.keep(ids[0], [kept(number) for number in range(5)], {})
    assert await studies.delete(ids[0])
    assert not await studies.delete(ids[0])
    assert await studies.count(ids[0]) == 0
    with pytest.raises(NotHereError, match="want the id of a study"):
        await studies.get(ids[0])
    with pytest.raises(NotHereError, match="want the id of a study"):
        await studies.result(ids[0])


async def test_only_one_is_handed_a_study_and_says_why_it_stopped(studies: Studies) -> None:
    study = await begun(studies)
    assert await studies.hand_to(study.id, "one", before=None)
    assert not await studies.hand_to(study.id, "two", before=None)
    await studies.stop(study.id, "no key", job="two")
    assert (await studies.get(study.id)).problem == ""
    await studies.stop(study.id, "no key", job="one")
    assert (await studies.get(study.id)).problem == "no key"
    assert await studies.hand_to(study.id, "two", before="one")
    stored = await studies.get(study.id)
    assert (stored.job, stored.problem) == ("two", "")


async def test_two_who_begin_the_same_at_once_begin_one(studies: Studies) -> None:
    both = await asyncio.gather(*(begun(studies, now=NOW + at) for at in range(4)))
    assert len({study.id for study in both}) == 1
    assert len(await studies.page()) == 1


async def test_of_two_studies_with_one_key_the_database_takes_one(studies: Studies, store: Store) -> None:
    """Whatever two replicas do at once."""
    study = await begun(studies)
    (row,) = await store.database.rows(select(table_of(StudyRow)))
    twin = insert(table_of(StudyRow)).values({**row, "id": "twin", "result": None})
    with pytest.raises(RowsRefused):
        await store.database.run(twin)
    await studies.finish(study.id, RESULT, job=None, now=NOW)
    assert await store.database.run(twin) == 1, "of those that are done there are many"


async def test_whoever_lost_it_to_another_job_writes_no_result(studies: Studies) -> None:
    study = await begun(studies)
    await studies.hand_to(study.id, "two", before=None)
    assert not await studies.finish(study.id, RESULT, job="one", now=NOW)
    assert await studies.result(study.id) is None
    assert await studies.finish(study.id, RESULT, job="two", now=NOW)


async def test_it_goes_with_the_call_that_the_panel_quotes(studies: Studies, store: Store, tmp_path: Path) -> None:
    ids = []
    for panel_id in ("of the call", "of others"):
        ids.append((await begun(studies, panel_id)).id)
        await studies.keep(ids[-1], [kept(0), kept(1)], {})
        await studies.finish(ids[-1], RESULT, job=None, now=NOW)
    receipt = await Erasing(store.database, Folders.of(tmp_path)).call("c1", now=NOW)
    assert (receipt.rows["studies"], receipt.rows["ballots"]) == (1, 2)
    with pytest.raises(NotHereError):
        await studies.result(ids[0])
    assert await studies.count(ids[0]) == 0
    assert await studies.result(ids[1]) == RESULT

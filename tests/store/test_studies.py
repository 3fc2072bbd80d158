from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.panel.panels import study as offers
from tests.store.corpora import NOW, insight, some_call
from tests.store.test_panels import SAID, panel
from vivavoce.errors import NotHereError, StaleError
from vivavoce.panel.ballots import Answer, Ballot
from vivavoce.panel.outcome import Reproduction, Result
from vivavoce.panel.study import PriceTest
from vivavoce.store import Store
from vivavoce.store import studies as module
from vivavoce.store.erasing import Erasing
from vivavoce.store.folders import Folders
from vivavoce.store.insights import Insights
from vivavoce.store.panels import Panels
from vivavoce.store.studies import KeptBallot, StoredStudy, Studies

SPEC = offers(name="Reminders", claims=("It is late.",), prices=PriceTest(points=(1.0, 2.0, 3.0)))
RESULT = Result(
    reproduction=Reproduction(
        study_hash="s", panel="p", evidence_hash="e", seed=7, respondents=("r",), embedder="hashing/1", versions={}
    ),
    comparisons=(),
    differ=False,
)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    await some_call(store, "c1")
    insights = Insights(store.database)
    await insights.create("invoicing", now=NOW)
    await insights.add("invoicing", [SAID, insight(2)], now=NOW)
    for id_, evidence in (("of the call", SAID.id), ("of others", insight(2).id)):
        await Panels(store.database).save(panel(id_, evidence), "invoicing", now=NOW)
    yield store
    await store.close()


@pytest.fixture
def studies(store: Store) -> Studies:
    return Studies(store.database)


async def begun(studies: Studies, panel_id: str = "of others", *, seed: int = 7, now: float = NOW) -> StoredStudy:
    return await studies.begin(
        SPEC, panel_id, seed=seed, respondents=["reasoner"], embedder="hashing", wanted=4, now=now
    )


def kept(number: int, abstains: str = "") -> KeptBallot:
    answer = Answer(variant="a", appeal=1 / 3, would="might", text="F\u00fcr mich?\n")
    ballot = Ballot(
        persona=f"p{number:02}",
        respondent="r",
        order=("a", "b"),
        answers=() if abstains else (answer,),
        prefers={} if abstains else {"a": 0.1 + 0.2, "b": 0.7},
        abstains=abstains,
    )
    return KeptBallot(number=number, part="main" if number else "null", ballot=ballot)


async def test_a_study_comes_back_as_it_was_asked_and_is_gone_on_with(studies: Studies) -> None:
    study = await begun(studies)
    assert study.spec == SPEC
    assert await studies.get(study.id) == study
    assert await begun(studies, now=NOW + 9) == study, "the same is still open"
    assert (await begun(studies, seed=8, now=NOW + 1)).id != study.id
    assert await studies.result(study.id) is None
    assert await studies.finish(study.id, RESULT, now=NOW + 2)
    assert not await studies.finish(study.id, RESULT, now=NOW + 3)
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
    await studies.finish(study.id, RESULT, now=NOW)
    with pytest.raises(StaleError, match="got one that is over or was deleted"):
        await studies.keep(study.id, [kept(4)], {})
    assert await studies.count(study.id) == 4


async def test_lists_and_deletes(studies: Studies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 2)
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


async def test_it_goes_with_the_call_that_the_panel_quotes(studies: Studies, store: Store, tmp_path: Path) -> None:
    ids = []
    for panel_id in ("of the call", "of others"):
        ids.append((await begun(studies, panel_id)).id)
        await studies.keep(ids[-1], [kept(0), kept(1)], {})
        await studies.finish(ids[-1], RESULT, now=NOW)
    receipt = await Erasing(store.database, Folders.of(tmp_path)).call("c1", now=NOW)
    assert (receipt.rows["studies"], receipt.rows["ballots"]) == (1, 2)
    with pytest.raises(NotHereError):
        await studies.result(ids[0])
    assert await studies.count(ids[0]) == 0
    assert await studies.result(ids[1]) == RESULT

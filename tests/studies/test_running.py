from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from tests.panel.bodies import body
from tests.panel.panels import study as offers
from tests.store.corpora import NOW
from tests.studies.asked import Died, Surgery
from vivavoce.errors import InputError, MissingError, NotHereError, StaleError
from vivavoce.jobs.kinds import StepFailed
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.port import JobStatus
from vivavoce.panel.duplicates import copies
from vivavoce.panel.study import PriceTest
from vivavoce.store import Store
from vivavoce.store.insights import Insights
from vivavoce.store.models import Study as StudyRow
from vivavoce.store.panels import Panels
from vivavoce.store.studies import Studies
from vivavoce.studies import canvass
from vivavoce.studies.beginning import begin
from vivavoce.studies.running import STUDY, ask_for, run_study

EVERYTHING = offers(
    claims=("Invoices are paid late.",),
    hypotheses=("People pay for reminders.",),
    prices=PriceTest(points=(5.0, 10.0, 20.0)),
    reference_price=10.0,
    currency="EUR a month",
    discussion=True,
    leads=True,
)


@pytest.fixture
async def store(tmp_path: Any) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    yield store
    await store.close()


@pytest.fixture
async def surgery(store: Store) -> Surgery:
    surgery = Surgery(store)
    await surgery.fill()
    return surgery


async def ballots_of(surgery: Surgery, study_id: str) -> list[tuple[int, str, str, str, tuple[str, ...]]]:
    return [
        (each.number, each.part, each.ballot.respondent, each.ballot.persona, each.ballot.order)
        async for piece in surgery.studies.iterate(study_id)
        for each in piece
    ]


async def test_from_a_question_to_a_result(surgery: Surgery) -> None:
    study = await surgery.begin(spec=EVERYTHING)
    assert (study.respondents, study.seed, study.state) == (("reasoner",), surgery.panel.seed, "open")
    hand = await surgery.do(study.id)
    done = await surgery.studies.get(study.id)
    assert (done.state, done.ended_at, done.problem) == ("done", NOW, "")
    assert done.wanted == done.asked == 6 * 3, "six members, two orders and the null test"
    result = await surgery.studies.result(study.id)
    assert result is not None
    (comparison,) = result.comparisons
    assert comparison.null is True
    assert comparison.asked == 12
    assert (len(result.claims), result.pricing is not None, result.discussion is not None) == (1, True, True)
    assert 5 <= len(result.hypotheses) <= 6
    assert result.reproduction.respondents == (comparison.respondent,)
    told = {"study": study.id, "panel": surgery.panel.id, "asked": 18, "abstained": done.abstained, "wanted": 18}
    assert surgery.announced == [("study.done", told | {"verdicts": {comparison.respondent: comparison.decision.word}})]
    assert hand.told[-1] == (1.0, "done")


async def test_the_same_again_is_the_same_byte_for_byte(surgery: Surgery) -> None:
    results = []
    for _ in range(2):
        study = await surgery.begin(spec=EVERYTHING)
        await surgery.do(study.id)
        results.append(msgspec.json.encode(await surgery.studies.result(study.id)))
    assert results[0] == results[1]
    assert len(await surgery.studies.page()) == 2


async def test_a_step_asks_for_some_seconds_only(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock moves a second a look; what a step leaves is small and holds no word of anybody."""
    monkeypatch.setitem(canvass.TOGETHER, False, 2)
    remembered: list[Any] = []
    await surgery.do((await surgery.begin()).id, remembered)
    asks = [each for each in remembered if isinstance(each, dict) and each["next"] == "more"]
    assert [each["asked"] for each in asks] == [8, 16]
    assert b"paid" not in msgspec.json.encode(remembered)


async def test_whoever_is_killed_anywhere_asks_nobody_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each answer, around each ballot and around each step: whoever comes next goes on. What is under way when
    one is killed is not known to have been answered, so here one is under way at a time.
    """
    monkeypatch.setitem(canvass.TOGETHER, True, 1)
    clean = Surgery(store, members=2)
    await clean.fill()
    passed: list[str] = []
    study = await clean.begin("openai:m")
    await clean.do(study.id, at=passed.append)
    wanted, result = await ballots_of(clean, study.id), await clean.studies.result(study.id)
    assert len(wanted) == 2 * 3
    assert passed.count("answer kept") == 6
    kept = Studies.keep
    for dies_at in range(len(passed) + 2 * 2 * 6):  # the store is told before each question, too
        await clean.studies.delete(study.id)
        await store.database.run(_forget())
        surgery = Surgery(store, members=2)
        left = dies_at

        def die(_point: str) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Died

        async def keep(self: Studies, *args: Any) -> int:
            die("before it is told")
            new = await kept(self, *args)
            die("after it was told")
            return new

        study = await surgery.begin("openai:m")
        remembered: list[Any] = []
        monkeypatch.setattr(Studies, "keep", keep)
        with pytest.raises(Died):
            await surgery.do(study.id, remembered, at=die)
        monkeypatch.setattr(Studies, "keep", kept)
        await surgery.do(study.id, remembered)
        assert await ballots_of(surgery, study.id) == wanted, dies_at
        assert await surgery.studies.result(study.id) == result, dies_at
        assert set(surgery.mouths["openai:m"].asked.values()) == {1}, dies_at
        row = await surgery.studies.get(study.id)
        assert (row.asked, await surgery.studies.count(study.id)) == (6, 6), dies_at


async def test_whoever_gave_no_answer_is_not_pressed_after_a_death(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(canvass.TOGETHER, True, 1)
    mouth, kept = surgery.mouths["openai:m"], Studies.keep
    mouth.silent = ["timeout"]

    async def keep(self: Studies, study_id: str, ballots: Any, usage: Any) -> int:
        new = await kept(self, study_id, ballots, usage)
        if ballots:
            raise Died
        return new

    study = await surgery.begin("openai:m")
    monkeypatch.setattr(Studies, "keep", keep)
    with pytest.raises(Died):
        await surgery.do(study.id)
    monkeypatch.setattr(Studies, "keep", kept)
    await surgery.do(study.id)
    done = await surgery.studies.get(study.id)
    assert (done.state, done.asked, done.abstained) == ("done", 18, 1)
    assert set(mouth.asked.values()) == {1}


def _forget() -> Any:
    from sqlalchemy import delete

    from vivavoce.store.models import Answer

    return delete(Answer)


async def test_what_costs_is_counted_beforehand(surgery: Surgery) -> None:
    spec = offers(most_asks=17)
    with pytest.raises(InputError, match=r"want at most 17 ballots .* got 18; take a smaller panel"):
        await surgery.begin("openai:m", spec=spec)
    assert await surgery.studies.page() == []
    assert (await surgery.begin("reasoner", spec=spec)).wanted == 18, "what costs nothing is not counted"


async def test_what_a_model_took_is_told(surgery: Surgery) -> None:
    study = await surgery.begin("openai:m")
    await surgery.do(study.id)
    used = (await surgery.studies.get(study.id)).usage["openai/m"]
    asked = sum(surgery.mouths["openai:m"].asked.values())
    assert (used["answers"], used["tokens_in"], used["tokens_out"]) == (asked, 100 * asked, 20 * asked)


async def test_a_service_that_answers_nobody_stops_it_and_it_goes_on_later(surgery: Surgery) -> None:
    surgery.mouths["openai:m"].silent = ["rate-limited"] * 8
    study = await surgery.begin("openai:m")
    with pytest.raises(StepFailed, match="openai/m answers nobody: its service asks for more time"):
        await surgery.do(study.id)
    stopped = await surgery.studies.get(study.id)
    assert (stopped.state, stopped.asked) == ("open", 0)
    assert stopped.problem.startswith("openai/m answers nobody")
    assert [type_ for type_, _ in surgery.announced] == ["study.failed"]
    assert (await surgery.begin("openai:m")).id == study.id
    surgery.mouths["openai:m"].silent = ["timeout", "rate-limited"]  # one found nobody there, and is asked again
    await surgery.do(study.id)
    done = await surgery.studies.get(study.id)
    assert (done.state, done.asked, done.abstained, done.problem) == ("done", 18, 1, "")
    assert [type_ for type_, _ in surgery.announced] == ["study.failed", "study.done"]


async def test_a_model_is_asked_no_further_once_it_is_enough(store: Store) -> None:
    surgery = Surgery(store, members=30, overlap=0.0)
    await surgery.fill()
    study = await surgery.begin("openai:m")
    await surgery.do(study.id)
    done = await surgery.studies.get(study.id)
    assert (done.wanted, done.asked) == (20 + 60, 20 + 40), "the null test, and two orders of thirty or of twenty"
    result = await surgery.studies.result(study.id)
    assert result is not None
    assert result.comparisons[0].decision.variant == "a"
    assert len(result.comparisons[0].votes) == 20


async def test_a_model_that_is_unsure_is_asked_to_the_end(store: Store) -> None:
    surgery = Surgery(store, members=20)
    await surgery.fill()
    study = await surgery.begin("openai:m")
    await surgery.do(study.id)
    assert (await surgery.studies.get(study.id)).asked == 60


async def test_respondents_that_name_different_variants_doubt_each_other(store: Store) -> None:
    surgery = Surgery(store, members=12, overlap=0.0)
    await surgery.fill()
    study = await surgery.begin("openai:m", "openai:other")
    await surgery.do(study.id)
    result = await surgery.studies.result(study.id)
    assert result is not None
    assert result.differ
    assert [each.decision.variant for each in result.comparisons] == ["a", "b"]
    assert all("respondents-differ" in each.decision.why for each in result.comparisons)


async def test_a_study_that_is_deleted_meanwhile_stops(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    study = await surgery.begin("openai:m")
    kept = Studies.keep

    async def gone(self: Studies, study_id: str, ballots: Any, usage: Any) -> int:
        if ballots:
            await surgery.studies.delete(study.id)
        return await kept(self, study_id, ballots, usage)

    monkeypatch.setattr(Studies, "keep", gone)
    with pytest.raises(StepFailed, match="got one that is over or was deleted"):
        await surgery.do(study.id)
    with pytest.raises(NotHereError, match="want the id of a study"):
        await surgery.studies.get(study.id)


async def test_a_study_that_is_deleted_while_it_is_concluded_is_not_told_as_done(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = await surgery.begin()
    finish = Studies.finish

    async def gone(self: Studies, *args: Any, **more: Any) -> bool:
        await self.delete(study.id)
        return await finish(self, *args, **more)

    monkeypatch.setattr(Studies, "finish", gone)
    with pytest.raises(StepFailed, match="want the id of a study"):
        await surgery.do(study.id)

    async def going(self: Studies, study_id: str, *args: Any, **more: Any) -> bool:
        await self._database.run(update(StudyRow).where(StudyRow.id == study_id).values(state="erasing"))
        return await finish(self, study_id, *args, **more)

    monkeypatch.setattr(Studies, "finish", going)
    with pytest.raises(StepFailed, match="want the id of a study"):
        await surgery.do((await surgery.begin(seed=2)).id)
    assert [type_ for type_, _ in surgery.announced] == ["study.failed", "study.failed"]


async def test_a_result_that_somebody_else_was_faster_with_is_told(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = await surgery.begin()
    finish = Studies.finish

    async def twice(self: Studies, *args: Any, **more: Any) -> bool:
        await finish(self, *args, **more)
        return await finish(self, *args, **more)

    monkeypatch.setattr(Studies, "finish", twice)
    await surgery.do(study.id)
    assert surgery.announced[-1][0] == "study.done"


async def test_what_came_after_the_panel_changes_no_result(surgery: Surgery) -> None:
    """So an insight that is deleted takes along whatever names it: it goes with all panels made since it came."""
    database, insights = surgery.store.database, Insights(surgery.store.database)
    spec = offers(leads=True, claims=("Invoices are paid late.",), hypotheses=("People pay for reminders.",))
    first = await surgery.begin(spec=spec)
    await surgery.do(first.id)
    before, now = await surgery.studies.result(first.id), body(60)
    assert before is not None
    later = [
        msgspec.structs.replace(each, id=f"{at:016x}", source="hackernews", person=f"p{at}", url=f"https://e.org/{at}")
        for at, each in enumerate(now.insights)
    ]
    read = [msgspec.structs.replace(each, insight=late.id) for each, late in zip(now.readings, later, strict=True)]
    await insights.add("invoicing", later, now=NOW + 1)
    await insights.save_readings("invoicing", read)
    everything = [each.insight async for piece in insights.iterate("invoicing") for each in piece]
    await insights.mark_copies("invoicing", copies(everything))
    again = await surgery.begin(spec=spec)
    await surgery.do(again.id)
    assert again.id != first.id
    assert await surgery.studies.result(again.id) == before
    await Panels(database).delete(surgery.panel.id)
    await Panels(database).save(surgery.panel, "invoicing", now=NOW + 1)
    since = await surgery.begin(spec=spec)
    await surgery.do(since.id)
    assert await surgery.studies.result(since.id) != before, "a panel that was made since does look there"


async def test_one_model_under_two_names_has_one_vote(surgery: Surgery) -> None:
    surgery.mouths["openai: m"] = surgery.mouths["openai:m"]
    with pytest.raises(InputError, match="want different respondents, got 'openai/m' under two names"):
        await surgery.begin("openai:m", "openai: m")
    assert await surgery.studies.page() == []


async def test_what_cannot_be_asked_is_said_before_anything_is_written(surgery: Surgery) -> None:
    with pytest.raises(InputError, match="want 1 to 5 different respondents"):
        await surgery.begin("reasoner", "reasoner")
    with pytest.raises(InputError, match="want a seed from 0"):
        await surgery.begin(seed=-1)
    database = surgery.store.database
    with pytest.raises(NotHereError, match="want the id of a panel, got 'none'"):
        await begin(database, offers(), "none", surgery, seed=1, embedder="hashing", now=NOW)

    class Keyless(Surgery):
        def respondent(self, *_: Any) -> Any:
            raise MissingError("no key is set", remedy="Set one")

    with pytest.raises(MissingError, match="no key is set"):
        await begin(database, offers(), surgery.panel.id, Keyless(surgery.store), seed=1, embedder="hashing", now=NOW)
    assert await surgery.studies.page() == []


async def test_one_job_is_at_a_study(surgery: Surgery) -> None:
    ledger = Ledger(surgery.store.database)
    study = await surgery.begin()
    job = await ask_for(surgery.store.database, ledger, study)
    study = await surgery.studies.get(study.id)
    assert study.job == job
    assert await ask_for(surgery.store.database, ledger, study) == job
    assert isinstance(status := await ledger.status(job), JobStatus)
    assert status.kind == STUDY
    await ledger.cancel(job)
    assert await ask_for(surgery.store.database, ledger, study) != job, "what was cancelled is gone on with"
    with pytest.raises(StaleError, match="got one that is over or was just asked for"):
        await ask_for(surgery.store.database, ledger, study)


async def test_here_and_now_without_a_worker(surgery: Surgery) -> None:
    told: list[float] = []
    study = await run_study(surgery.store.database, await surgery.begin(), surgery, lambda _, part: told.append(part))
    assert study.state == "done"
    assert told[-1] == 1.0

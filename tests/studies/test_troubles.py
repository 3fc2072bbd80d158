"""A study whose service, store or job lets it down: what was said is asked for once, and whoever can be asked is."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.store.corpora import NOW
from tests.studies.asked import Hand, Surgery
from vivavoce.errors import InputError, StoreError
from vivavoce.jobs.kinds import StepFailed
from vivavoce.store import Store
from vivavoce.store.answers import PanelAnswers
from vivavoce.store.panels import Panels
from vivavoce.store.studies import Studies
from vivavoce.studies import concluding, running
from vivavoce.studies.canvass import FAILING, MOST_TRIES, Canvass
from vivavoce.studies.running import Studying, run_study


@pytest.fixture
async def surgery(sqlite_at_head: Path, tmp_path: Path) -> AsyncIterator[Surgery]:
    store = await Store.open(f"sqlite:///{shutil.copyfile(sqlite_at_head, tmp_path / 'viva.db')}")
    surgery = Surgery(store)
    await surgery.fill()
    yield surgery
    await store.close()


class Patient(Hand):
    """Tries a step again when the store was away, as a worker does."""

    async def step(self, name: str, function: Any, /, *args: Any) -> Any:
        for _ in range(3):
            try:
                return await super().step(name, function, *args)
            except StoreError:
                self.steps.pop()
        raise StepFailed("the store stays away")


async def work(surgery: Surgery, study_id: str, job_id: str = "j") -> Hand:
    hand = Patient(study_id, [], job_id=job_id)
    await Studying(surgery.store.database, surgery, surgery._announce, clock=surgery._tick, now=lambda: NOW).run(hand)
    return hand


async def begun(surgery: Surgery, *respondents: str, job: str = "j", **more: Any) -> str:
    study = await surgery.begin(*respondents, **more)
    await surgery.studies.hand_to(study.id, job, before=None)
    return study.id


@pytest.mark.parametrize("broken", ["before it is kept", "after it was kept"])
async def test_a_ballot_that_cannot_be_kept_at_once_is_not_asked_for_again(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """Not even one without an answer, which nothing else remembers; nor one that was under way meanwhile."""
    mouth, keep = surgery.mouths["openai:m"], Studies.keep
    mouth.silent = ["refused", "timeout", "", "refused", "", "not-json"]
    away = 2

    async def fails(self: Studies, study_id: str, ballots: Any, usage: Any) -> int:
        nonlocal away
        if away and ballots and broken == "before it is kept":
            away -= 1
            raise StoreError("the database did not take it")
        new = await keep(self, study_id, ballots, usage)
        if away and ballots:
            away -= 1
            raise StoreError("the database did not say that it took it")
        return new

    study = await begun(surgery, "openai:m")
    monkeypatch.setattr(Studies, "keep", fails)
    await work(surgery, study)
    done = await surgery.studies.get(study)
    assert (done.state, done.asked, done.abstained) == ("done", 18, 4)
    assert set(mouth.asked.values()) == {1}


async def test_an_answer_that_cannot_be_kept_at_once_is_not_asked_for_again(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    mouth, put, away = surgery.mouths["openai:m"], PanelAnswers.put, 5

    async def fails(self: PanelAnswers, *args: Any, **more: Any) -> None:
        nonlocal away
        if away:
            away -= 1
            raise StoreError("the database did not take it")
        await put(self, *args, **more)

    study = await begun(surgery, "openai:m")
    monkeypatch.setattr(PanelAnswers, "put", fails)
    await work(surgery, study)
    assert (await surgery.studies.get(study)).asked == 18
    assert set(mouth.asked.values()) == {1}


async def test_what_a_model_took_is_told_whole_though_the_store_was_away(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, away = Studies.keep, 3

    async def fails(self: Studies, *args: Any) -> int:
        nonlocal away
        if away:
            away -= 1
            raise StoreError("the database did not take it")
        return await keep(self, *args)

    study = await begun(surgery, "openai:m")
    monkeypatch.setattr(Studies, "keep", fails)
    await work(surgery, study)
    used = (await surgery.studies.get(study)).usage["openai/m"]
    assert (used["answers"], used["tokens_in"], used["unheard"]) == (18, 1800, 0)


async def test_a_member_whom_a_service_fails_at_is_left_out_and_the_study_goes_on(surgery: Surgery) -> None:
    mouth = surgery.mouths["openai:m"]
    mouth.fails_at = surgery.panel.personas[2].summary
    assert sum(mouth.fails_at in each.summary for each in surgery.panel.personas) == 1
    study = await begun(surgery, "openai:m")
    await work(surgery, study)
    done = await surgery.studies.get(study)
    assert (done.state, done.asked, done.abstained) == ("done", 18, 3), "in two orders, and in the null test"
    assert sorted(mouth.asked.values()) == [1] * 15 + [MOST_TRIES] * 3
    result = await surgery.studies.result(study)
    assert result is not None
    assert result.comparisons[0].abstained == {FAILING: 2}
    left_out = [each for each in await surgery.studies.ballots(study) if each.ballot.abstains]
    assert {each.ballot.persona for each in left_out} == {surgery.panel.personas[2].id}
    assert {each.ballot.order for each in left_out if each.part == "main"} == {("a", "b"), ("b", "a")}


async def test_whoever_goes_on_with_nobody_else_left_leaves_them_out_too(surgery: Surgery) -> None:
    """Nobody else is answered in between: the service is asked whether it is there."""
    mouth = surgery.mouths["openai:m"]
    mouth.fails_at = surgery.panel.personas[2].summary
    keep = Studies.keep
    study = await begun(surgery, "openai:m")
    with pytest.MonkeyPatch.context() as patch:

        async def no_more(self: Studies, study_id: str, ballots: Any, usage: Any) -> int:
            if any(each.ballot.abstains == FAILING for each in ballots):
                raise StoreError("the database did not take it")
            return await keep(self, study_id, ballots, usage)

        patch.setattr(Studies, "keep", no_more)
        with pytest.raises(StepFailed):
            await work(surgery, study)
    assert (await surgery.studies.get(study)).asked == 15
    before = mouth.probed
    await work(surgery, study)
    assert mouth.probed == before + MOST_TRIES
    done = await surgery.studies.get(study)
    assert (done.state, done.abstained) == ("done", 3)


async def test_an_outage_is_nobodys_fault_however_long_it_lasts(surgery: Surgery) -> None:
    mouth = surgery.mouths["openai:m"]
    study = await begun(surgery, "openai:m")
    for tries in range(MOST_TRIES + 1):
        mouth.silent = ["unreachable"] * 9
        with pytest.raises(StepFailed, match="openai/m answers nobody: its service or the network failed"):
            await work(surgery, study)
        assert (mouth.silent, mouth.probed) == ([], tries + 1)
        assert (await surgery.studies.get(study)).asked == 0
    await work(surgery, study)
    assert (await surgery.studies.get(study)).abstained == 0


async def test_a_service_that_asks_for_time_is_not_asked_whether_it_is_there(surgery: Surgery) -> None:
    mouth = surgery.mouths["openai:m"]
    mouth.silent = ["rate-limited"] + ["unreachable"] * 7
    study = await begun(surgery, "openai:m")
    with pytest.raises(StepFailed, match="openai/m answers nobody"):
        await work(surgery, study)
    assert mouth.probed == 0


async def test_a_job_that_lost_it_stops_nothing_and_tells_nobody(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another job is at it by the time its service fails."""
    mouth, some = surgery.mouths["openai:m"], Canvass.some
    mouth.silent = ["no-access"] * 8
    study = await begun(surgery, "openai:m", job="one")

    async def handed_over(self: Canvass) -> bool:
        await surgery.studies.hand_to(study, "two", before="one")
        return await some(self)

    monkeypatch.setattr(Canvass, "some", handed_over)
    await work(surgery, study, "one")
    stored = await surgery.studies.get(study)
    assert (stored.job, stored.problem, surgery.announced) == ("two", "", [])
    await work(surgery, study, "two")
    assert [type_ for type_, _ in surgery.announced] == ["study.done"]


async def test_a_job_that_another_was_faster_than_tells_nobody(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, conclude = await begun(surgery, job="one"), concluding.conclude

    async def overtaken(*args: Any) -> Any:
        monkeypatch.setattr(running, "conclude", conclude)
        await surgery.studies.hand_to(study, "two", before="one")
        await work(surgery, study, "two")
        return await conclude(*args)

    monkeypatch.setattr(running, "conclude", overtaken)
    hand = await work(surgery, study, "one")
    assert hand.steps[-1] == "conclude"
    assert [type_ for type_, _ in surgery.announced] == ["study.done"]


@pytest.mark.parametrize("when", ["before it is made", "after it is made"])
async def test_a_job_that_lost_it_concludes_nothing(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    study, conclude, made = await begun(surgery, job="one"), concluding.conclude, []

    async def handed_over(*args: Any) -> Any:
        result = await conclude(*args)
        made.append(result)
        await surgery.studies.hand_to(study, "two", before="one")
        return result

    class Late(Patient):
        async def step(self, name: str, function: Any, /, *args: Any) -> Any:
            if name == "conclude" and when == "before it is made":
                await surgery.studies.hand_to(study, "two", before="one")
            return await super().step(name, function, *args)

    monkeypatch.setattr(running, "conclude", handed_over)
    studying = Studying(surgery.store.database, surgery, surgery._announce, clock=surgery._tick, now=lambda: NOW)
    await studying.run(Late(study, [], job_id="one"))
    stored = await surgery.studies.get(study)
    assert (stored.job, stored.state, len(made)) == ("two", "open", when == "after it is made")
    assert surgery.announced == []
    monkeypatch.setattr(running, "conclude", conclude)
    await work(surgery, study, "two")
    assert [type_ for type_, _ in surgery.announced] == ["study.done"]


async def test_what_a_step_may_quote_stays_with_who_does_it(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ledger and logs keep what a job says when a call is erased; what another InputError says may be a caller's."""
    study = await begun(surgery)

    async def quotes(*_: Any) -> Any:
        raise InputError("got 'what a caller said'")

    monkeypatch.setattr(Canvass, "some", quotes)
    with pytest.raises(InputError):  # a worker says the kind of it
        await work(surgery, study)
    assert (await surgery.studies.get(study)).problem == ""
    begun_by_hand = await surgery.begin(seed=3)
    with pytest.raises(StepFailed, match="what a caller said"):
        await run_study(surgery.store.database, begun_by_hand, surgery, lambda _note, _part: None)


async def test_who_is_not_to_be_had_any_more_is_named(surgery: Surgery) -> None:
    study = await begun(surgery, "openai:m")

    def gone(name: str, *_: Any) -> Any:
        raise InputError(f"want a respondent, got {name!r}")

    surgery.respondent = gone  # type: ignore[method-assign, assignment]
    with pytest.raises(StepFailed, match="want a respondent, got 'openai:m'"):
        await work(surgery, study)
    assert (await surgery.studies.get(study)).problem.startswith("want a respondent")


async def test_who_cannot_look_whether_it_is_enough_looks_again(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart, settled, away = Surgery(surgery.store, members=30, overlap=0.0), Canvass._settled, 1

    async def fails(self: Canvass, name: str) -> bool:
        nonlocal away
        enough = await settled(self, name)
        if enough and away:
            away -= 1
            raise StoreError("the database did not answer")
        return enough

    monkeypatch.setattr(Canvass, "_settled", fails)
    await Panels(surgery.store.database).save(apart.panel, "invoicing", now=NOW)
    study = await begun(apart, "openai:m")
    await work(apart, study)
    done = await apart.studies.get(study)
    assert (away, done.wanted, done.asked) == (0, 20 + 60, 20 + 40)

"""A study that somebody stopped: who goes on with it, and who does not."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from tests.panel.panels import study as offers
from tests.store.corpora import NOW
from tests.studies.asked import Died, Hand, Surgery
from vivavoce.errors import BusyError, StaleError
from vivavoce.findings.study_record import collect_study
from vivavoce.jobs.kinds import StepFailed
from vivavoce.jobs.ledger import Ledger
from vivavoce.panel.reasoner import Reasoner
from vivavoce.store import Store
from vivavoce.store.models import Ballot, Job
from vivavoce.store.studies import Studies
from vivavoce.studies import canvass
from vivavoce.studies.running import Studying, ask_for, run_study


@pytest.fixture
async def surgery(sqlite_at_head: Path, tmp_path: Path) -> AsyncIterator[Surgery]:
    store = await Store.open(f"sqlite:///{shutil.copyfile(sqlite_at_head, tmp_path / 'viva.db')}")
    surgery = Surgery(store)
    await surgery.fill()
    yield surgery
    await store.close()


async def work(surgery: Surgery, study_id: str, job_id: str) -> Hand:
    hand = Hand(study_id, [], job_id=job_id)
    await Studying(surgery.store.database, surgery, surgery._announce, clock=surgery._tick, now=lambda: NOW).run(hand)
    return hand


async def test_another_version_does_not_go_on_with_ballots_it_would_not_count(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(canvass.TOGETHER, False, 2)
    study = await surgery.begin()

    def die(_point: str) -> None:
        raise Died

    with pytest.raises(Died):
        await surgery.do(study.id, at=die)
    kept = (await surgery.studies.get(study.id)).asked
    assert 0 < kept < study.wanted
    monkeypatch.setattr(Reasoner, "name", "reasoner/0")
    with pytest.raises(StepFailed, match=r"begun with reasoner/\d+ \(hashing.*, weak\), not to be had .* begin anew"):
        await surgery.do(study.id)
    stopped = await surgery.studies.get(study.id)
    assert (stopped.state, stopped.asked, stopped.problem[:10]) == ("open", kept, "begun with")


async def test_ballots_that_nothing_came_of_break_no_report(surgery: Surgery) -> None:
    study = await surgery.begin()
    await surgery.do(study.id)
    counted = (await collect_study(surgery.store.database, study.id)).ballots
    strange = msgspec.json.encode(msgspec.structs.replace(counted[0], respondent="reasoner/0")).decode()
    await surgery.store.database.run(update(Ballot).where(Ballot.number == 17).values(body=strange))
    assert len((await collect_study(surgery.store.database, study.id)).ballots) == len(counted)


async def test_a_job_that_is_still_stopping_is_waited_for(surgery: Surgery) -> None:
    database, ledger = surgery.store.database, Ledger(surgery.store.database)
    study = await surgery.begin()
    job = await ask_for(database, ledger, study)
    study = await surgery.studies.get(study.id)
    await database.run(update(Job).where(Job.id == job).values(state="running"))
    await ledger.cancel(job)
    with pytest.raises(BusyError, match="got one that is still stopping; ask again in a moment"):
        await ask_for(database, ledger, study)
    await database.run(update(Job).where(Job.id == job).values(state="cancelled"))
    assert await ask_for(database, ledger, study) != job


async def test_two_who_ask_at_once_ask_for_one_job(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes when the study is handed over, and nobody has heard of the job yet."""
    database, ledger = surgery.store.database, Ledger(surgery.store.database)
    study, enqueue, second = await surgery.begin(), Ledger.enqueue, []

    async def late(self: Ledger, *args: Any, **more: Any) -> str:
        monkeypatch.setattr(Ledger, "enqueue", enqueue)
        second.append(await ask_for(database, ledger, await surgery.studies.get(study.id)))
        return await enqueue(self, *args, **more)

    monkeypatch.setattr(Ledger, "enqueue", late)
    first = await ask_for(database, ledger, study)
    assert second == [first]
    assert [job.id for job in await ledger.list()] == [first]


async def test_what_was_asked_by_hand_is_handed_to_a_job_of_its_own(surgery: Surgery) -> None:
    database, ledger = surgery.store.database, Ledger(surgery.store.database)
    study = await surgery.begin()
    await surgery.studies.hand_to(study.id, "here-1", before=None)
    study = await surgery.studies.get(study.id)
    assert not (await ask_for(database, ledger, study)).startswith("here-")
    with pytest.raises(StaleError, match="got one that is over or was just asked for"):
        await run_study(database, study, surgery, lambda _note, _part: None)


async def test_of_two_jobs_the_one_it_was_handed_to_asks(surgery: Surgery, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other stops after what it is asking, and tells nobody that anything is over."""
    monkeypatch.setitem(canvass.TOGETHER, True, 1)
    study = await surgery.begin("openai:m")
    assert (await work(surgery, study.id, "stranger")).steps == ["ask"]
    assert (await surgery.studies.get(study.id)).asked == 0
    await surgery.studies.hand_to(study.id, "one", before=None)
    kept = Studies.keep

    async def hand_over(self: Studies, *args: Any) -> int:
        new = await kept(self, *args)
        await surgery.studies.hand_to(study.id, "two", before="one")
        return new

    monkeypatch.setattr(Studies, "keep", hand_over)
    assert (await work(surgery, study.id, "one")).steps == ["ask"]
    assert ((await surgery.studies.get(study.id)).asked, surgery.announced) == (1, [])
    assert (await work(surgery, study.id, "two")).steps[-1] == "announce"
    done = await surgery.studies.get(study.id)
    assert (done.state, done.asked, set(surgery.mouths["openai:m"].asked.values())) == ("done", 18, {1})
    assert [type_ for type_, _ in surgery.announced] == ["study.done"]


async def test_the_very_same_question_is_asked_once(surgery: Surgery) -> None:
    """Both orders of two variants that say the same look alike, side by side."""
    study = await surgery.begin("openai:m", spec=offers("Reminders that are paid", "Reminders that are paid"))
    await surgery.do(study.id)
    assert (await surgery.studies.get(study.id)).asked == 18
    assert set(surgery.mouths["openai:m"].asked.values()) == {1}


async def test_an_outage_takes_no_vote_away(surgery: Surgery) -> None:
    """Seven of eight who found nobody there are asked again, and so they are once it lasts."""
    mouth = surgery.mouths["openai:m"]
    mouth.silent = ["unreachable"] * 7
    study = await surgery.begin("openai:m")
    await surgery.do(study.id)
    done = await surgery.studies.get(study.id)
    assert (done.state, done.asked, done.abstained) == ("done", 18, 0)
    other = await surgery.begin("openai:m", seed=5)
    mouth.silent = ["unreachable"] * 9 + [""] + ["unreachable"] * 7
    with pytest.raises(StepFailed, match="openai/m answers nobody"):
        await surgery.do(other.id)
    stopped = await surgery.studies.get(other.id)
    assert (stopped.asked, stopped.abstained) == (1, 0)
    await surgery.do(other.id)
    assert (await surgery.studies.get(other.id)).abstained == 0

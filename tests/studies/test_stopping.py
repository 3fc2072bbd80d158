"""What a model is still asked when a study is told to stop, and what is lost when it dies: what was under way."""

from __future__ import annotations

import asyncio
import platform
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.store.corpora import NOW
from tests.studies.asked import Died, Hand, Mouth, Surgery
from vivavoce.errors import MissingError, StoreError
from vivavoce.jobs.kinds import StepFailed
from vivavoce.store import Store
from vivavoce.store.studies import Studies
from vivavoce.studies.canvass import TOGETHER
from vivavoce.studies.respondents.llm import AT_ONCE
from vivavoce.studies.respondents.service import Ask, Said, Silence
from vivavoce.studies.running import Studying, run_study


class Slow(Mouth):
    """Says nothing to anybody until as many wait as are asked at a time; then something happens, once."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__("openai/m", "paid")
        self._happens = happens
        self.happened = asyncio.Event()

    async def say(self, ask: Ask) -> Said | Silence:
        said = await super().say(ask)
        if self.asked.total() == AT_ONCE:
            self._happens()
            self.happened.set()
        await self.happened.wait()
        return said


class Cancelled(BaseException):
    """As a worker ends a job between two steps."""


class Told(Hand):
    """A job that somebody can cancel while a step of it is under way."""

    cancelled = False

    async def step(self, name: str, function: Any, /, *args: Any) -> Any:
        if self.cancelled:
            raise Cancelled
        return await super().step(name, function, *args)

    async def goes_on(self) -> bool:
        return not self.cancelled


@pytest.fixture
async def surgery(sqlite_at_head: Path, tmp_path: Path) -> AsyncIterator[Surgery]:
    store = await Store.open(f"sqlite:///{shutil.copyfile(sqlite_at_head, tmp_path / 'viva.db')}")
    surgery = Surgery(store)
    await surgery.fill()
    yield surgery
    await store.close()


async def work(surgery: Surgery, hand: Hand) -> None:
    study = hand.args["study"]
    await surgery.studies.hand_to(study, hand.id, before=(await surgery.studies.get(study)).job)
    await Studying(surgery.store.database, surgery, surgery._announce, now=lambda: NOW).run(hand)


async def unheard(surgery: Surgery, study_id: str) -> int:
    return (await surgery.studies.get(study_id)).usage["openai/m"]["unheard"]


@pytest.mark.parametrize("silent", [[], ["rate-limited"] * AT_ONCE], ids=["answered", "asked for time"])
async def test_a_cancelled_study_asks_nobody_but_those_under_way(surgery: Surgery, silent: list[str]) -> None:
    study = await surgery.begin("openai:m")
    hand = Told(study.id, [])
    mouth = surgery.mouths["openai:m"] = Slow(lambda: setattr(hand, "cancelled", True))
    mouth.silent = list(silent)
    with pytest.raises(Cancelled):
        await work(surgery, hand)
    assert (mouth.asked.total(), mouth.probed, hand.steps) == (AT_ONCE, 0, ["ask"])
    stopped = await surgery.studies.get(study.id)
    assert (stopped.asked, stopped.problem) == (AT_ONCE - len(silent), ""), "what was answered is kept"
    assert await unheard(surgery, study.id) == 0
    await work(surgery, Hand(study.id, [], job_id="next"))
    done = await surgery.studies.get(study.id)
    assert (done.state, done.asked, mouth.asked.total()) == ("done", 18, 18 + len(silent))


async def test_a_cancelled_study_does_not_ask_whether_a_service_is_there(surgery: Surgery) -> None:
    """Which answered nobody of a whole round."""
    study = await surgery.begin("openai:m")
    hand = Told(study.id, [])

    class Gone(Mouth):
        async def say(self, ask: Ask) -> Said | Silence:
            hand.cancelled = self.asked.total() == TOGETHER[True] - 1
            return await super().say(ask)

    mouth = surgery.mouths["openai:m"] = Gone("openai/m", "paid")
    mouth.silent = ["unreachable"] * 9
    with pytest.raises(Cancelled):
        await work(surgery, hand)
    assert (mouth.asked.total(), mouth.probed) == (TOGETHER[True], 0)
    assert (await surgery.studies.get(study.id)).problem == ""


async def test_what_was_under_way_at_a_death_is_asked_once_more_and_counted(surgery: Surgery) -> None:
    study = await surgery.begin("openai:m")

    def die() -> None:
        raise Died

    mouth = surgery.mouths["openai:m"] = Slow(die)
    with pytest.raises(Died):
        await work(surgery, Hand(study.id, []))
    assert await unheard(surgery, study.id) == AT_ONCE
    mouth.happened.set()
    await work(surgery, Hand(study.id, [], job_id="heir"))
    done = await surgery.studies.get(study.id)
    assert (done.state, done.asked, mouth.asked.total()) == ("done", 18, 18 + AT_ONCE)
    assert max(mouth.asked.values()) == 2
    assert await unheard(surgery, study.id) == AT_ONCE


async def test_nobody_is_asked_whom_nothing_could_be_written_down_of(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, keep = await surgery.begin("openai:m"), Studies.keep

    async def away(*_: Any) -> int:
        raise StoreError("the database did not take it")

    monkeypatch.setattr(Studies, "keep", away)
    with pytest.raises(StoreError):
        await work(surgery, Hand(study.id, []))
    assert surgery.mouths["openai:m"].asked.total() == 0
    monkeypatch.setattr(Studies, "keep", keep)
    await work(surgery, Hand(study.id, [], job_id="next"))
    assert await unheard(surgery, study.id) == 0


async def test_a_job_says_whose_settings_lack_something(surgery: Surgery) -> None:
    """The one who reads it may have set it, where the worker does not see it."""
    study = await surgery.begin("openai:m")

    def keyless(*_: Any) -> Any:
        raise MissingError("no key is set", remedy="Set one")

    surgery.respondent = keyless  # type: ignore[method-assign, assignment]
    with pytest.raises(StepFailed, match=r"no key is set. Set one \(so says the worker that does it") as raised:
        await work(surgery, Hand(study.id, []))
    assert f"on {platform.node()}: it goes by settings of its own" in str(raised.value)
    with pytest.raises(StepFailed, match=r"^no key is set. Set one$"):
        await run_study(surgery.store.database, await surgery.studies.get(study.id), surgery, lambda _note, _part: None)

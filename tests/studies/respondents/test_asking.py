"""A panel asked by several, and what is left of it when somebody stops it."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from tests.panel.reasoner.samples import OWNER
from tests.studies.respondents.models import SHEET, completion, good, openai
from tests.studies.sources.fake import service
from vivavoce.errors import InputError, MissingError, StaleError
from vivavoce.panel.ballots import Ballot, Sheet
from vivavoce.panel.personas import Persona
from vivavoce.studies.respondents.asking import ask
from vivavoce.studies.respondents.llm import AnswersInMemory, LlmRespondent
from vivavoce.studies.respondents.service import Ask, Said, Silence

PEOPLE = [msgspec.structs.replace(OWNER, id=f"p{number}", summary=f"Number {number}.") for number in range(1, 5)]


class Echo:
    """Answers in the other order than it was asked."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.waiting = len(PEOPLE)
        self.closed = False

    async def answer(self, persona: Persona, sheet: Sheet) -> Ballot:
        self.waiting -= 1
        for _ in range(self.waiting):
            await asyncio.sleep(0)
        return Ballot(persona=persona.id, respondent=self.name, order=sheet.order, answers=(), abstains="refused")

    async def close(self) -> None:
        self.closed = True


async def test_ballots_come_by_respondent_and_then_by_persona() -> None:
    told: list[tuple[int, int]] = []
    ballots = await ask([Echo("x"), Echo("y")], PEOPLE, SHEET, lambda done, of: told.append((done, of)))
    assert [(each.respondent, each.persona) for each in ballots] == [(name, p.id) for name in "xy" for p in PEOPLE]
    assert told == [(done, 8) for done in range(1, 9)]


async def test_a_sheet_that_is_none_is_said_before_anybody_is_asked() -> None:
    echo = Echo("x")
    with pytest.raises(InputError, match="an order of all 2 variants"):
        await ask([echo], PEOPLE, msgspec.structs.replace(SHEET, order=("a",)))
    assert echo.waiting == len(PEOPLE)


class Stuck:
    """A model that answers some and then holds everybody up."""

    name = "stuck/m"
    address = "https://models.example/v1"

    def __init__(self, said: str, *, answers: int = 2) -> None:
        self.said = said
        self.answers = answers
        self.asked = 0
        self.third = asyncio.Event()
        self.let_go = 0

    async def say(self, ask: Ask) -> Said | Silence:
        self.asked += 1
        if self.asked <= self.answers:
            return Said(text=self.said)
        self.third.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.let_go += 1
        raise AssertionError

    async def close(self) -> None:
        pass


async def test_what_was_answered_before_somebody_stopped_it_is_kept() -> None:
    answers = AnswersInMemory()
    stuck = Stuck(msgspec.json.encode(good()).decode())
    running = asyncio.create_task(ask([LlmRespondent(stuck, answers=answers, at_once=2)], PEOPLE, SHEET))
    third = asyncio.create_task(stuck.third.wait())
    await asyncio.wait((running, third), return_when=asyncio.FIRST_COMPLETED)
    assert running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (stuck.asked, stuck.let_go) == (3 + (stuck.asked > 3), stuck.asked - 2), "nobody is asked any further"
    again = Stuck(stuck.said, answers=len(PEOPLE))
    model = LlmRespondent(again, answers=answers)
    ballots = await ask([model], PEOPLE, SHEET)
    assert (again.asked, model.usage.kept) == (2, 2)
    assert all(ballot.answers for ballot in ballots)


async def test_where_answers_cannot_be_kept_nobody_else_is_asked() -> None:
    class Gone(AnswersInMemory):
        async def put(self, key: str, body: bytes, *, persona: str, respondent: str) -> None:
            raise StaleError("the panel is gone")

    async with service(completion(good())) as fake:
        respondent = LlmRespondent(openai(fake), answers=Gone(), at_once=1)
        with pytest.raises(StaleError):
            await ask([respondent], PEOPLE, SHEET)
        await respondent.close()
        assert len(fake.requests) <= 2


async def test_a_respondent_that_lacks_something_is_an_error_at_once() -> None:
    class Lacks(Echo):
        async def answer(self, persona: Persona, sheet: Sheet) -> Ballot:
            raise MissingError("want weights, got none", remedy="Install them")

    with pytest.raises(MissingError):
        await ask([Lacks("x"), Echo("y")], PEOPLE, SHEET)

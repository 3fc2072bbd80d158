"""Surveys in the database: links, answers that are kept once, and their end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, insert, select, update

from tests.panel.survey.asked import FORM, guess, opinion, prediction
from tests.store.corpora import some_call
from tests.store.test_schema import OF_CORPUS, OF_PANEL
from vivavoce.errors import NotHereError, StaleError
from vivavoce.panel.survey.checks import counted
from vivavoce.store import Store
from vivavoce.store.database import table_of
from vivavoce.store.erasing import Erasing
from vivavoce.store.folders import Folders
from vivavoce.store.models import Corpus, Panel, PanelCall, Study, SurveyAnswer, SurveyLink
from vivavoce.store.models import Survey as SurveyRow
from vivavoce.store.survey_answers import NewAnswer
from vivavoce.store.surveys import WITHDRAWN_S, Door, StoredSurvey, Surveys

NOW = 1_750_000_123.0
DAY_S = 86_400.0
SURVEY = StoredSurvey(
    id="0" * 16, study_id="s", name="month end", form=FORM, prediction=prediction(guess("approves", 0.7)), links=0,
    quota=10, until=None, opened_at=NOW, closed_at=None, erase_at=NOW + DAY_S,
)  # fmt: skip


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    async with store.database.begin() as connection:
        await connection.execute(insert(table_of(Corpus)).values(OF_CORPUS["corpora"]))
        await connection.execute(insert(table_of(Panel)).values(OF_CORPUS["panels"]))
        await connection.execute(insert(table_of(Study)).values(OF_PANEL))
    yield store
    await store.close()


@pytest.fixture
def surveys(store: Store) -> Surveys:
    return Surveys(store.database)


async def door_of(surveys: Surveys, token: str) -> Door:
    door = await surveys.door(token)
    assert door is not None
    return door


def new(choice: str = "approves", **more: bool) -> NewAnswer:
    return NewAnswer(opinion(choice), 33.333, ("late",), **{"suspect": False, **more})


async def test_a_survey_is_kept_with_its_copy_and_outlives_its_study(store: Store, surveys: Surveys) -> None:
    assert await surveys.open(SURVEY) == []
    assert await surveys.get(SURVEY.id) == SURVEY
    await surveys.answer(await door_of(surveys, SURVEY.id), "code", new(), now=NOW)
    await store.database.run(delete(Panel))
    kept = await surveys.get(SURVEY.id)
    assert (kept.study_id, kept.form, kept.prediction) == (None, SURVEY.form, SURVEY.prediction)
    assert len(await surveys.answers(SURVEY.id)) == 1
    with pytest.raises(StaleError):
        await surveys.open(msgspec.structs.replace(SURVEY, id="1" * 16))


async def test_a_survey_goes_with_the_calls_its_panel_rests_on(store: Store, surveys: Surveys, tmp_path: Path) -> None:
    for call_id in ("one", "other"):
        await some_call(store, call_id)
    await surveys.open(msgspec.structs.replace(SURVEY, id="1" * 16))
    await store.database.run(insert(table_of(PanelCall)).values(panel_id="p", call_id="one"))
    await surveys.open(msgspec.structs.replace(SURVEY, links=2))
    await surveys.open(msgspec.structs.replace(SURVEY, id="2" * 16, study_id=None))
    (link,) = await surveys.open(msgspec.structs.replace(SURVEY, id="3" * 16, links=1))
    await surveys.answer(await door_of(surveys, link), "code", new(), now=NOW)
    await store.database.run(delete(Panel))
    erasing = Erasing(store.database, Folders.of(tmp_path))
    await erasing.call("other", now=NOW)
    assert len(await surveys.page()) == 4, "with or without a study"
    receipt = await erasing.call("one", now=NOW)
    assert receipt.rows == {"calls": 1, "surveys": 2, "survey_calls": 2, "survey_links": 3, "survey_answers": 1}
    assert {each.id[0] for each in await surveys.page()} == {"1", "2"}, "opened before, and of nobody's study"


async def test_an_answer_is_kept_once_for_its_code(surveys: Surveys) -> None:
    await surveys.open(SURVEY)
    door = await door_of(surveys, SURVEY.id)
    same = [surveys.answer(door, "code", new(), now=NOW) for _ in range(4)]
    assert (
        await asyncio.gather(*same, surveys.answer(door, "other", new("automatic", suspect=True), now=NOW))
        == ["kept"] * 5
    )
    answers = await surveys.answers(SURVEY.id)
    assert sorted(each.opinion.choice for each in answers) == ["approves", "automatic"]
    assert {each.number for each in answers} == {1, 2}
    assert {each.answered_at for each in answers} == {NOW - NOW % 3600}, "the hour, not the second"
    assert {(each.took_s, each.flags) for each in answers} == {(33.3, ("late",))}
    assert await surveys.counted(SURVEY.id) == 1
    assert (await surveys.get(SURVEY.id)).answered == 2


async def test_a_code_deletes_its_answer_alone(store: Store, surveys: Surveys) -> None:
    await surveys.open(SURVEY)
    door = await door_of(surveys, SURVEY.id)
    for code in ("one", "two"):
        await surveys.answer(door, code, new(), now=NOW)
    assert not await surveys.forget("three", now=NOW)
    assert await surveys.forget("one", now=NOW)
    assert not await surveys.forget("one", now=NOW)
    assert (await surveys.known("one"), await surveys.known("three")) == ("withdrawn", None)
    assert await surveys.answer(door, "one", new(), now=NOW + DAY_S) == "withdrawn", "the same page, sent again"
    assert [each.number for each in await surveys.answers(SURVEY.id)] == [2]
    await surveys.answer(door, "four", new(), now=NOW)
    assert [each.number for each in await surveys.answers(SURVEY.id)] == [2, 3], "no number twice"
    rows = await store.database.rows(select(table_of(SurveyAnswer)).order_by(SurveyAnswer.number))
    assert not {"one", "two"}.intersection(map(str, rows[0].values())), "a hash of it"
    assert (rows[0]["body"], rows[0]["flags"], rows[0]["took_s"]) == ("", [], 0.0), "nothing that was said"
    await store.database.run(update(SurveyRow).values(erase_at=NOW + 9 * DAY_S))
    for late, known in ((-1, "withdrawn"), (0, None)):
        await surveys.sweep(NOW - NOW % 3600 + WITHDRAWN_S + late)
        assert await surveys.known("one") == known
    assert [each.number for each in await surveys.answers(SURVEY.id)] == [2, 3]


async def test_a_quota_is_kept_however_many_come_at_once(surveys: Surveys) -> None:
    await surveys.open(msgspec.structs.replace(SURVEY, quota=3))
    door = await door_of(surveys, SURVEY.id)
    fresh = new()._replace(flags=())
    came = await asyncio.gather(*(surveys.answer(door, f"code {at}", fresh, now=NOW) for at in range(9)))
    assert sorted(came) == ["full"] * 5 + ["kept"] * 4, "one more than was wanted, for they were at it"
    assert [each.flags for each in await surveys.answers(SURVEY.id)] == [(), (), (), ("late",)]


async def test_several_servers_over_one_database_keep_one_quota_and_use_a_link_once(
    store: Store, surveys: Surveys, database_url: str
) -> None:
    """They close at once, too: each answer is either kept and counted, or its sender is told."""
    await surveys.open(msgspec.structs.replace(SURVEY, quota=8))
    (link,) = await surveys.open(msgspec.structs.replace(SURVEY, id="1" * 16, links=1))
    others = [await Store.open(database_url) for _ in range(2)]
    servers = [surveys, *(Surveys(each.database) for each in others)]
    doors = [(await door_of(each, SURVEY.id), await door_of(each, link)) for each in servers]
    fresh = new()._replace(flags=())
    came = await asyncio.gather(
        *(servers[at % 3].answer(doors[at % 3][0], f"code {at // 2}", fresh, now=NOW) for at in range(30)),
        *(servers[at % 3].answer(doors[at % 3][1], f"own {at}", fresh, now=NOW) for at in range(6)),
        servers[1].begin(SURVEY.id),
        servers[2].begin(SURVEY.id),
    )
    answers = await surveys.answers(SURVEY.id)
    assert [each.number for each in answers] == list(range(1, 10)), "the quota and one who was at it, each once"
    assert came[:30].count("kept") >= 9, "sent twice is kept once, and told so twice"
    assert set(came[:30]) == {"kept", "full"}
    assert sorted(map(str, came[30:36])) == ["kept", *["used"] * 5]
    assert sorted(came[36:], key=str) == [0, 1]
    for each in others:
        await each.close()


async def test_a_tenth_more_than_the_quota_is_let_in(surveys: Surveys) -> None:
    await surveys.open(msgspec.structs.replace(SURVEY, quota=20))
    door = await door_of(surveys, SURVEY.id)
    came = [await surveys.answer(door, f"code {at}", new(), now=NOW) for at in range(23)]
    assert came == ["kept"] * 22 + ["full"]


async def test_the_same_text_of_many_fills_no_quota(surveys: Surveys) -> None:
    await surveys.open(msgspec.structs.replace(SURVEY, quota=5))
    door = await door_of(surveys, SURVEY.id)
    said = msgspec.structs.replace(opinion("approves"), why="the very same few words of a bot")
    for at in range(5):
        assert await surveys.answer(door, f"code {at}", NewAnswer(said, 60.0, (), suspect=False), now=NOW) == "kept"
    assert await surveys.counted(SURVEY.id) == 0
    assert counted(await surveys.answers(SURVEY.id)) == []


async def test_a_link_of_ones_own_is_for_one_answer_and_nobody_knows_which(store: Store, surveys: Surveys) -> None:
    links = await surveys.open(msgspec.structs.replace(SURVEY, links=3))
    assert len(set(links)) == 3
    assert await surveys.door(SURVEY.id) is None, "the id is no link then"
    assert await surveys.door("made-up") is None
    door = await door_of(surveys, links[0])
    assert not door.used
    came = await asyncio.gather(*(surveys.answer(door, code, new(), now=NOW) for code in "abc"))
    assert sorted(came) == ["kept", "used", "used"]
    assert (await door_of(surveys, links[0])).used
    assert not (await door_of(surveys, links[1])).used
    assert len(await surveys.answers(SURVEY.id)) == 1
    rows = await store.database.rows(select(table_of(SurveyLink)))
    assert sorted(row["used"] for row in rows) == [False, False, True]
    assert not {link for link in links if link in str(rows)}, "kept as hashes"
    assert {column.name for column in table_of(SurveyAnswer).columns}.isdisjoint({"link", "link_hash", "hash"})


async def test_beginners_are_numbered(surveys: Surveys) -> None:
    await surveys.open(SURVEY)
    assert sorted(await asyncio.gather(*(surveys.begin(SURVEY.id) for _ in range(5)))) == [0, 1, 2, 3, 4]
    with pytest.raises(NotHereError):
        await surveys.begin("none")


async def test_answers_go_when_their_time_is_over(store: Store, surveys: Surveys) -> None:
    await surveys.open(SURVEY)
    await surveys.open(msgspec.structs.replace(SURVEY, id="1" * 16, erase_at=NOW + 9 * DAY_S))
    for id_ in (SURVEY.id, "1" * 16):
        await surveys.answer(await door_of(surveys, id_), f"code {id_}", new(), now=NOW)
    assert await surveys.sweep(NOW + DAY_S - 1) == 0
    assert await surveys.sweep(NOW + DAY_S) == 1
    assert await surveys.sweep(NOW + DAY_S) == 0
    gone, there = await surveys.get(SURVEY.id), await surveys.get("1" * 16)
    assert (gone.closed_at, there.closed_at) == (NOW + DAY_S, None)
    assert (len(await surveys.answers(SURVEY.id)), len(await surveys.answers("1" * 16))) == (0, 1)


async def test_closed_listed_and_deleted(store: Store, surveys: Surveys) -> None:
    for number in range(3):
        await surveys.open(msgspec.structs.replace(SURVEY, id=f"{number:016}", opened_at=NOW + number, links=number))
    page = await surveys.page(limit=2)
    assert [each.id[-1] for each in page] == ["2", "1"]
    assert [each.id[-1] for each in await surveys.page(after=(page[-1].opened_at, page[-1].id))] == ["0"]
    assert (await surveys.close(SURVEY.id, now=NOW + 5)).closed_at == NOW + 5
    assert (await surveys.close(SURVEY.id, now=NOW + 9)).closed_at == NOW + 5
    assert await surveys.delete(f"{2:016}")
    assert not await surveys.delete(f"{2:016}")
    assert len(await store.database.rows(select(SurveyLink.hash))) == 1
    for broken in (surveys.get("none"), surveys.close("none", now=NOW)):
        with pytest.raises(NotHereError):
            await broken


async def test_who_answers_a_survey_that_was_deleted_is_told(store: Store, surveys: Surveys) -> None:
    await surveys.open(SURVEY)
    door = await door_of(surveys, SURVEY.id)
    await surveys.delete(SURVEY.id)
    with pytest.raises(NotHereError):
        await surveys.answer(door, "code", new(), now=NOW)

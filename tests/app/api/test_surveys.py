"""Surveys by the API: opened, looked at, exported, scored and deleted."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest
from sqlalchemy import insert

from tests.app.api.conftest import NO_LIMITS
from tests.app.served import SERVER_KEY, Served, served
from tests.panel.survey.asked import STUDY, opinion
from tests.store.test_schema import OF_CORPUS, OF_PANEL
from tests.studies.test_survey import result
from vivavoce.panel.survey import lines
from vivavoce.store.database import table_of
from vivavoce.store.models import Corpus, Panel
from vivavoce.store.models import Study as StudyRow
from vivavoce.store.survey_answers import NewAnswer
from vivavoce.store.surveys import Surveys

STUDY_ID = "ab" * 8
PATH = "/api/v1/surveys"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, api_key=SERVER_KEY, public_url="https://talk.example", **NO_LIMITS) as house:
        async with house.here.store.database.begin() as connection:
            await connection.execute(insert(table_of(Corpus)).values(OF_CORPUS["corpora"]))
            await connection.execute(insert(table_of(Panel)).values(OF_CORPUS["panels"]))
            row = {**OF_PANEL, "id": STUDY_ID, "spec": msgspec.json.encode(STUDY).decode(), "state": "done"}
            row["result"] = msgspec.json.encode(result()).decode()
            await connection.execute(insert(table_of(StudyRow)).values(row))
        yield house


async def ask(house: Served, method: str, path: str = "", **more: object) -> httpx.Response:
    return await house.ask(method, f"{PATH}{path}", **{"key": SERVER_KEY, **more})  # type: ignore[arg-type]


async def test_opened_answered_scored_closed_and_deleted(house: Served) -> None:
    made = await ask(house, "POST", json={"study": STUDY_ID, "by": "Acme Ltd", "links": 2, "quota": 7})
    assert made.status_code == 201, made.text
    survey, links = made.json()["survey"], made.json()["links"]
    assert (survey["link"], survey["quota"], survey["study"]) == (None, 7, STUDY_ID)
    assert len({link for link in links if link.startswith("https://talk.example/survey/")}) == 2
    surveys, token = Surveys(house.here.store.database), links[0].rpartition("/")[2]
    door = await surveys.door(token)
    assert door is not None
    said = opinion(why='=HYPERLINK("http://evil.example")')
    await surveys.answer(door, "code", NewAnswer(said, 60.0, (), suspect=False), now=time.time())
    at = f"/{survey['id']}"
    assert (await ask(house, "GET", at)).json()["answered"] == 1
    assert (await ask(house, "GET")).json() == {"surveys": [(await ask(house, "GET", at)).json()], "next": None}
    exported = await ask(house, "GET", f"{at}/answers")
    ((about, answers),) = lines.read(exported.content.splitlines())
    assert (about.id, about.form.study, len(answers)) == (survey["id"], STUDY, 1)
    table = await ask(house, "GET", f"{at}/answers?format=csv")
    assert table.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(table.text))
    assert row["why"].startswith("'="), "no spreadsheet runs it"
    assert (row["choice"], row["appeal_approves"], row["counted"]) == ("approves", "8", "True")
    score = (await ask(house, "GET", f"{at}/score")).json()
    assert (score["counted"], score["predictions"][0]["agrees"], score["people"]["votes"]) == (1, True, [])
    assert (await ask(house, "POST", f"{at}/close")).json()["closed_at"] is not None
    assert (await ask(house, "DELETE", at)).status_code == 204
    assert (await ask(house, "DELETE", at)).status_code == 404


async def test_what_cannot_be_opened(house: Served) -> None:
    for wanted, status in (
        ({"study": "cd" * 8}, 404),
        ({"study": STUDY_ID, "until": 5.0}, 400),
        ({"study": STUDY_ID, "quota": 0}, 422),
        ({"study": STUDY_ID, "links": "2"}, 422),
        ({"study": "x"}, 422),
    ):
        assert (await ask(house, "POST", json=wanted)).status_code == status, wanted
    assert (await ask(house, "GET", "/" + "0" * 16)).status_code == 404
    assert (await ask(house, "GET", "/" + "0" * 16 + "/score")).status_code == 404


async def test_who_may(house: Served) -> None:
    reads, writes = await house.key("studies:read"), await house.key("studies:write")
    narrow = await house.key("studies:read", agents=frozenset({"founder"}))
    other = await house.key("calls:read")
    wanted = {"study": STUDY_ID}
    assert (await ask(house, "POST", key=reads, json=wanted)).status_code == 403
    made = await ask(house, "POST", key=writes, json=wanted)
    assert made.status_code == 201
    at = f"/{made.json()['survey']['id']}"
    assert made.json()["survey"]["link"] == f"https://talk.example/survey{at}"
    for path in (at, f"{at}/answers", f"{at}/score", ""):
        found = [(await ask(house, "GET", path, key=key)).status_code for key in (reads, writes, narrow, other, "")]
        assert found == [200, 403, 403, 403, 401], path
    assert (await ask(house, "DELETE", at, key=reads)).status_code == 403
    assert (await ask(house, "POST", f"{at}/close", key=reads)).status_code == 403

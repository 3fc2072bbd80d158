"""What the rendered page offers is what it sends: every control of it is read from the page, filled in and posted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from tests.app.api.conftest import NO_LIMITS
from tests.app.api.test_survey import OPEN, agreed, opened, send, surveys
from tests.app.served import SERVER_KEY, Served, served
from tests.app.shown import Elements
from tests.panel.survey.asked import FORM, STUDY, THREE
from vivavoce.panel.survey.checks import counted, flagged
from vivavoce.panel.survey.form import Form
from vivavoce.panel.survey.score import scored
from vivavoce.studies import survey as reception

POINTS, FOUR = FORM, Form(study=STUDY, seed=7, asks="four")
LONG = "It books what my bank reports by itself"
AMOUNTS = {"four-0": "5", "four-1": "10", "four-2": "20,50 €", "four-3": "30"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, api_key=SERVER_KEY, **{**NO_LIMITS, "survey_forms_per_minute": 0}) as house:
        yield house


def offered(page: Elements) -> dict[str, list[str]]:
    """By the name of a field: every value that its buttons or its list send, in their order."""
    assert page.of("select") == [], "a list of options is read here as soon as there is one"
    found: dict[str, list[str]] = {}
    for each in page.of("input"):
        if each.get("type") == "radio":
            found.setdefault(each["name"], []).append(each["value"])
    return found


def chosen(page: Elements) -> dict[str, str]:
    """What the page would send as it stands, but of texts that are longer than a line."""
    typed = {each["name"]: each.get("value", "") for each in page.of("input") if "type" not in each}
    return {name: text for name, text in typed.items() if text} | {
        each["name"]: each["value"] for each in page.of("input") if "checked" in each
    }


async def page_at(house: Served, path: str) -> Elements:
    answer = await house.ask("GET", path)
    assert answer.status_code == 200
    return Elements(answer.text)


async def begun(house: Served, *, by: str) -> str:
    """The questions of somebody who began two minutes ago, at an address of their own."""
    survey = await surveys(house).get(OPEN)
    sitting = await reception.begin(surveys(house), house.here.vault, survey, now=time.time() - 120)
    path = f"/survey/{OPEN}?{urlencode({'sitting': sitting})}"
    assert (await house.ask("GET", path, by=by)).status_code == 200
    return path


async def filled(house: Served, *, by: str, **fields: str) -> httpx.Response:
    """Somebody's answer by the first value of every control, but of those that are named; the page after it."""
    path = await begun(house, by=by)
    first = {name: values[0] for name, values in offered(await page_at(house, path)).items()}
    sent = await send(house, path, {**first, **fields}, by=by)
    assert sent.status_code == 303, sent.text
    return await house.ask("GET", f"/survey/{OPEN}{sent.headers['location']}", by=by)


@pytest.mark.parametrize("form", [POINTS, FOUR, Form(study=THREE, seed=7)], ids=["points", "four", "three"])
async def test_every_value_that_the_page_offers_is_taken(house: Served, form: Form) -> None:
    await opened(house, form=form, quota=1_000)
    controls = offered(await page_at(house, await agreed(house)))
    assert {"choice", "appeal-0", "would-1"} <= controls.keys()
    for name, values in controls.items():
        for value in values:
            fields = {each: first[0] for each, first in controls.items()} | {name: value}
            answer = await send(house, await agreed(house), fields)
            assert answer.status_code == 303, (name, value, answer.text)
    answers = await surveys(house).answers(OPEN)
    assert len(answers) == sum(len(values) for values in controls.values())
    each = Counter(answer.opinion.choice for answer in answers)
    ids = {variant.id for variant in form.study.variants}
    assert each.keys() == ids | {""}, "who cannot say chose nobody"
    assert each[""] == 1
    if form.asks == "points":
        assert {answer.opinion.pays for answer in answers} == {0.0, 10.0, 20.0, 40.0}, "0 is none of these"


@pytest.mark.parametrize("form", [POINTS, FOUR], ids=["points", "four"])
async def test_what_was_chosen_and_typed_stays_after_an_error(house: Served, form: Form) -> None:
    await opened(house, form=form)
    path = await agreed(house)
    controls = offered(await page_at(house, path))
    del controls["would-1"]
    typed = AMOUNTS if form.asks == "four" else {}
    for place in range(max(map(len, controls.values()))):
        fields = {name: values[min(place, len(values) - 1)] for name, values in controls.items()} | typed
        wrong = await send(house, path, fields)
        assert wrong.status_code == 422
        assert chosen(Elements(wrong.text)) == fields
    assert await surveys(house).answers(OPEN) == []


@pytest.mark.parametrize("form", [POINTS, FOUR], ids=["points", "four"])
async def test_every_control_has_an_id_of_its_own_that_labels_and_hints_mean(house: Served, form: Form) -> None:
    await opened(house, form=form)
    path = await agreed(house)
    for text in ((await house.ask("GET", path)).text, (await send(house, path, {"four-0": "dear"})).text):
        page = Elements(text)
        ids = Counter(found["id"] for _, found in page.found if "id" in found)
        assert set(ids.values()) == {1}, ids
        for each in page.of("input"):
            if each.get("type") == "radio":
                assert each["id"] == f"{each['name']}-{each['value']}"
        for _, found in page.found:
            for attribute in ("for", "aria-describedby", "aria-labelledby"):
                assert found.get(attribute, next(iter(ids))) in ids, found
    wrong = Elements(text)
    described = {each["name"] for each in wrong.of("input") if "aria-describedby" in each}
    assert {"choice", "pays" if form.asks == "points" else "four-0"} <= described, (
        "or who hears the page does not hear it"
    )


async def test_the_same_text_of_many_and_prices_that_contradict_to_the_very_end(house: Served) -> None:
    await opened(house, form=FOUR, quota=5)
    for number in range(3):
        page = await filled(house, by=f"203.0.113.{10 + number}", why=f"{LONG}.", choice="none", **AMOUNTS)
        assert "Thank you" in page.text, "nobody is told"
    falling = dict(zip(AMOUNTS, reversed(AMOUNTS.values()), strict=True))
    four = [AMOUNTS, falling, {**AMOUNTS, "four-0": "25"}, {}]
    for number, prices in enumerate(four):
        page = await filled(house, by=f"198.51.100.{number}", why=f"For reason {number}.", choice="0", **prices)
        assert "Thank you" in page.text
    page = await filled(house, by="198.51.100.9", why="", choice="1", **dict.fromkeys(AMOUNTS, "9"))
    assert "Thank you" in page.text
    answers = await surveys(house).answers(OPEN)
    flags = flagged(answers)
    assert [flags[each.number] for each in answers][:3] == [("same-text",)] * 3
    assert [("prices-contradict" in flags[each.number]) for each in answers][3:] == [False, True, True, False, True]
    assert [each.number for each in counted(answers)] == [4, 5, 6, 7, 8]
    assert (await house.ask("GET", f"/survey/{OPEN}")).status_code == 410, "five are counted, as many as were wanted"
    survey = await surveys(house).get(OPEN)
    score = scored(survey.form, survey.prediction, answers)
    assert (score.answers, score.counted) == (8, 5)
    assert score.flags == {"prices-contradict": 3, "same-text": 3}
    assert score.four is not None
    assert score.four.left_out == 3
    assert score.undecided == 0, "the three could not choose, and are not counted"
    shown = (await house.ask("GET", f"/api/v1/surveys/{OPEN}/score", key=SERVER_KEY)).json()
    assert shown["flags"] == score.flags

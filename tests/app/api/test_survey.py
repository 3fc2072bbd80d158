"""The pages on which people answer: without a key, a script or a cookie, sent twice, sent by programs, and too late."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec
import pytest

from tests.app.api.conftest import NO_LIMITS
from tests.app.served import SERVER_KEY, Served, served
from tests.app.shown import Elements, policy_of
from tests.panel.survey.asked import FIELDS, FORM, STUDY, guess, prediction
from vivavoce.errors import StoreError
from vivavoce.panel.ballots import Variant
from vivavoce.store.surveys import StoredSurvey, Surveys
from vivavoce.studies import survey as reception
from vivavoce.studies.survey import TRAP

HOSTILE = "<script>alert(1)</script>{{ 7*7 }}\"'><img src=x onerror=alert(1)>"
OPEN = "0" * 16


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, api_key=SERVER_KEY, **{**NO_LIMITS, "survey_forms_per_minute": 0}) as house:
        yield house


def surveys(house: Served) -> Surveys:
    return Surveys(house.here.store.database)


async def opened(house: Served, **more: Any) -> list[str]:
    """A survey; the links of one person each."""
    now = time.time()
    own: dict[str, Any] = {
        "id": OPEN, "study_id": None, "name": "", "form": msgspec.structs.replace(FORM, by="Acme Ltd"),
        "prediction": prediction(guess("approves", 0.7)), "links": 0, "quota": 5, "until": None, "opened_at": now,
        "closed_at": None, "erase_at": now + 86_400 * 30,
    }  # fmt: skip
    return await surveys(house).open(StoredSurvey(**{**own, **more}))


async def send(house: Served, path: str, fields: dict[str, str], **more: Any) -> httpx.Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded", **more.pop("headers", {})}
    return await house.ask("POST", path, content=urlencode(fields), headers=headers, **more)


async def agreed(house: Served, token: str = OPEN) -> str:
    """The address of the questions."""
    answer = await send(house, f"/survey/{token}", {"agree": "yes"})
    assert answer.status_code == 303, answer.text
    return f"/survey/{token}{answer.headers['location']}"


async def code_at(house: Served, path: str) -> str:
    page = (await house.ask("GET", path)).text
    found = re.search(r"(?:[2-9A-HJ-NP-TV-Z]{4}-){4}[2-9A-HJ-NP-TV-Z]{4}", page)
    assert found is not None, page
    return found[0]


async def test_from_the_link_to_the_thanks_and_away_again(house: Served) -> None:
    await opened(house)
    consent = await house.ask("GET", f"/survey/{OPEN}")
    assert consent.status_code == 200
    assert "Acme Ltd" in consent.text
    assert "What is kept" in consent.text
    questions = await agreed(house)
    page = await house.ask("GET", questions)
    assert page.text.count("Option A") >= 3
    assert "approves" not in page.text, "no id of a variant on the page"
    kept = await send(house, questions, FIELDS)
    assert kept.status_code == 303
    thanks = await house.ask("GET", questions)
    assert "Thank you" in thanks.text
    code = await code_at(house, questions)
    assert {link["href"] for link in Elements(thanks.text).of("a")} == {"erase", OPEN}, "the link to pass on is another"
    (answer,) = await surveys(house).answers(OPEN)
    assert answer.opinion.why == "It is cheaper."
    assert (await send(house, "/survey/erase", {"code": code.lower()})).status_code == 200
    assert await surveys(house).answers(OPEN) == []
    gone = await send(house, "/survey/erase", {"code": code})
    assert (gone.status_code, "No answer has this code" in gone.text) == (404, True)
    for again in (await send(house, questions, FIELDS), await house.ask("GET", questions)):
        assert (again.status_code, "You have deleted this answer" in again.text) == (410, True)
    assert await surveys(house).answers(OPEN) == [], "the same page sent again is not kept again"


async def test_nothing_runs_nothing_is_loaded_and_nothing_is_remembered(house: Served) -> None:
    await opened(house)
    questions = await agreed(house)
    for path in (f"/survey/{OPEN}", questions, "/survey/erase", "/survey/nobody"):
        answer = await house.ask("GET", path)
        policy, page = policy_of(answer), Elements(answer.text)
        assert policy["default-src"] == "'none'"
        assert "script-src" not in policy
        assert policy["form-action"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert "set-cookie" not in answer.headers
        assert answer.headers["referrer-policy"] == "same-origin", "or browsers send `Origin: null` with the form"
        assert answer.headers["cache-control"] == "no-store"
        for tag in ("script", "img", "link", "iframe"):
            assert page.of(tag) == [], tag
        assert not any(name.startswith("on") or name == "style" for _, found in page.found for name in found)


async def test_every_field_has_a_label_and_every_problem_a_place(house: Served) -> None:
    await opened(house, form=msgspec.structs.replace(FORM, asks="four"))
    questions = await agreed(house)
    wrong = await send(house, questions, {**FIELDS, "choice": "", "four-0": "dear", "why": HOSTILE})
    assert wrong.status_code == 422
    page = Elements(wrong.text)
    ids = {found["id"] for _, found in page.found if "id" in found}
    linked = [found["href"] for found in page.of("a")]
    assert "#choice-0" in linked
    assert "#four-0" in linked
    assert {link[1:] for link in linked} <= ids
    assert wrong.text.count("<title>Something is missing") == 1
    labelled = {found["for"] for found in page.of("label") if "for" in found}
    for tag in ("input", "textarea"):
        for found in page.of(tag):
            inside = found.get("type") in ("radio", "hidden")  # a radio button stands in its label
            assert inside or found["id"] in labelled, found
    assert any(found.get("aria-invalid") == "true" for found in page.of("input"))
    assert len([found for found in page.of("input") if "checked" in found]) == 5, "what was answered stays"
    assert "&lt;script&gt;" in wrong.text
    assert await surveys(house).answers(OPEN) == []


async def test_words_of_people_are_words(house: Served) -> None:
    study = msgspec.structs.replace(
        STUDY, ask=HOSTILE, context=HOSTILE, currency=HOSTILE, claims=(HOSTILE,),
        variants=(Variant(id="approves", text=HOSTILE, price=1.5), Variant(id="automatic", text="Plain.")),
    )  # fmt: skip
    await opened(house, form=msgspec.structs.replace(FORM, study=study, by=HOSTILE))
    questions = await agreed(house)
    for path in (f"/survey/{OPEN}", questions):
        text = (await house.ask("GET", path)).text
        assert "<script" not in text
        assert "<img" not in text
        assert "49" not in text.replace("{{ 7*7 }}", "")
        assert "&lt;script&gt;" in text


async def test_sent_twice_at_once_is_one_answer(house: Served) -> None:
    await opened(house)
    questions = await agreed(house)
    for fields in (FIELDS, FIELDS, {**FIELDS, "choice": "none"}):
        assert (await send(house, questions, fields)).status_code == 303
    assert [each.opinion.choice != "" for each in await surveys(house).answers(OPEN)] == [True]


async def test_a_program_is_thanked_and_not_counted(house: Served) -> None:
    await opened(house)
    trap = Elements((await house.ask("GET", await agreed(house))).text)
    (field,) = [found for found in trap.of("input") if found.get("name") == TRAP]
    assert (field["tabindex"], field["autocomplete"]) == ("-1", "off")
    questions = await agreed(house)
    assert (await send(house, questions, {**FIELDS, TRAP: "http://buy.example"})).status_code == 303
    assert "Thank you" in (await house.ask("GET", questions)).text
    (answer,) = await surveys(house).answers(OPEN)
    assert answer.flags == ("honeypot", "too-fast")
    assert await surveys(house).counted(OPEN) == 0


async def test_a_link_of_ones_own(house: Served) -> None:
    links = await opened(house, links=2)
    assert (await house.ask("GET", f"/survey/{OPEN}")).status_code == 404
    questions = await agreed(house, links[0])
    stale = await agreed(house, links[0])
    assert (await send(house, questions, FIELDS)).status_code == 303
    thanks = (await house.ask("GET", questions)).text
    assert "Thank you" in thanks, "the thanks stay where they were"
    assert [link["href"] for link in Elements(thanks).of("a")] == ["erase"], "nobody else can use the link"
    for path in (f"/survey/{links[0]}", stale):
        used = await house.ask("GET", path)
        assert (used.status_code, "has been used" in used.text) == (410, True)
    assert (await send(house, stale, FIELDS)).status_code == 410
    assert (await send(house, f"/survey/{links[0]}", {})).status_code == 410
    assert (await house.ask("GET", f"/survey/{links[1]}")).status_code == 200
    other = questions.replace(links[0], links[1])
    assert (await send(house, other, {**FIELDS, "why": "again"})).status_code == 303, "it is the same sitting"
    assert len(await surveys(house).answers(OPEN)) == 1


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"closed_at": 1.0}, "This survey is closed"),
        ({"until": 1.0}, "This survey is over"),
        ({"quota": 0}, "Enough people have answered"),
        ({"erase_at": 1.0}, "This survey is closed"),
    ],
)
async def test_who_comes_too_late_is_told(house: Served, more: dict[str, Any], says: str) -> None:
    await opened(house, **more)
    for answer in (await house.ask("GET", f"/survey/{OPEN}"), await send(house, f"/survey/{OPEN}", {"agree": "yes"})):
        assert (answer.status_code, says in answer.text) == (410, True)


async def test_who_was_at_it_when_enough_had_answered_is_told_and_counts(house: Served) -> None:
    await opened(house, quota=1)
    survey, then = await surveys(house).get(OPEN), time.time() - 120
    sittings = [await reception.begin(surveys(house), house.here.vault, survey, now=then) for _ in range(2)]
    first, second = (f"/survey/{OPEN}?{urlencode({'sitting': each})}" for each in sittings)
    for path in (first, second):
        assert (await send(house, path, FIELDS)).status_code == 303
    assert "while you were at it" not in (await house.ask("GET", first)).text
    assert "while you were at it; yours counts all the same" in (await house.ask("GET", second)).text
    assert (await house.ask("GET", f"/survey/{OPEN}")).status_code == 410
    assert await surveys(house).counted(OPEN) == 2


async def test_other_sites_send_nothing(house: Served) -> None:
    await opened(house)
    questions = await agreed(house)
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        for path in (questions, f"/survey/{OPEN}", "/survey/erase"):
            assert (await send(house, path, FIELDS, headers=headers)).status_code == 403, path
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert (await send(house, questions, FIELDS, headers=own)).status_code == 303
    assert len(await surveys(house).answers(OPEN)) == 1


@pytest.mark.parametrize("sitting", ["x", "a.b", "%00", "é", "x" * 900])
async def test_what_is_no_sitting_begins_again(house: Served, sitting: str) -> None:
    await opened(house)
    path = f"/survey/{OPEN}?{urlencode({'sitting': sitting})}"
    assert (await house.ask("GET", path)).status_code == 400
    assert (await send(house, path, FIELDS)).status_code == 400
    assert await surveys(house).answers(OPEN) == []


@pytest.mark.parametrize("token", ["nobody", "x" * 500, "é", "..%2f..", "%00"])
async def test_a_link_that_leads_nowhere(house: Served, token: str) -> None:
    for answer in (await house.ask("GET", f"/survey/{token}"), await send(house, f"/survey/{token}", {})):
        assert answer.status_code == 404


async def test_one_address_sends_so_many_forms_and_guesses_so_many_codes(tmp_path: Path) -> None:
    own = {**NO_LIMITS, "survey_forms_per_minute": 2, "failures_per_minute": 2}
    async with served(tmp_path, api_key=SERVER_KEY, **own) as house:
        await opened(house)
        found = [await send(house, f"/survey/{OPEN}", {"agree": "yes"}) for _ in range(3)]
        assert [answer.status_code for answer in found] == [303, 303, 429]
        assert found[-1].headers["retry-after"]
        assert (await send(house, f"/survey/{OPEN}", {}, by="203.0.113.6")).status_code == 303
        guesses = [await send(house, "/survey/erase", {"code": "x"}) for _ in range(3)]
        assert [answer.status_code for answer in guesses] == [404, 404, 429]


async def test_a_database_that_is_away_keeps_nobodys_page(house: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened(house)
    questions = await agreed(house)

    async def away(*_: object, **__: object) -> None:
        raise StoreError("the database did not take it: locked")

    monkeypatch.setattr(Surveys, "answer", away)
    answer = await send(house, questions, FIELDS)
    assert (answer.status_code, "go back, send again" in answer.text) == (503, True)
    monkeypatch.undo()
    assert (await send(house, questions, FIELDS)).status_code == 303


async def test_what_the_address_carries_says_nothing_of_the_person(house: Served) -> None:
    await opened(house)
    found = parse_qs(urlsplit(await agreed(house)).query)
    assert list(found) == ["sitting"]

from __future__ import annotations

import asyncio
import csv
import importlib.util
import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from tests.app.api.conftest import Home
from tests.app.api.studied import PANEL, studied
from tests.panel.panels import study as offers
from vivavoce.app.api import make_routes, study_papers
from vivavoce.app.drawing import MOST_WAITING, Drawing
from vivavoce.findings.charts import chart
from vivavoce.panel.ballots import Answer, Ballot
from vivavoce.store.models import Job
from vivavoce.store.studies import KeptBallot, Studies

STUDIES = "/api/v1/studies"
SPEC: dict[str, Any] = msgspec.to_builtins(offers(name="=HYPERLINK(1)"))


@pytest.fixture
async def home(home: Home) -> Home:
    home.names |= await studied(home.here)
    return home


def wanted(**more: Any) -> dict[str, Any]:
    return {"panel": PANEL, "study": SPEC, "embedder": "hashing", **more}


async def test_asked_for_and_gone_on_with(home: Home) -> None:
    answer = await home.ask("POST", STUDIES, json=wanted(seed=5))
    assert answer.status_code == 202, answer.text
    item = answer.json()
    assert answer.headers["location"] == f"{STUDIES}/{item['id']}"
    assert (item["state"], item["seed"], item["respondents"], item["wanted"]) == ("open", 5, ["reasoner"], 3)
    job = (await home.ask("GET", f"/api/v1/jobs/{item['job']}")).json()
    assert (job["kind"], job["state"]) == ("study", "waiting")
    again = (await home.ask("POST", STUDIES, json=wanted(seed=5))).json()
    assert (again["id"], again["job"]) == (item["id"], item["job"])
    assert (await home.ask("POST", f"/api/v1/jobs/{item['job']}/cancel")).status_code == 202
    went_on = await home.ask("POST", f"{STUDIES}/{item['id']}/run")
    assert went_on.status_code == 202
    assert went_on.json()["job"] != item["job"]


async def test_a_job_that_is_still_stopping_is_in_the_way(home: Home) -> None:
    item = (await home.ask("POST", STUDIES, json=wanted(seed=6))).json()
    ours = update(Job).where(Job.id == item["job"])
    await home.here.store.database.run(ours.values(state="running", cancel_asked=True))
    for answer in (
        await home.ask("POST", f"{STUDIES}/{item['id']}/run"),
        await home.ask("POST", STUDIES, json=wanted(seed=6)),
    ):
        assert (answer.status_code, "still stopping; ask again" in answer.json()["error"]) == (409, True)


async def test_what_cannot_be_asked(home: Home) -> None:
    before = len((await home.ask("GET", STUDIES)).json()["studies"])
    refusals: list[tuple[dict[str, Any], int, str]] = [
        ({"panel": "0" * 16}, 404, "want the id of a panel"),
        ({"study": SPEC | {"variants": []}}, 422, "want a JSON body as documented"),
        ({"study": SPEC | {"reference-price": 3}}, 422, "want a JSON body as documented"),
        ({"study": SPEC | {"ask": "?"}}, 400, "want a question in 'ask', got no words"),
        ({"study": SPEC | {"prices": {"points": [3, 2, 1]}}}, 400, "want"),
        ({"respondents": ["reasoner", "reasoner"]}, 400, "want 1 to 5 different respondents"),
        ({"respondents": ["oracle"]}, 400, 'want "reasoner"'),
        ({"respondents": ["openai:m"]}, 501, "respondent_openai_key is not set"),
    ]
    for more, status, error in refusals:
        answer = await home.ask("POST", STUDIES, json=wanted(**more))
        assert answer.status_code == status, answer.text
        assert answer.json()["error"].startswith(error)
    assert len((await home.ask("GET", STUDIES)).json()["studies"]) == before


async def test_lists_by_the_page(home: Home) -> None:
    seen: list[str] = []
    after = ""
    while True:
        page = (await home.ask("GET", f"{STUDIES}?limit=1&panel={PANEL}{after}")).json()
        seen += [each["id"] for each in page["studies"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == 3
    assert (await home.ask("GET", f"{STUDIES}?panel=00")).json()["studies"] == []


async def test_what_came_of_it(home: Home) -> None:
    study, open_ = home.names["study_id"], home.names["studies_go_on.study_id"]
    assert (await home.ask("GET", f"{STUDIES}/{study}")).json()["state"] == "done"
    result = (await home.ask("GET", f"{STUDIES}/{study}/result")).json()
    assert result["comparisons"][0]["decision"]["word"] == "undecided"
    report = await home.ask("GET", f"{STUDIES}/{study}/report")
    assert report.headers["content-type"].startswith("text/html")
    assert report.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert "It reminds your customers by itself." in report.text
    for part in ("result", "report", "report.pdf", "charts", "charts/appeal-1"):
        answer = await home.ask("GET", f"{STUDIES}/{open_}/{part}")
        assert (answer.status_code, "got one that is open" in answer.json()["error"]) == (409, True)
    assert (await home.ask("POST", f"{STUDIES}/{study}/run")).status_code == 409


async def test_who_waits_for_a_report_holds_no_thread(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six of them held all there were, and everything else that wants a thread waited too."""
    monkeypatch.setattr(study_papers, "_page", lambda _: "a page")
    path = f"{STUDIES}/{home.names['study_id']}"
    async with home.here.drawing:
        readers = [asyncio.create_task(home.ask("GET", f"{path}/report")) for _ in range(8)]
        for _ in range(8):
            assert (await home.ask("GET", f"{path}/result")).status_code == 200, "somebody else is answered meanwhile"
        assert not any(reader.done() for reader in readers)
    assert {(await reader).text for reader in readers} == {"a page"}


async def test_a_crowd_of_readers_is_sent_away(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_papers, "_page", lambda _: "a page")
    path = f"{STUDIES}/{home.names['study_id']}/report"
    async with home.here.drawing:
        readers = [asyncio.create_task(home.ask("GET", path)) for _ in range(MOST_WAITING + 1)]
        # all of them have been at the door once somebody was turned away there
        done, waiting = await asyncio.wait(readers, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = (task.result() for task in done)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        assert refused.json()["error"] == "want a turn to have something drawn, got 8 who wait already"
    assert {(await task).status_code for task in waiting} == {200}


async def test_who_goes_away_while_waiting_leaves_the_place_to_others() -> None:
    turns = Drawing(most_waiting=1)

    async def wait() -> None:
        async with turns:
            pass

    async with turns:
        gone = asyncio.create_task(wait())
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        next_ = asyncio.create_task(wait())
        await asyncio.sleep(0)
        assert not next_.done(), "it waits, where a place that is never free again would have sent it away"
    await next_


async def test_on_paper(home: Home) -> None:
    pytest.importorskip("typst")
    path = f"{STUDIES}/{home.names['study_id']}/report.pdf"
    paper = await home.ask("GET", path)
    assert (paper.status_code, paper.headers["content-type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF-")
    assert paper.headers["content-disposition"] == f'inline; filename="{home.names["study_id"]}.pdf"'


async def test_without_the_extra_it_says_what_to_install(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.setattr(study_papers, "_charts", lambda _: {"appeal-1": BAR})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    path = f"{STUDIES}/{home.names['study_id']}"
    for part in ("report.pdf", "charts/appeal-1"):
        answer = await home.ask("GET", f"{path}/{part}")
        assert answer.status_code == 501, answer.text
        assert answer.json()["remedy"] == "python -m pip install 'vivavoce[report]' installs it."
    assert (await home.ask("GET", f"{path}/report")).status_code == 200, "the page needs none"


BAR = chart("A bar", data=[{"x": 1}], mark="bar", encoding={"x": {"field": "x", "type": "quantitative"}})


async def test_charts_one_by_one(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vl_convert")
    path = f"{STUDIES}/{home.names['study_id']}/charts"
    assert (await home.ask("GET", path)).json() == {"charts": []}, "nobody gave an answer"
    monkeypatch.setattr(study_papers, "_charts", lambda _: {"appeal-1": BAR})
    assert (await home.ask("GET", path)).json() == {"charts": [{"name": "appeal-1", "says": "A bar"}]}
    for kind, begins in (("image/svg+xml", b"<svg"), ("image/png", b"\x89PNG"), ("application/json", b"{")):
        drawn = await home.ask("GET", f"{path}/appeal-1", headers={"Accept": kind})
        assert drawn.headers["content-type"].startswith(kind)
        assert drawn.content.startswith(begins)
        assert drawn.headers["content-security-policy"].startswith("default-src 'none'")
    assert drawn.json() == BAR
    none = await home.ask("GET", f"{path}/appeal-9")
    assert none.status_code == 404
    assert none.json()["error"] == "want one of appeal-1 as a chart of this study, got appeal-9"


async def test_a_client_can_be_made_from_the_document(home: Home) -> None:
    """The document has what comes of a study, and its ballots, down to the last field."""
    path = f"{STUDIES}/{home.names['study_id']}"
    for part, name in (("result", "StudyResult"), ("ballots", "StudyBallotPage")):
        came = (await home.ask("GET", f"{path}/{part}")).json()
        assert set(untold(came, SCHEMAS[name])) == set()
        assert set(untold({**came, "more": 1}, SCHEMAS[name])) == {"more"}
    assert SCHEMAS["StudyVote"]["properties"]["flipped"] == {
        "type": "boolean", "default": False, "description": "Its preference changed with the order."
    }  # fmt: skip


SCHEMAS = make_routes().openapi()["components"]["schemas"]


def untold(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    """Fields that a schema does not have."""
    schema = SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if "anyOf" in schema and value is not None:
        schema = next(each for each in schema["anyOf"] if each.get("type") != "null")
        yield from untold(value, schema)
    elif isinstance(value, list):
        for each in value:
            yield from untold(each, schema["items"])
    elif isinstance(value, dict):
        for name, each in value.items():
            known = schema["properties"].get(name) if "properties" in schema else schema["additionalProperties"]
            yield from [name] if known is None else untold(each, known)


async def test_ballots_by_the_page_and_as_a_table(home: Home) -> None:
    path = f"{STUDIES}/{home.names['study_id']}/ballots"
    first = (await home.ask("GET", f"{path}?limit=2")).json()
    second = (await home.ask("GET", f"{path}?limit=200&after={first['next']}")).json()
    assert [each["number"] for each in (*first["ballots"], *second["ballots"])] == list(range(3))
    assert second["next"] is None
    assert first["ballots"][-1]["ballot"]["order"] in (["a", "b"], ["b", "a"])
    table = await home.ask("GET", path, headers={"Accept": "text/csv"})
    assert table.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert {row["part"] for row in rows} == {"main", "null"}
    assert {row["variant"] or row["abstains"] for row in rows} <= {"a", "b", "one", "other", "no-evidence"}
    lines = await home.ask("GET", path, headers={"Accept": "application/x-ndjson"})
    assert [json.loads(line)["number"] for line in lines.text.splitlines()] == list(range(3))


async def test_deleted_for_good(home: Home) -> None:
    study = home.names["studies_delete_study.study_id"]
    went_on = (await home.ask("POST", f"{STUDIES}/{study}/run")).json()
    assert (await home.ask("DELETE", f"{STUDIES}/{study}")).status_code == 204
    assert (await home.ask("DELETE", f"{STUDIES}/{study}")).status_code == 404
    assert (await home.ask("GET", f"/api/v1/jobs/{went_on['job']}")).json()["state"] == "cancelled"
    assert await Studies(home.here.store.database).count(study) == 0


async def test_who_may(home: Home) -> None:
    path = f"{STUDIES}/{home.names['study_id']}"
    reads, writes = await home.key("studies:read"), await home.key("studies:write")
    assert (await home.ask("GET", path, key=reads)).status_code == 200
    assert (await home.ask("DELETE", path, key=reads)).status_code == 403
    assert (await home.ask("GET", path, key=writes)).status_code == 403
    assert (await home.ask("GET", path, key="")).status_code == 401
    for part in ("/report.pdf", "/charts", "/charts/appeal-1"):
        assert (await home.ask("GET", f"{path}{part}", key=writes)).status_code == 403
    some = await home.key("studies:read", agents=["ada"])
    refused = await home.ask("GET", path, key=some)
    assert (refused.status_code, refused.json()["error"]) == (403, "want a key for all agents, got one for some")


async def test_a_cell_that_a_spreadsheet_would_run_is_defused(home: Home) -> None:
    """What a model says is nobody's formula."""
    said = Answer(variant="=1+1", appeal=5.0, would="might", text="@SUM(A1)")
    ballot = Ballot(persona="-p", respondent="openai/m", order=("=1+1",), answers=(said,))
    kept = KeptBallot(number=7, part="main", ballot=ballot)
    study = home.names["studies_go_on.study_id"]
    await Studies(home.here.store.database).keep(study, [kept], {})
    table = await home.ask("GET", f"{STUDIES}/{study}/ballots", headers={"Accept": "text/csv"})
    (row,) = csv.DictReader(io.StringIO(table.text))
    assert (row["variant"], row["text"], row["persona"], row["order"]) == ("'=1+1", "'@SUM(A1)", "'-p", "'=1+1")

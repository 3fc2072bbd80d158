from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.app.api.inhabited import SOURCE
from tests.app.served import Served, served
from vivavoce.app.agent_files import MAX_AGENT_BYTES
from vivavoce.app.api.agent_bodies import YAML

AGENTS = "/api/v1/agents"
OTHER = SOURCE.replace("Startup idea interview", "Another interview")


@pytest.fixture
async def open_house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as house:
        yield house


async def save(house: Served, name: str, source: str, **headers: str) -> httpx.Response:
    given = {"Content-Type": YAML, **headers}
    return await house.ask("PUT", f"{AGENTS}/{name}", content=source.encode(), headers=given)


async def test_an_agent_from_draft_to_callers(open_house: Served) -> None:
    made = await save(open_house, "ada", SOURCE)
    assert made.status_code == 201
    assert made.headers["etag"] == f'"{made.json()["draft"]}"'
    assert (await open_house.ask("POST", "/api/v1/calls", json={"agent": "ada"})).status_code == 404
    published = await open_house.ask("POST", f"{AGENTS}/ada/publish", json={"note": "first"})
    assert published.json()["version"] == 1
    booked = await open_house.ask("POST", "/api/v1/calls", json={"agent": "ada"})
    assert booked.status_code == 201
    call = (await open_house.ask("GET", f"/api/v1/calls/{booked.json()['call']}")).json()
    assert (call["agent"], call["agent_version"], call["state"]) == ("ada", 1, "booked")
    assert (await save(open_house, "ada", OTHER)).status_code == 200
    draft = await open_house.ask("GET", f"{AGENTS}/ada?version=draft")
    assert (draft.json()["title"], draft.json()["version"]) == ("Another interview", None)
    met = await open_house.ask("GET", f"{AGENTS}/ada")
    assert (met.json()["title"], met.json()["version"]) == ("Startup idea interview", 1)
    assert (await open_house.ask("POST", f"{AGENTS}/ada/publish")).json()["version"] == 2
    restored = await open_house.ask("POST", f"{AGENTS}/ada/restore", json={"version": 1, "note": "back"})
    assert (restored.json()["version"], restored.json()["hash"]) == (3, published.json()["hash"])
    versions = (await open_house.ask("GET", f"{AGENTS}/ada/versions?limit=2")).json()
    assert [each["version"] for each in versions["versions"]] == [3, 2]
    rest = (await open_house.ask("GET", f"{AGENTS}/ada/versions?after={versions['next']}")).json()
    assert ([each["version"] for each in rest["versions"]], rest["next"]) == ([1], None)
    as_is = await open_house.ask("GET", f"{AGENTS}/ada?version=2", headers={"Accept": YAML})
    assert as_is.text == OTHER
    assert as_is.headers["content-type"].startswith(YAML)
    assert (await open_house.ask("DELETE", f"{AGENTS}/ada")).status_code == 204
    assert (await open_house.ask("GET", f"{AGENTS}/ada")).status_code == 404


async def test_an_agent_of_the_database_hides_the_file(open_house: Served) -> None:
    await save(open_house, "founder", OTHER)
    listed = {each["name"]: each for each in (await open_house.ask("GET", AGENTS)).json()["agents"]}
    assert listed["ambassador"]["origin"] == "file"
    founder = listed["founder"]
    assert (founder["origin"], founder["hides_file"], founder["changed"]) == ("database", False, True)
    assert (await open_house.ask("GET", f"{AGENTS}/founder")).json()["origin"] == "file"
    await open_house.ask("POST", f"{AGENTS}/founder/publish")
    shown = (await open_house.ask("GET", f"{AGENTS}/founder")).json()
    assert (shown["origin"], shown["title"]) == ("database", "Another interview")
    listed = {each["name"]: each for each in (await open_house.ask("GET", AGENTS)).json()["agents"]}
    assert listed["founder"]["hides_file"]
    assert not listed["founder"]["changed"]
    await open_house.ask("DELETE", f"{AGENTS}/founder")
    assert (await open_house.ask("GET", f"{AGENTS}/founder")).json()["origin"] == "file"


async def test_pages_of_files_and_rows(open_house: Served) -> None:
    for name in ("bob", "eve", "zoe"):
        await save(open_house, name, SOURCE)
    seen: list[str] = []
    after = ""
    while True:
        page = (await open_house.ask("GET", f"{AGENTS}?limit=2{after}")).json()
        seen += [each["name"] for each in page["agents"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == ["ambassador", "bob", "eve", "founder", "zoe"]


async def test_what_does_not_hold_is_told_with_its_place(open_house: Served) -> None:
    answer = await save(open_house, "ada", SOURCE.replace("spec: 1", "spec: 9").replace("minutes:", "minits:"))
    assert answer.status_code == 422
    problems = answer.json()["problems"]
    assert problems[0]["line"] == 1
    assert problems[0]["column"] > 1
    assert any(problem["hint"] for problem in problems)
    assert (await open_house.ask("GET", f"{AGENTS}/ada")).status_code == 404
    for rubbish in (b"\xff\xfe", b"\0", b"", b"[", b"a: &a [*a]", b"- " * 5_000):
        answer = await open_house.ask("PUT", f"{AGENTS}/ada", content=rubbish, headers={"Content-Type": YAML})
        assert answer.status_code == 422, rubbish
    for body, status in (
        ({"source": 7}, 422),
        ({}, 422),
        ([], 422),
        ({"source": "x" * (MAX_AGENT_BYTES + 1)}, 422),
    ):
        assert (await open_house.ask("PUT", f"{AGENTS}/ada", json=body)).status_code == status
    half = await open_house.ask(
        "PUT", f"{AGENTS}/ada", content=rb'{"source": "\ud800"}', headers={"Content-Type": "application/json"}
    )
    assert half.status_code == 422
    unknown = await open_house.ask("PUT", f"{AGENTS}/ada", content=b"x", headers={"Content-Type": "image/png"})
    assert unknown.status_code == 415


async def test_a_file_that_is_too_long(open_house: Served) -> None:
    answer = await save(open_house, "ada", SOURCE + "#" * MAX_AGENT_BYTES)
    assert answer.status_code == 413
    answer = await save(open_house, "ada", "#" * 3 * MAX_AGENT_BYTES)
    assert answer.status_code == 413


async def test_of_two_editors_one_is_told(open_house: Served) -> None:
    seen = (await save(open_house, "ada", SOURCE)).headers["etag"]
    answers = await asyncio.gather(
        save(open_house, "ada", OTHER, **{"If-Match": seen}),
        save(open_house, "ada", OTHER.replace("Another", "A third"), **{"If-Match": seen}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    for verb, path in (("POST", "/publish"), ("DELETE", "")):
        answer = await open_house.ask(verb, f"{AGENTS}/ada{path}", headers={"If-Match": seen})
        assert answer.status_code == 412
        assert "changed since" in answer.json()["error"]
    now = answers[0].headers.get("etag") or answers[1].headers["etag"]
    published = await open_house.ask("POST", f"{AGENTS}/ada/publish", headers={"If-Match": f'W/"x", {now}'})
    assert published.status_code == 200
    assert (await save(open_house, "ada", SOURCE, **{"If-None-Match": "*"})).status_code == 412
    assert (await save(open_house, "eve", SOURCE, **{"If-Match": "*"})).status_code == 412
    assert (await save(open_house, "eve", SOURCE, **{"If-None-Match": "*"})).status_code == 201
    assert (await save(open_house, "eve", OTHER, **{"If-Match": "*"})).status_code == 200


async def test_two_who_publish_at_once_make_one_version(open_house: Served) -> None:
    await save(open_house, "ada", SOURCE)
    answers = await asyncio.gather(*(open_house.ask("POST", f"{AGENTS}/ada/publish") for _ in range(4)))
    assert {answer.json()["version"] for answer in answers} == {1}


async def test_a_key_for_one_agent(open_house: Served) -> None:
    await save(open_house, "ada", SOURCE)
    key = await open_house.key("agents:read", "agents:write", "calls:book", agents=["ada"])
    open_house.here.keyring.forget()
    page = (await open_house.ask("GET", AGENTS, key=key)).json()
    assert [each["name"] for each in page["agents"]] == ["ada"]
    assert (await open_house.ask("GET", f"{AGENTS}/founder", key=key)).status_code == 403
    assert (await open_house.ask("DELETE", f"{AGENTS}/founder", key=key)).status_code == 403
    booking = await open_house.ask("POST", "/api/v1/calls", key=key, json={"agent": "founder"})
    assert booking.status_code == 403


async def test_the_known_agents_are_told_to_those_who_may_read_them(open_house: Served) -> None:
    reader, booker = await open_house.key("calls:book", "agents:read"), await open_house.key("calls:book")
    open_house.here.keyring.forget()
    for key, told in ((reader, True), (booker, False)):
        answer = await open_house.ask("POST", "/api/v1/calls", key=key, json={"agent": "nobody"})
        assert answer.status_code == 404
        assert ("ambassador" in answer.json()["error"]) is told


@pytest.mark.parametrize("name", ["..", "%2e%2e", "a%00", "a/b", "a" * 65, "-a", "ä", "' OR 1=1--", "a.yaml"])
async def test_names_that_are_none(open_house: Served, name: str) -> None:
    for verb, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/publish"), ("GET", "/versions")):
        answer = await open_house.ask(verb, f"{AGENTS}/{name}{path}")
        assert answer.status_code in (404, 405, 422), (verb, path)
        assert "error" in answer.json()


async def test_a_file_that_does_not_hold(open_house: Served) -> None:
    (Path(open_house.here.settings.agents_dir) / "broken.yaml").write_text("spec: 1\n")
    listed = {each["name"]: each for each in (await open_house.ask("GET", AGENTS)).json()["agents"]}
    assert listed["broken"]["problems"] > 0
    answer = await open_house.ask("GET", f"{AGENTS}/broken")
    assert answer.status_code == 409
    assert answer.json()["problems"][0]["wanted"]


async def test_accept(open_house: Served) -> None:
    assert (await open_house.ask("GET", f"{AGENTS}/founder", headers={"Accept": "image/png"})).status_code == 406
    for accept, kind in (
        ("application/*", "application/json"),
        ("text/yaml", YAML),
        (f"application/json;q=0.2, {YAML};q=0.9", YAML),
        (f"application/json;q=0.9, {YAML};q=nonsense", "application/json"),
    ):
        answer = await open_house.ask("GET", f"{AGENTS}/founder", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(kind), accept

"""The bare page to talk on: who sees it, who may book from it, and what it may load."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.app.served import SERVER_KEY, Served, served
from vivavoce.app.built import BuiltFiles

READER = {"Accept": "text/html"}
HOST = "talk.example"
OWN = f"http://{HOST}"


@asynccontextmanager
async def built(tmp_path: Path, **settings: Any) -> AsyncIterator[Served]:
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "talk.js").write_text("")
    async with served(tmp_path, **settings) as house:
        house.app.state.services = dataclasses.replace(house.here, built=BuiltFiles(folder))
        yield house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    """A server with a key, and an agent that is open to the server's own page."""
    async with built(tmp_path, api_key=SERVER_KEY) as house:
        text = (tmp_path / "agents" / "founder.yaml").read_text()
        open_one = text.replace("guardrails:", f"embed: {{origins: ['{OWN}']}}\nguardrails:", 1)
        (tmp_path / "agents" / "open.yaml").write_text(open_one)
        yield house


async def test_without_keys_the_page_is_there_for_this_machine(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        answer = await house.ask("GET", "/talk/founder", headers=READER)
        assert answer.status_code == 200
        assert "Startup idea interview" in answer.text
        assert "You will talk with an AI. It is recorded only if you agree; you are asked first." in answer.text
        assert "<style" not in answer.text
        assert "<script>" not in answer.text


async def test_the_page_loads_from_its_own_server_only(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        policy = (await house.ask("GET", "/talk/founder", host="localhost:8642")).headers["content-security-policy"]
        parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert parts["default-src"] == "'none'"
        assert parts["script-src"] == parts["style-src"] == parts["worker-src"] == "'self'"
        assert parts["connect-src"] == "'self' ws://localhost:8642 wss://localhost:8642"
        assert parts["frame-ancestors"] == "'none'"


async def test_a_host_that_is_none_stays_out_of_the_policy(house: Served) -> None:
    answer = await house.ask("GET", "/talk/open", key=SERVER_KEY, headers={"Host": "x; script-src *"})
    assert "script-src *" not in answer.headers["content-security-policy"]


async def test_behind_a_key_only_agents_of_this_site_are_open(house: Served) -> None:
    assert (await house.ask("GET", "/talk/open", host=HOST, headers=READER)).status_code == 200
    for agent in ("founder", "ambassador", "nobody"):
        answer = await house.ask("GET", f"/talk/{agent}", host=HOST, headers=READER)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next=%2Ftalk%2F{agent}")
    assert (await house.ask("GET", "/talk/open", host="other.example", headers=READER)).status_code == 303


async def test_a_title_is_words_and_nothing_else(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        path = tmp_path / "agents" / "founder.yaml"
        title = "{body} {title} {agent} </title></script><script>alert(1)</script> & 'x' \u202e"
        before = path.read_text()
        path.write_text(before.replace("title: Startup idea interview", f'title: "{title}"', 1))
        assert path.read_text() != before
        page = (await house.ask("GET", "/talk/founder", headers=READER)).text
        assert page.count("<script") == 1
        assert page.count('id="talk"') == 1
        told = html.escape("{body} {title} {agent} </title></script><script>alert(1)</script> & 'x' \u202e")
        assert page.count(told) == 2


@pytest.mark.parametrize("name", ["%00", "a%00b", "..", "%2e%2e", "..%2ffounder", "%ff", "x%0d%0aSet-Cookie: a=b"])
async def test_a_hostile_name_is_nobody(tmp_path: Path, name: str) -> None:
    async with built(tmp_path) as house:
        answer = await house.ask("GET", f"/talk/{name}", headers=READER)
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


async def test_a_key_opens_it_too(house: Served) -> None:
    assert (await house.ask("GET", "/talk/founder", key=SERVER_KEY)).status_code == 200
    assert (await house.ask("GET", "/talk/founder", key=await house.key("calls:book"))).status_code == 200
    assert (await house.ask("GET", "/talk/founder", key=await house.key("calls:read"))).status_code == 403
    narrow = await house.key("calls:book", agents=frozenset({"ambassador"}))
    assert (await house.ask("GET", "/talk/founder", key=narrow)).status_code == 403


async def test_a_page_of_ours_books_what_any_listed_page_may(house: Served) -> None:
    async def book(agent: str, **more: Any) -> int:
        return (await house.ask("POST", "/api/v1/calls", host=HOST, json={"agent": agent}, **more)).status_code

    assert await book("open", headers={"Origin": OWN}) == 201
    assert await book("founder", headers={"Origin": OWN}) == 403
    assert await book("open", headers={"Origin": "https://evil.example"}) == 403
    assert await book("open") == 401, "a program shows a key"
    assert await book("open", headers={"Origin": OWN, "Cookie": "__Host-viva=made-up; viva=made-up"}) == 401
    assert await book("founder", key=SERVER_KEY, headers={"Origin": OWN}) == 201


async def test_who_is_signed_in_talks_with_what_their_key_may(house: Served) -> None:
    key = await house.key("calls:book", agents=frozenset({"founder"}))
    own = {"Origin": OWN}
    signed = await house.ask("POST", "/api/v1/sessions", host=HOST, json={"key": key}, headers=own)
    sitting = {"Cookie": signed.headers["set-cookie"].partition(";")[0]}
    for agent, page, booked in (("founder", 200, 201), ("ambassador", 403, 403), ("open", 403, 403)):
        assert (await house.ask("GET", f"/talk/{agent}", host=HOST, headers=sitting)).status_code == page
        answer = await house.ask("POST", "/api/v1/calls", host=HOST, json={"agent": agent}, headers={**own, **sitting})
        assert answer.status_code == booked


async def test_a_ticket_says_how_long_it_holds(house: Served) -> None:
    booked = (await house.ask("POST", "/api/v1/calls", key=SERVER_KEY, json={"agent": "founder"})).json()
    assert booked["expires_in_s"] == house.here.settings.ticket_s
    fresh = (await house.ask("POST", "/api/v1/tickets", json={"ticket": booked["ticket"]})).json()
    assert 0 < fresh["expires_in_s"] <= house.here.settings.ticket_s


async def test_what_cannot_be_talked_to_is_told_in_words(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        (tmp_path / "agents" / "broken.yaml").write_text("spec: 1\n")
        for agent, status, words in (
            ("nobody", 404, "no agent of this name"),
            ("%3Cscript%3E", 404, "no agent of this name"),
            ("x" * 150, 404, "no agent of this name"),
            ("broken", 500, "has errors"),
        ):
            answer = await house.ask("GET", f"/talk/{agent}", headers=READER)
            assert (answer.status_code, words in answer.text) == (status, True)
            assert answer.headers["content-type"].startswith("text/html")


async def test_a_page_that_lacks_its_files_says_so(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        house.app.state.services = dataclasses.replace(house.here, built=BuiltFiles(tmp_path / "nothing"))
        answer = await house.ask("GET", "/talk/founder", headers=READER)
        assert (answer.status_code, "make web" in answer.text) == (503, True)


async def test_the_title_is_text(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        path = tmp_path / "agents" / "founder.yaml"
        path.write_text(path.read_text().replace("Startup idea interview", "'<b>{agent} & \"co\"</b>'"))
        answer = await house.ask("GET", "/talk/founder")
        assert "<b>" not in answer.text
        assert "&lt;b&gt;{agent} &amp; &quot;co&quot;&lt;/b&gt;" in answer.text

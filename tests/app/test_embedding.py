"""Snippets: what they say is what works, and nothing of an agent's file gets out of its quotes."""

from __future__ import annotations

import html
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.served import SERVER_KEY, Served
from tests.app.shown import HOST, Elements, shown, write_agent

READER = {"Accept": "text/html"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with shown(tmp_path, api_key=SERVER_KEY, public_url="https://talk.example") as house:
        yield house


async def snippets(house: Served, agent: str) -> dict[str, dict[str, Any]]:
    answer = await house.ask("GET", f"/api/v1/agents/{agent}/embed", key=SERVER_KEY)
    assert answer.status_code == 200
    return {each["kind"]: each for each in answer.json()["snippets"]}


async def test_every_place_has_its_snippet_and_says_whether_one_can_talk_there(house: Served) -> None:
    found = await snippets(house, "ambassador")
    assert {kind: each["microphone"] for kind, each in found.items()} == {
        "script": "yes", "inline": "yes", "iframe": "depends", "react": "yes", "codepen": "depends", "devto": "no",
        "wordpress": "yes", "link": "yes", "kiosk": "yes",
    }  # fmt: skip
    assert all(len(each["why"]) > 40 for each in found.values())


async def test_a_script_tag_is_two_elements(house: Served) -> None:
    for kind, shape in (("script", None), ("wordpress", None), ("codepen", "inline"), ("inline", "inline")):
        tags = Elements((await snippets(house, "ambassador"))[kind]["code"]).found
        script, voice = (dict(each) for name, each in tags if name in ("script", "viva-voce"))
        assert (script["src"], voice["agent"]) == ("https://talk.example/static/embed.js", "ambassador")
        assert voice.get("shape") == shape


async def test_the_frame_hands_on_the_microphone_and_tells_its_site(house: Served) -> None:
    ((tag, frame),) = Elements((await snippets(house, "ambassador"))["iframe"]["code"]).found
    assert (tag, frame["src"]) == ("iframe", "https://talk.example/embed/ambassador")
    assert frame["allow"].split("; ")[0] == "microphone"
    assert frame["referrerpolicy"] == "strict-origin"
    assert "sandbox" not in frame


async def test_what_must_be_listed_first_is_said(house: Served, tmp_path: Path) -> None:
    async def missing(agent: str) -> dict[str, str | None]:
        return {kind: each["site"] for kind, each in (await snippets(house, agent)).items()}

    nobody = await missing("founder")
    assert nobody["script"] == nobody["iframe"] == nobody["wordpress"] == "your.site"
    assert (nobody["codepen"], nobody["link"]) == ("https://cdpn.io", "https://talk.example")
    write_agent(tmp_path, "full", origins=["acme.example", "cdpn.io", "talk.example"])
    assert set((await missing("full")).values()) == {None}
    write_agent(tmp_path, "all", origins=["*"])
    assert set((await missing("all")).values()) == {None}


HOSTILE = "\"><script>alert(1)</script>' {} {title} </pre> \u202e"


async def test_a_title_stays_in_its_place(house: Served, tmp_path: Path) -> None:
    write_agent(tmp_path, "hostile", title=HOSTILE)
    ((_, frame),) = Elements((await snippets(house, "hostile"))["iframe"]["code"]).found
    assert frame["title"] == HOSTILE.removesuffix(" \u202e")
    page = await house.ask("GET", "/agents/hostile/embed", key=SERVER_KEY)
    assert [attributes for tag, attributes in Elements(page.text).found if tag == "script"] == [
        {"src": "../files/copy.js"}
    ]
    write_agent(tmp_path, "long", title="word " * 10_000)
    assert len((await house.ask("GET", "/agents/long/embed", key=SERVER_KEY)).content) < 20_000


async def test_the_page_is_to_copy_from(house: Served) -> None:
    answer = await house.ask("GET", "/agents/ambassador/embed", key=SERVER_KEY, host=HOST)
    policy = answer.headers["content-security-policy"]
    assert f"script-src 'self' http://{HOST} https://{HOST};" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    tags = Elements(answer.text).found
    ids = {attributes["id"] for _, attributes in tags if "id" in attributes}
    buttons = [attributes for tag, attributes in tags if tag == "button"]
    assert len(buttons) == 9
    assert {button["data-copies"] for button in buttons} <= ids
    assert not any("style" in attributes or "onclick" in attributes for _, attributes in tags)
    base = httpx.URL(f"http://{HOST}/agents/ambassador/embed")
    links = [
        attributes.get("src") or attributes["href"]
        for tag, attributes in tags
        if tag in ("script", "link", "img", "a") and not attributes.get("href", "").startswith(("data:", "https:"))
    ]
    assert len(links) == 5
    for link in links:
        assert (await house.ask("GET", base.join(link).path, key=SERVER_KEY)).status_code == 200, link
    for code in (each["code"] for each in (await snippets(house, "ambassador")).values()):
        assert code in html.unescape(answer.text)


async def test_it_is_behind_a_key(house: Served) -> None:
    for path in ("/api/v1/agents/open/embed", "/agents/open/embed"):
        assert (await house.ask("GET", path, host=HOST)).status_code == 401
        assert (await house.ask("GET", path, key=await house.key("calls:book"))).status_code == 403
        assert (await house.ask("GET", path, key=await house.key("agents:read"))).status_code == 200
        narrow = await house.key("agents:read", agents=frozenset({"founder"}))
        assert (await house.ask("GET", path, key=narrow)).status_code == 403
        missing = path.replace("open", "nobody")
        assert (await house.ask("GET", missing, key=SERVER_KEY)).status_code == 404
    person = await house.ask("GET", "/agents/open/embed", host=HOST, headers=READER)
    assert person.headers["location"] == "/login?next=%2Fagents%2Fopen%2Fembed"


async def test_nothing_else_is_a_file_of_the_page(house: Served) -> None:
    for name in ("../settings.py", "..%2f..%2fsettings.py", "__init__.py", "embed.css%00"):
        assert (await house.ask("GET", f"/agents/files/{name}")).status_code == 404
    style = await house.ask("GET", "/agents/files/embed.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "prefers-color-scheme: dark" in style.text


async def test_without_an_address_of_its_own_it_says_so(tmp_path: Path) -> None:
    async with shown(tmp_path, api_key=SERVER_KEY) as house:
        answer = await house.ask("GET", "/agents/open/embed", key=SERVER_KEY, headers={"Host": 'x"y'})
        assert (answer.status_code, "host" in answer.json()["error"]) == (400, True)

"""The frame page: for whom it is, what it carries, and what others get to see in its place."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.app.served import PAGE, SERVER_KEY, Served
from tests.app.shown import HOST, Elements, policy_of, shown, voice_of, write_agent
from vivavoce.app.embedding import passes

READER = {"Accept": "text/html"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    """A server with a key, and an agent that is open to the server's own pages."""
    async with shown(tmp_path, api_key=SERVER_KEY) as house:
        yield house


@pytest.fixture
async def open_house(tmp_path: Path) -> AsyncIterator[Served]:
    """A server of one's own machine, without keys."""
    async with shown(tmp_path) as house:
        yield house


async def test_a_frame_is_for_the_sites_that_the_agent_lists(house: Served) -> None:
    answer = await house.ask("GET", "/embed/ambassador", headers={"Referer": f"{PAGE}/", "Sec-Fetch-Dest": "iframe"})
    assert policy_of(answer)["frame-ancestors"] == "https://*.acme.example https://acme.example"
    assert "x-frame-options" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["permissions-policy"].count("microphone=(self)") == 1, "a frame's own origin, if it was let"
    shown = passes.read(house.here.vault, voice_of(answer)["pass"])
    assert shown is not None
    assert (shown.agent, shown.site) == ("ambassador", PAGE)
    assert 0 < shown.until - time.time() <= passes.LIFE_S


async def test_a_frame_knows_whose_messages_to_heed(house: Served, tmp_path: Path) -> None:
    async def heeded(agent: str, referer: str) -> str | None:
        framed = {"Referer": referer, "Sec-Fetch-Dest": "iframe"}
        return voice_of(await house.ask("GET", f"/embed/{agent}", headers=framed)).get("data-origins")

    assert await heeded("ambassador", f"{PAGE}/") == PAGE
    assert await heeded("ambassador", "https://www.acme.example/") == f"{PAGE} https://www.acme.example"
    assert await heeded("ambassador", "") == PAGE
    write_agent(tmp_path, "all", origins=["*"])
    assert await heeded("all", "https://any.example/") == "https://any.example"
    assert await heeded("all", "") is None


@pytest.mark.parametrize(
    ("entry", "ancestors"),
    [
        ("*", "*"),
        ("http://localhost:5173", "http://localhost:5173"),
        ("http://*.acme.example:81", "http://*.acme.example:81"),
        ("http://[::1]:5173", "'none'"),
        ("a.example; script-src *", "'none'"),
        ("münchen.example", "https://xn--mnchen-3ya.example"),
    ],
)
async def test_who_may_frame_it_is_told_in_the_policys_grammar(
    house: Served, tmp_path: Path, entry: str, ancestors: str
) -> None:
    write_agent(tmp_path, "framed", origins=[entry])
    answer = await house.ask("GET", "/embed/framed", key=SERVER_KEY, headers={"Sec-Fetch-Dest": "document"})
    assert policy_of(answer)["frame-ancestors"] == ancestors


async def test_a_site_that_is_not_listed_gets_words_in_place_of_a_blank_box(house: Served) -> None:
    for agent in ("ambassador", "founder", "nobody"):
        for referer in ("https://evil.example/page", "http://acme.example/"):
            framed = {"Referer": referer, "Sec-Fetch-Dest": "iframe", **READER}
            answer = await house.ask("GET", f"/embed/{agent}", host=HOST, headers=framed)
            assert (answer.status_code, policy_of(answer)["frame-ancestors"]) == (403, "*")
            elements = Elements(answer.text)
            (link,) = elements.of("a")
            assert (link["href"], link["target"], link["rel"]) == (f"http://{HOST}/t/{agent}", "_blank", "noopener")
            assert elements.of("script") == []


async def test_a_site_that_hides_its_name_gets_words_too(house: Served) -> None:
    """Where the agent lists nobody; where it lists some, the browser knows who is around the frame and decides."""
    for agent in ("founder", "nobody"):
        framed = {"Sec-Fetch-Dest": "iframe", **READER}
        answer = await house.ask("GET", f"/embed/{agent}", host=HOST, headers=framed)
        assert (answer.status_code, policy_of(answer)["frame-ancestors"]) == (403, "*")
        assert [link["href"] for link in Elements(answer.text).of("a")] == [f"http://{HOST}/t/{agent}"]


async def test_nobody_frames_an_agent_that_lists_nobody(open_house: Served) -> None:
    answer = await open_house.ask("GET", "/embed/founder")
    assert policy_of(answer)["frame-ancestors"] == "'none'"
    assert "pass" not in voice_of(answer)


async def test_opened_by_itself_a_frame_is_as_closed_as_the_page(house: Served) -> None:
    alone = {"Sec-Fetch-Dest": "document", **READER}
    assert (await house.ask("GET", "/embed/ambassador", host=HOST, headers=alone)).status_code == 303
    mine = await house.ask("GET", "/embed/open", host=HOST, headers=alone)
    assert "pass" not in voice_of(mine)


async def test_a_frame_whose_site_is_not_told_gets_a_pass_without_one(house: Served) -> None:
    for headers in ({}, {"Referer": "about:srcdoc"}, {"Referer": "https://["}, {"Referer": "http://a:b@/"}):
        shown = passes.read(
            house.here.vault, voice_of(await house.ask("GET", "/embed/ambassador", headers=headers))["pass"]
        )
        assert shown is not None
        assert shown.site == ""

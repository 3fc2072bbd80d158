"""Visitors of frames: what a pass lets them do, and the card that every page asks for."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.served import PAGE, SERVER_KEY, Served
from tests.app.shown import HOST, OWN, shown, voice_of, write_agent
from vivavoce.app.embedding import passes

NULL = {"Origin": "null"}
FRAMED = {"Sec-Fetch-Dest": "iframe"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with shown(tmp_path, api_key=SERVER_KEY) as house:
        yield house


async def framed(house: Served, agent: str = "ambassador", referer: str = f"{PAGE}/") -> dict[str, str]:
    answer = await house.ask("GET", f"/embed/{agent}", host=HOST, headers={**FRAMED, "Referer": referer})
    return voice_of(answer)


async def book(house: Served, pass_: Any, agent: str = "ambassador", **headers: str) -> httpx.Response:
    wanted = {"agent": agent, "pass": pass_}
    return await house.ask("POST", "/api/v1/calls", host=HOST, json=wanted, headers=headers)


async def test_a_frame_books_where_its_site_would(house: Served) -> None:
    leave = (await framed(house))["pass"]
    own = await book(house, leave, Origin=OWN)
    assert own.status_code == 201, "our frame's own origin"
    sandboxed = await book(house, leave, **NULL)
    assert (sandboxed.status_code, sandboxed.headers["access-control-allow-origin"]) == (201, "null")
    assert "access-control-allow-credentials" not in sandboxed.headers
    for headers in (NULL, {"Origin": OWN}):
        assert (await book(house, "", **headers)).status_code == 403, "without a pass neither may"


async def test_a_sandboxed_frame_may_ask(house: Served) -> None:
    asks = {**NULL, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    for path in ("/api/v1/calls", "/api/v1/tickets"):
        preflight = await house.ask("OPTIONS", path, headers=asks)
        assert preflight.headers["access-control-allow-origin"] == "null"
    assert "access-control-allow-origin" not in (await house.ask("OPTIONS", "/api/v1/keys", headers=asks)).headers


async def test_a_pass_is_for_one_agent_one_day_and_our_own_pages(house: Served) -> None:
    leave = (await framed(house))["pass"]
    assert (await book(house, leave, agent="founder", **NULL)).status_code == 403
    assert (await book(house, leave, Origin="https://evil.example")).status_code == 403
    assert (await book(house, leave)).status_code == 401, "a program shows a key"
    old = passes.give(house.here.vault, "ambassador", PAGE, time.time() - passes.LIFE_S - 1)
    refused = await book(house, old, **NULL)
    assert (refused.status_code, "load the page again" in refused.json()["error"]) == (403, True)
    assert refused.headers["access-control-allow-origin"] == "null", "the frame can say why"
    made_up = await book(house, leave[:-1] + ("0" if leave[-1] != "0" else "1"), **NULL)
    assert (made_up.status_code, "access-control-allow-origin" in made_up.headers) == (403, False)
    assert (await book(house, "x" * 2_000, **NULL)).status_code == 422
    assert (await book(house, 7, **NULL)).status_code == 422


async def test_a_site_that_is_taken_off_the_list_is_out_at_once(house: Served, tmp_path: Path) -> None:
    write_agent(tmp_path, "moving", origins=["acme.example"])
    leave = (await framed(house, "moving"))["pass"]
    assert (await book(house, leave, "moving", **NULL)).status_code == 201
    write_agent(tmp_path, "moving", origins=["other.example"])
    house.here.shelf.forget("moving")
    assert (await book(house, leave, "moving", **NULL)).status_code == 403


async def test_calls_of_a_frame_count_for_its_site(tmp_path: Path) -> None:
    async with shown(tmp_path, api_key=SERVER_KEY, calls_per_origin=1, calls_per_address=0) as house:
        text = (tmp_path / "agents" / "ambassador.yaml").read_text()
        assert "acme.example" in text
        leave = (await framed(house))["pass"]
        assert (await book(house, leave, **NULL)).status_code == 201
        script = await house.ask(
            "POST", "/api/v1/calls", json={"agent": "ambassador"}, headers={"Origin": PAGE}, by="203.0.113.9"
        )
        assert script.status_code == 429, "the script tag on the same site"
        other = (await framed(house, referer="https://www.acme.example/"))["pass"]
        assert (await book(house, other, **NULL)).status_code == 201, "another site of the list"
        nowhere = (await framed(house, referer=""))["pass"]
        assert (await book(house, nowhere, **NULL)).status_code == 201
        assert (await book(house, nowhere, **NULL)).status_code == 429, "those that do not say share one"


async def test_a_visitor_of_a_frame_wishes_no_more_than_any_page(house: Served) -> None:
    leave = (await framed(house))["pass"]
    for wish, status in (({"pace": "casual"}, 201), ({"minutes": 600}, 403), ({"backend_model": "dear"}, 403)):
        wanted = {"agent": "ambassador", "pass": leave, "settings": wish}
        answer = await house.ask("POST", "/api/v1/calls", host=HOST, json=wanted, headers=NULL)
        assert answer.status_code == status
    named = {"agent": "ambassador", "pass": leave, "person": "somebody"}
    assert (await house.ask("POST", "/api/v1/calls", host=HOST, json=named, headers=NULL)).status_code == 403


async def test_a_sandboxed_frame_exchanges_its_own_tickets(house: Served) -> None:
    async def exchange(ticket: str) -> httpx.Response:
        return await house.ask("POST", "/api/v1/tickets", json={"ticket": ticket}, headers=NULL)

    mine = (await book(house, (await framed(house))["pass"], **NULL)).json()["ticket"]
    fresh = await exchange(mine)
    assert (fresh.status_code, fresh.headers["access-control-allow-origin"]) == (201, "null")
    listed = {"agent": "ambassador"}
    by_page = await house.ask("POST", "/api/v1/calls", json=listed, headers={"Origin": PAGE})
    refused = await exchange(by_page.json()["ticket"])
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (401, False)


async def test_a_tab_of_its_own_is_open_to_a_frames_visitor(house: Served) -> None:
    """Where a frame has no microphone, the agent's own page has, though it wants a key of others."""
    voice = await framed(house)
    page = httpx.URL(json.loads(voice["card"])["page"])
    assert (page.host, page.path) == (HOST, "/t/ambassador")
    reader = {"Accept": "text/html"}
    assert (await house.ask("GET", "/t/ambassador", host=HOST, headers=reader)).status_code == 303
    tab = await house.ask("GET", str(page.raw_path, "ascii"), host=HOST, headers=reader)
    attributes = voice_of(tab)
    assert attributes["pass"] == voice["pass"]
    assert (await book(house, attributes["pass"], Origin=OWN)).status_code == 201
    assert "pass" not in json.loads(attributes["card"])["page"], "what is shared is the plain address"
    for wrong in ("x", voice["pass"].replace(".", ".0", 1)):
        refused = await house.ask("GET", "/t/ambassador", host=HOST, headers=reader, params={"pass": wrong})
        assert refused.status_code == 303
    elsewhere = await house.ask("GET", f"/t/founder?pass={voice['pass']}", host=HOST, headers=reader)
    assert elsewhere.status_code == 303


async def test_who_is_signed_in_goes_by_their_key_and_not_by_a_pass(house: Served) -> None:
    leave = (await framed(house))["pass"]
    key = await house.key("calls:book", agents=frozenset({"founder"}))
    signed = await house.ask("POST", "/api/v1/sessions", host=HOST, json={"key": key}, headers={"Origin": OWN})
    sitting = {"Cookie": signed.headers["set-cookie"].partition(";")[0], "Origin": OWN}
    page = await house.ask("GET", f"/t/ambassador?pass={leave}", host=HOST, headers=sitting)
    assert (page.status_code, (await book(house, leave, **sitting)).status_code) == (403, 403)


async def test_an_open_agents_tab_needs_no_pass(house: Served, tmp_path: Path) -> None:
    write_agent(tmp_path, "both", origins=["acme.example", OWN])
    assert json.loads((await framed(house, "both"))["card"])["page"] == f"{OWN}/t/both"


# the card


async def card(house: Served, agent: str = "ambassador", *, key: str = "", **headers: str) -> httpx.Response:
    return await house.ask("GET", f"/api/v1/card?agent={agent}", key=key, host=HOST, headers=headers)


async def test_who_may_book_may_see_the_card(house: Served) -> None:
    page = await card(house, Origin=PAGE)
    assert (page.status_code, page.headers["access-control-allow-origin"]) == (200, PAGE)
    assert page.json()["title"] == "Ask about Acme Sync"
    assert (await card(house, key=SERVER_KEY)).status_code == 200
    assert (await card(house, key=await house.key("calls:book"))).status_code == 200
    assert (await card(house, key=await house.key("calls:read"))).status_code == 403
    assert (await card(house)).status_code == 401
    assert (await card(house, "nobody", key=SERVER_KEY)).status_code == 404


async def test_a_page_learns_that_it_is_not_listed_and_nothing_else(house: Served, tmp_path: Path) -> None:
    """Its widget can say so; which agents there are, it does not learn."""
    evil = "https://evil.example"
    (tmp_path / "agents" / "broken.yaml").write_text("spec: 1\n")
    answers = [await card(house, agent, Origin=evil) for agent in ("ambassador", "founder", "broken", "nobody")]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.text for answer in answers}) == 1
    assert all(answer.headers["access-control-allow-origin"] == evil for answer in answers)


async def test_a_listed_pages_card_leads_to_a_tab_that_is_open(house: Served) -> None:
    page = httpx.URL((await card(house, Origin=PAGE)).json()["page"])
    shown_ = passes.read(house.here.vault, page.params["pass"])
    assert shown_ is not None
    assert shown_.site == PAGE
    tab = await house.ask("GET", str(page.raw_path, "ascii"), host=HOST)
    assert tab.status_code == 200
    assert "pass" not in httpx.URL((await card(house, key=SERVER_KEY)).json()["page"]).params


async def test_a_page_of_ours_reads_without_an_origin(house: Served) -> None:
    """Browsers send none with what only reads."""
    assert (await card(house, "open", **{"Sec-Fetch-Site": "same-origin"})).status_code == 200
    assert (await card(house, "founder", **{"Sec-Fetch-Site": "same-origin"})).status_code == 403
    assert (await card(house, "open", **{"Sec-Fetch-Site": "same-site"})).status_code == 401


async def test_a_frame_asks_with_its_pass(house: Served) -> None:
    leave = (await framed(house))["pass"]
    answer = await house.ask("GET", f"/api/v1/card?agent=ambassador&pass={leave}", host=HOST, headers=NULL)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "null")
    assert httpx.URL(answer.json()["page"]).params["pass"] == leave, "it lasts no longer for being shown"


@pytest.mark.parametrize(
    "query", ["", "?agent=", "?agent=a/b", "?agent=%00", f"?agent={'x' * 65}", "?agent=x&pass=" + "y" * 2_000]
)
async def test_a_card_of_nobody(house: Served, query: str) -> None:
    answer = await house.ask("GET", f"/api/v1/card{query}", key=SERVER_KEY)
    assert answer.status_code in (404, 422)
    assert answer.json()["error"].startswith("want ")


async def test_on_ones_own_machine_everybody_sees_it(tmp_path: Path) -> None:
    async with shown(tmp_path) as house:
        answer = await house.ask("GET", "/api/v1/card?agent=founder")
        assert (answer.status_code, answer.json()["page"]) == (200, "http://localhost/t/founder")
        frame = voice_of(await house.ask("GET", "/embed/ambassador"))
        assert "pass" not in json.loads(frame["card"])["page"]

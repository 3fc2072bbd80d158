"""Who books: keys, and browsers on the pages that an agent's file lists; and tickets that are exchanged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.app.served import PAGE, SERVER_KEY, Served, served
from vivavoce.app.embedding import passes

FROM_PAGE = {"Origin": PAGE}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, api_key=SERVER_KEY) as house:
        yield house


async def book(house: Served, agent: str = "ambassador", *, key: str = "", **headers: str) -> httpx.Response:
    return await house.ask("POST", "/api/v1/calls", key=key, json={"agent": agent}, headers=headers)


async def exchange(house: Served, ticket: str, **headers: str) -> httpx.Response:
    return await house.ask("POST", "/api/v1/tickets", json={"ticket": ticket}, headers=headers)


@pytest.mark.parametrize("path", ["/api/v1/calls", "/api/v1/tokens"])
async def test_a_page_that_the_agent_lists_books_without_a_key(house: Served, path: str) -> None:
    async def from_page(origin: str, agent: str = "ambassador") -> tuple[int, str | None]:
        answer = await house.ask("POST", path, json={"agent": agent}, headers={"Origin": origin})
        assert "origin" in answer.headers["vary"].lower()
        assert "access-control-allow-credentials" not in answer.headers
        return answer.status_code, answer.headers.get("access-control-allow-origin")

    assert await from_page(PAGE) == (201, PAGE)
    assert await from_page("https://www.acme.example") == (201, "https://www.acme.example")
    for origin in ("https://evil.example", "http://acme.example", "null", "https://acme.example.evil.example"):
        assert await from_page(origin) == (403, None)
    assert await from_page(PAGE, "founder") == (403, None), "its file lists nobody"
    assert await from_page(PAGE, "nobody") == (403, None)
    assert (await house.ask("POST", path, json={"agent": "ambassador"})).status_code == 401, "no page, no key"


@pytest.mark.parametrize("path", ["/api/v1/calls", "/api/v1/tokens"])
async def test_nobody_learns_by_booking_which_agents_there_are(house: Served, tmp_path: Path, path: str) -> None:
    """Programs may send any origin, and read what no page may."""
    (tmp_path / "agents" / "broken.yaml").write_text("spec: 1\n")
    told = {
        agent: await house.ask("POST", path, json={"agent": agent}, headers={"Origin": "https://evil.example"})
        for agent in ("ambassador", "founder", "broken", "nobody")
    }
    assert {(answer.status_code, answer.text) for answer in told.values()} == {(403, told["nobody"].text)}


async def test_a_pass_for_one_agent_does_not_tell_which_others_there_are(house: Served) -> None:
    leave = passes.give(house.here.vault, "ambassador", PAGE, time.time())
    told = {
        agent: await house.ask(
            "POST", "/api/v1/calls", json={"agent": agent, "pass": leave}, headers={"Origin": "null"}
        )
        for agent in ("ambassador", "founder", "nobody")
    }
    assert told["ambassador"].status_code == 201
    assert (told["founder"].status_code, told["founder"].text) == (403, told["nobody"].text)


async def test_what_a_page_may_not_read(house: Served) -> None:
    for path in ("/api/v1/agents", "/api/v1/keys", "/health"):
        answer = await house.ask("GET", path, headers=FROM_PAGE)
        assert "access-control-allow-origin" not in answer.headers
    preflight = {**FROM_PAGE, "Access-Control-Request-Method": "POST"}
    assert (await house.ask("OPTIONS", "/api/v1/calls", headers=preflight)).headers[
        "access-control-allow-origin"
    ] == PAGE
    other = {**preflight, "Origin": "https://evil.example"}
    assert "access-control-allow-origin" not in (await house.ask("OPTIONS", "/api/v1/calls", headers=other)).headers


async def test_a_visitors_limits_are_told_to_the_page(house: Served) -> None:
    """The ambassador's file says three a day; the server three at a time of one address."""
    for _ in range(3):
        assert (await book(house, **FROM_PAGE)).status_code == 201
    refused = await book(house, **FROM_PAGE)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (429, PAGE)
    assert "want at most 3 calls" in refused.json()["error"]
    assert int(refused.headers["retry-after"]) > 0
    assert (await book(house, key=SERVER_KEY)).status_code == 201, "keys have limits of their own"


async def test_a_page_on_ones_own_machine_must_be_listed_too(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        assert (await book(house, **FROM_PAGE)).status_code == 201
        assert (await book(house, "founder", Origin="http://localhost:5173")).status_code == 403
        assert (await book(house, "founder")).status_code == 201


async def test_a_page_wishes_what_its_visitor_may(house: Served) -> None:
    async def wish(**wishes: object) -> int:
        wanted = {"agent": "ambassador", "settings": wishes}
        return (await house.ask("POST", "/api/v1/calls", json=wanted, headers=FROM_PAGE)).status_code

    assert await wish(pace="casual") == 201
    assert await wish(backend_model="the-dearest") == 403
    assert await wish(minutes=600) == 403
    assert await wish(nonsense=1) == 400


# tickets


async def test_a_ticket_is_exchanged_for_a_fresh_one(house: Served) -> None:
    booked = (await book(house, key=SERVER_KEY)).json()
    fresh = await exchange(house, booked["ticket"])
    assert fresh.status_code == 201
    assert fresh.json()["call"] == booked["call"]
    assert fresh.json().keys() == booked.keys()
    again = await exchange(house, booked["ticket"])
    made_up = await exchange(house, "made-up")
    assert again.status_code == made_up.status_code == 401
    assert again.json() == made_up.json(), "nobody learns which"
    assert await house.here.store.redeem_ticket(fresh.json()["ticket"], 0.0) == booked["call"]
    assert (await exchange(house, fresh.json()["ticket"])).status_code == 401, "the call has begun"


async def test_two_who_race_for_one_ticket(house: Served) -> None:
    ticket = (await book(house, key=SERVER_KEY)).json()["ticket"]
    answers = await asyncio.gather(*(exchange(house, ticket) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401, 401]


async def test_a_page_exchanges_tickets_of_its_own_agent(house: Served) -> None:
    ticket = (await book(house, **FROM_PAGE)).json()["ticket"]
    refused = await exchange(house, ticket, Origin="https://evil.example")
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (401, False)
    fresh = await exchange(house, ticket, **FROM_PAGE)
    assert (fresh.status_code, fresh.headers["access-control-allow-origin"]) == (201, PAGE)


async def test_guessing_tickets_is_slow(house: Served) -> None:
    statuses = [(await exchange(house, f"made-up-{n}")).status_code for n in range(11)]
    assert statuses == [401] * 10 + [429]


async def test_a_key_renews_the_calls_it_has_booked(house: Served) -> None:
    mine, other = await house.key("calls:book"), await house.key("calls:book")
    booked = (await book(house, key=mine)).json()

    async def renew(call: str, key: str = "") -> int:
        return (await house.ask("POST", "/api/v1/tickets", key=key, json={"call": call})).status_code

    assert await renew(booked["call"], mine) == 201
    assert (await exchange(house, booked["ticket"])).status_code == 401, "the older one opens nothing any more"
    assert await renew(booked["call"], other) == 401
    assert await renew(booked["call"], SERVER_KEY) == 201
    assert await renew(booked["call"]) == 401
    assert await renew("0" * 16, SERVER_KEY) == 401
    assert await renew("rubbish", SERVER_KEY) == 422


async def test_what_asks_for_no_ticket(house: Served) -> None:
    for wanted in [{}, {"ticket": "a", "call": "0" * 16}, {"ticket": ""}, {"ticket": 7}, []]:
        answer = await house.ask("POST", "/api/v1/tickets", json=wanted)
        assert answer.status_code == 422
        assert answer.json()["problems"]

"""A caller has their call erased: while it goes on and after it, without a key, from any page."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from tests.app.api.conftest import Home
from tests.app.conftest import House, receive_until
from tests.app.served import SERVER_KEY, served
from vivavoce.app.leaves import GOOD_FOR_S, leave_to_erase
from vivavoce.wire import caller as wire

ERASURES = "/api/v1/erasures"


async def test_a_call_that_goes_on_is_ended_with_a_word_and_erased(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url, timeout=20) as http:
        call, ticket = await house.ticket()
        async with house.connect(ticket) as socket:
            await socket.send(wire.encode(wire.Hello(mode="text")))
            welcome = (await receive_until(socket, wire.Welcome))[-1]
            assert isinstance(welcome, wire.Welcome)
            await receive_until(socket, wire.Caption)
            erased = await http.post(ERASURES, json={"token": welcome.erase}, headers={"Origin": "https://any.example"})
            assert (erased.status_code, erased.content) == (204, b"")
            assert erased.headers["Access-Control-Allow-Origin"] == "*"
            ended = (await receive_until(socket, wire.Ended))[-1]
            assert isinstance(ended, wire.Ended)
            assert ended.reason == "erased"
        assert await house.services.store.call(call) is None
        await house.services.writer.flush()
        assert await house.services.logs.events(call) == []
        again = await http.post(ERASURES, json={"token": welcome.erase})
        assert again.status_code == 204, "there is nothing left to do, which is no failure"


async def test_a_call_that_is_over_is_erased_and_told_of_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []

    async def tell(call_id: str, agent: str) -> None:
        told.append((call_id, agent))

    monkeypatch.setattr(home.here.announcer, "erased_call", tell)
    call = home.names["call_id"]
    leave = leave_to_erase(home.here.vault, call, time.time())
    for _ in range(2):
        answer = await home.ask("POST", ERASURES, key="", json={"token": leave})
        assert answer.status_code == 204, answer.text
    assert told == [(call, "founder")]
    assert (await home.ask("GET", f"/api/v1/calls/{call}")).status_code == 404
    receipt = await home.ask("DELETE", f"/api/v1/calls/{call}")
    assert receipt.json()["rows"]["calls"] == 1, "the operator's proof stays"


async def test_a_call_that_went_with_its_person_is_gone(home: Home) -> None:
    leave = leave_to_erase(home.here.vault, "0123456789abcdef", time.time())
    assert (await home.ask("POST", ERASURES, key="", json={"token": leave})).status_code == 204


@pytest.mark.parametrize("key", ["", SERVER_KEY])
async def test_nothing_but_its_leave_erases_a_call(home: Home, key: str) -> None:
    call = home.names["call_id"]
    old = leave_to_erase(home.here.vault, call, time.time() - GOOD_FOR_S - 1)
    for token in (call, old, old.replace(old[-1], "0"), "\x00", "ü" * 200):
        answer = await home.ask("POST", ERASURES, key=key, json={"token": token})
        assert answer.status_code == 401
        assert "leave" in answer.json()["error"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*", "the page may read why not"
    bodies: tuple[object, ...] = ({}, {"token": ""}, {"token": "x" * 201}, {"token": None}, [])
    for body in bodies:
        assert (await home.ask("POST", ERASURES, key="", json=body)).status_code == 422
    assert (await home.ask("GET", f"/api/v1/calls/{call}")).status_code == 200


async def test_any_page_may_ask(home: Home) -> None:
    for origin in ("https://any.example", "null"):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = await home.ask("OPTIONS", ERASURES, key="", headers=asked)
        assert answer.status_code == 204
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Methods"] == "POST"
        assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
        assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_whoever_guesses_waits(tmp_path: Path) -> None:
    async with served(tmp_path, api_key=SERVER_KEY, failures_per_minute=3) as given:
        statuses = [
            (await given.ask("POST", ERASURES, json={"token": f"guess {number}"})).status_code for number in range(5)
        ]
        assert statuses == [401, 401, 401, 429, 429]
        elsewhere = await given.ask("POST", ERASURES, json={"token": "guess"}, by="203.0.113.6")
        assert elsewhere.status_code == 401

"""A whole server, watched: its metrics, its pages, and a log without a word of what was said."""

from __future__ import annotations

import contextlib
import re

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.app.conftest import House, Logged, receive_answered, receive_until
from tests.gateway.peers import until
from vivavoce.errors import StoreError
from vivavoce.gateway.journal import StoreJournal
from vivavoce.store.rows import HotRow
from vivavoce.tools import ToolRunner
from vivavoce.tools.runner import Tool
from vivavoce.wire import caller as wire

pytestmark = pytest.mark.slow

SAID = "kumquat surgery"
"""What a caller says; no log may hold it."""


async def typed_call(house: House) -> str:
    call, ticket = await house.ticket()
    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        await receive_until(socket, wire.Caption)
        await socket.send(wire.encode(wire.Typed(text=f"We lost two days on March 3rd 2026 after {SAID}.")))
        await receive_answered(socket)
        await receive_until(socket, wire.Caption)  # what the agent says to it
        await socket.send(wire.encode(wire.Leave()))
        await receive_until(socket, wire.Ended)
    await house.desk.finished(call)
    return call


async def test_a_call_shows_in_the_metrics(house: House) -> None:
    await typed_call(house)
    async with httpx.AsyncClient(base_url=house.url) as http:
        answer = await http.get("/metrics")
        again = (await http.get("/metrics")).text
    assert answer.headers["content-type"].startswith("text/plain")
    samples = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert float(samples['viva_calls_started_total{agent="founder-validation"}']) == 1
    assert float(samples['viva_calls_ended_total{agent="founder-validation",reason="caller_hung_up"}']) == 1
    assert float(samples['viva_answer_seconds_count{after="typed"}']) == 1
    assert float(samples["viva_calls_live"]) == 0
    assert float(samples["viva_calls_limit"]) == 3
    assert float(samples["viva_database_up"]) == 1
    assert float(samples["viva_disk_free_bytes"]) > 0
    assert float(samples["viva_loop_lag_seconds_count"]) >= 0
    assert float(samples["viva_writer_lag_seconds"]) == 0
    assert "process_resident_memory_bytes" in samples
    assert SAID not in answer.text
    assert 'viva_http_requests_total{method="GET",route="/metrics",status="200"} 1.0' in again


async def test_a_database_that_is_away_shows_and_the_rest_is_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> list[dict[str, object]]:
        raise StoreError("the database does not answer")

    monkeypatch.setattr(type(house.services.store.database), "rows", away)
    await house.services.readings.take()
    registry = house.services.metrics.registry
    assert registry.get_sample_value("viva_database_up") == 0
    assert registry.get_sample_value("viva_calls_limit") == 3
    monkeypatch.undo()


async def test_a_call_has_a_page_and_stands_in_the_list(house: House) -> None:
    call = await typed_call(house)
    async with httpx.AsyncClient(base_url=house.url) as http:
        index = await http.get("/calls")
        page = await http.get(f"/calls/{call}")
        missing = await http.get("/calls/0123456789abcdef")
        nonsense = await http.get("/calls/..%2f..%2fetc")
    assert f'href="/calls/{call}"' in index.text
    for answer in (index, page):
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        (nonce,) = set(re.findall(r"'nonce-([\w-]+)'", policy))
        assert "unsafe" not in policy
        assert set(re.findall(r'<(?:style|script) nonce="([\w-]+)"', answer.text)) == {nonce}
        assert not re.search(r"\sstyle=|\son\w+=", answer.text)
    assert SAID in page.text
    assert 'id="audio"' not in page.text
    assert missing.status_code == 404
    assert nonsense.status_code in (404, 422)


async def test_nothing_that_was_said_or_may_open_anything_reaches_the_log(
    house: House, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = logged("debug", "json")
    forged = "viva_forgedforgedforged"
    await typed_call(house)

    # a caller's machine that talks rubbish, and is given up
    call, ticket = await house.ticket()
    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        with contextlib.suppress(ConnectionClosed):
            for number in range(60):
                await socket.send(f'{{"type": "{SAID}"}}' if number % 2 else SAID.encode() * 9)
        await socket.wait_closed()
    await house.desk.finished(call)

    # tickets and keys that open nothing, and a query that holds one
    async with house.connect(forged) as socket:
        await socket.wait_closed()
    async with httpx.AsyncClient(base_url=house.url) as http:
        await http.post("/api/v1/calls", json={"agent": SAID}, headers={"Authorization": f"Bearer {forged}"})
        await http.get(f"/calls/{forged}?key={forged}")
        await http.post("/api/v1/calls", content=SAID.encode())

    # a tool and a writer that break with what they were handed
    async def broken(rows: list[HotRow]) -> None:
        raise ValueError(str(rows))

    async def refuses(args: dict[str, object]) -> dict[str, object]:
        raise RuntimeError(f"cannot work with {args}")

    wants = {"type": "OBJECT", "properties": {"said": {"type": "STRING"}}}
    tools = ToolRunner({"odd": Tool({"name": "odd", "description": "", "parameters": wants}, refuses)})
    assert (await tools.run("odd", {"said": SAID}, 1.0))["error"]["kind"] == "failed"
    write = house.services.store.write
    monkeypatch.setattr(house.services.writer, "_sink", type("Sink", (), {"write": staticmethod(broken)})())
    house.services.writer.post("lost", 0, 0.0, SAID.encode(), b"[]", epoch=1)
    await house.services.writer.flush()
    monkeypatch.setattr(house.services.writer, "_sink", type("Sink", (), {"write": staticmethod(write)})())

    # a call that breaks in the middle of a turn
    def breaks(self: StoreJournal, effect: object) -> None:
        raise ValueError(f"want something else, got {effect} {SAID}")

    monkeypatch.setattr(StoreJournal, "turn", breaks)
    call, ticket2 = await house.ticket()
    async with house.connect(ticket2) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        await socket.wait_closed()
    await house.desk.finished(call)
    monkeypatch.undo()

    text = out.getvalue()
    events = set(re.findall(r'"event": "([^"]+)"', text))
    assert {"call ended", "request", "bad message", "writing went wrong", "call failed"} <= events
    for secret in (SAID, "kumquat", ticket, ticket2, forged, "March 3rd"):
        assert secret not in text, f"{secret} in the log"
    assert any(f'"call": "{call}"' in line for line in text.splitlines() if '"call failed"' in line)


async def test_a_stopped_clock_is_told_by_the_loop(house: House) -> None:
    registry = house.services.metrics.registry
    await until(lambda: (registry.get_sample_value("viva_loop_lag_seconds_count") or 0) >= 1)


async def test_pages_and_metrics_are_for_those_who_may(house: House) -> None:
    call = await typed_call(house)
    keys = house.services.keyring.keys
    _, watcher = await keys.add("prometheus", scopes=["metrics:read"], now=1.0)
    _, reader = await keys.add("people", scopes=["calls:read"], now=1.0)
    _, other = await keys.add("others", scopes=["calls:read"], agents=["somebody"], now=1.0)
    house.services.keyring._look_at = 0.0  # it has just looked, and there were none
    async with httpx.AsyncClient(base_url=house.url) as http:

        async def status(path: str, key: str = "") -> int:
            return (await http.get(path, headers={"Authorization": f"Bearer {key}"} if key else {})).status_code

        assert [await status("/metrics", key) for key in ("", reader, watcher)] == [401, 403, 200]
        asked = await http.get(f"/calls/{call}", headers={"Accept": "text/html"})
        assert (asked.status_code, asked.headers["location"]) == (303, f"/login?next=%2Fcalls%2F{call}")
        assert await status(f"/calls/{call}") == 401, "who cannot show a page to sign in"
        assert [await status(f"/calls/{call}", key) for key in (watcher, reader, other)] == [403, 200, 404]
        assert [await status("/calls", key) for key in (watcher, reader, other)] == [403, 200, 200]
        hidden = await http.get("/calls", headers={"Authorization": f"Bearer {other}"})
        assert call not in hidden.text
        signed_in = await http.post("/login", data={"key": reader, "next": f"/calls/{call}"})
        assert signed_in.headers["location"] == f"/calls/{call}"
        assert (await http.get(f"/calls/{call}")).status_code == 200  # by the cookie


async def test_what_was_to_be_erased_is_not_drawn(house: House) -> None:
    call = await typed_call(house)
    await house.services.store.update_call(call, transcript_until=1.0)
    async with httpx.AsyncClient(base_url=house.url) as http:
        answer = await http.get(f"/calls/{call}")
    assert answer.status_code == 410
    assert SAID not in answer.text
    await house.services.store.update_call(call, transcript_until=None)


async def test_sockets_that_are_turned_away_are_counted(house: House) -> None:
    async with house.connect("nonsense") as socket:
        await socket.wait_closed()
    registry = house.services.metrics.registry
    assert registry.get_sample_value("viva_refused_total", {"why": "ticket"}) == 1

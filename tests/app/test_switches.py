"""Kill switches: seen by every server of a database, kept when the database is away, acted on in running calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.app.conftest import House, receive_until
from tests.gateway.peers import until
from vivavoce.app import switches as module
from vivavoce.app.switches import Switches
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import decode_event
from vivavoce.errors import BusyError, InputError, StoreError
from vivavoce.store.database import Database
from vivavoce.store.store import Store
from vivavoce.store.switches import StoredSwitch, SwitchRows
from vivavoce.wire import caller as wire


class Away(SwitchRows):
    """A database that may be away, or break in a way of its own."""

    away: Exception | None = None

    async def all(self) -> list[StoredSwitch]:
        if self.away is not None:
            raise self.away
        return await super().all()


class Slow(SwitchRows):
    """A database whose first answer is long on its way."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked, self.arrives = asyncio.Event(), asyncio.Event()

    async def all(self) -> list[StoredSwitch]:
        found = await super().all()
        if not self.asked.is_set():
            self.asked.set()
            await self.arrives.wait()
        return found


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/viva.db")
    yield store
    await store.close()


async def test_what_is_off(store: Store) -> None:
    switches = Switches(SwitchRows(store.database), clock=lambda: 7.0)
    told: list[int] = []
    switches.changed.append(lambda: told.append(len(switches.off)))
    assert (switches.text_only, switches.tools_off, switches.stopped("acme")) == (False, (), False)
    assert (await switches.set("calls:acme", "x" * 900)).reason == "x" * module.MAX_REASON_CHARS
    await switches.set("voice", "echo")
    await switches.set("tool:market_size", "wrong figures")
    assert switches.text_only
    assert switches.tools_off == ("market_size",)
    assert (switches.stopped("acme"), switches.stopped("other"), switches.stopped()) == (True, False, False)
    with pytest.raises(BusyError, match="no new calls are taken"):
        switches.check("acme")
    switches.check("other")
    await switches.set("calls", "deploy")
    assert switches.stopped()
    assert switches.stopped("other")
    assert await switches.clear("calls")
    assert not await switches.clear("calls")
    assert told == [1, 2, 3, 4, 3]
    assert {switch.set_at for switch in switches.off} == {7.0}


@pytest.mark.parametrize(
    "name", ["", "vice", "tool:", "tool:a b", "calls:", "calls:../x", "calls:A", "voice\n", "tool:end"]
)
async def test_what_is_no_switch(store: Store, name: str) -> None:
    switches = Switches(SwitchRows(store.database))
    with pytest.raises(InputError, match="want a"):
        await switches.set(name, "")
    await switches.look()
    assert switches.off == ()


async def test_two_servers_of_one_database_see_each_others_switches(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.01)
    other = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/viva.db")
    here, there = Switches(SwitchRows(store.database)), Switches(SwitchRows(other.database))
    async with here.watching(), there.watching():
        await here.set("voice", "echo")
        await until(lambda: there.text_only)
        await there.clear("voice")
        await until(lambda: not here.text_only)
    await other.close()


async def test_a_late_answer_undoes_nothing(store: Store) -> None:
    rows = Slow(store.database)
    switches = Switches(rows)
    early = asyncio.create_task(switches.look())
    await rows.asked.wait()
    late = asyncio.create_task(switches.set("voice", "echo"))
    async with asyncio.timeout(10):
        while not await SwitchRows(store.database).all():  # noqa: ASYNC110  another task makes it true
            await asyncio.sleep(0.001)
    rows.arrives.set()
    await early
    await late
    assert switches.text_only


@pytest.mark.parametrize("fault", [StoreError("away"), ValueError("a row of another age")])
async def test_a_database_that_is_away_changes_nothing(store: Store, fault: Exception) -> None:
    rows = Away(store.database)
    switches = Switches(rows)
    await switches.set("voice", "echo")
    rows.away = fault
    await switches.look()
    await switches.look()
    assert (switches.text_only, bool(switches.problem)) == (True, True)
    rows.away = None
    await rows.clear("voice")
    await switches.look()
    assert (switches.text_only, bool(switches.problem)) == (False, False)


async def test_no_new_calls_are_booked_or_begun(house: House) -> None:
    _, ticket = await house.ticket()
    _, other = await house.ticket()
    await house.desk.switches.set("calls", "deploy")
    async with httpx.AsyncClient(base_url=house.url) as http:
        for path in ("/api/v1/calls", "/api/v1/tokens"):
            refused = await http.post(path, json={"agent": "founder"})
            assert refused.status_code == 503
            assert "no new calls are taken at the moment" in refused.json()["error"]
        assert (await http.get("/health")).json()["off"] == ["calls"]
    async with house.connect(ticket) as socket:
        await socket.wait_closed()
        assert socket.close_code == wire.CloseCode.BUSY
    await house.desk.switches.clear("calls")
    async with house.connect(ticket) as socket:  # it stayed good
        await socket.send(wire.encode(wire.Hello(mode="text")))
        await receive_until(socket, wire.Welcome)
        await house.desk.switches.set("calls:founder", "broken")
        await socket.send(wire.encode(wire.Leave()))
        await receive_until(socket, wire.Ended)  # the running call was not harmed
    async with house.connect(other) as socket:
        await socket.wait_closed()
        assert socket.close_code == wire.CloseCode.BUSY
    async with httpx.AsyncClient(base_url=house.url) as http:
        assert (await http.post("/api/v1/calls", json={"agent": "founder"})).status_code == 503


async def test_voice_goes_off_in_running_calls_and_in_those_that_begin(house: House) -> None:
    call, ticket = await house.ticket()
    async with house.connect(ticket) as socket:
        await socket.send(wire.encode(wire.Hello(mode="voice")))
        await receive_until(socket, wire.Caption)
        await house.desk.switches.set("voice", "echo")
        notice = (await receive_until(socket, wire.Notice))[-1]
        assert isinstance(notice, wire.Notice)
        assert notice.code == "text_only"
        await socket.send(wire.encode(wire.Typed(text="It happens every week.")))
        await receive_until(socket, wire.Caption)
        late, its_ticket = await house.ticket()
        async with house.connect(its_ticket) as second:
            await second.send(wire.encode(wire.Hello(mode="voice")))
            notice = (await receive_until(second, wire.Notice))[-1]
            assert isinstance(notice, wire.Notice)
            assert notice.code == "text_only"
            captions = await receive_until(second, wire.Caption)
            assert captions
            await second.send(wire.encode(wire.Leave()))
            await receive_until(second, wire.Ended)
        await socket.send(wire.encode(wire.Leave()))
        await receive_until(socket, wire.Ended)
    for each in (call, late):
        await house.desk.finished(each)
        events = [decode_event(row.event) for row in await house.desk.store.events(each)]
        assert ev.SwitchesChanged(text_only=True) in events


async def test_the_switches_over_the_api(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url) as http:
        assert (await http.get("/api/v1/switches")).json() == {"off": [], "problem": ""}
        put = await http.put("/api/v1/switches/tool:market_size", json={"reason": "wrong figures"})
        assert put.status_code == 200
        assert put.json()["name"] == "tool:market_size"
        assert put.json()["set_at"] > 1e9
        assert [each["reason"] for each in (await http.get("/api/v1/switches")).json()["off"]] == ["wrong figures"]
        assert house.desk.switches.tools_off == ("market_size",)
        for name in ("vice", "tool:", "calls:A", "voice%0A", "tool:..%2fx"):
            assert (await http.put(f"/api/v1/switches/{name}", json={"reason": "x"})).status_code in (404, 422)
        assert (await http.put("/api/v1/switches/tool:note", json={"reason": "x"})).status_code == 400
        assert (await http.put("/api/v1/switches/voice", json={})).status_code == 422
        assert (await http.delete("/api/v1/switches/tool:market_size")).status_code == 204
        again = await http.delete("/api/v1/switches/tool:market_size")
        assert again.status_code == 404
        assert "which is on" in again.json()["error"]


async def test_the_watch_ends_with_its_block(store: Store) -> None:
    async with Switches(SwitchRows(store.database)).watching():
        assert any(task.get_name() == "switches" for task in asyncio.all_tasks())
    assert not any(task.get_name() == "switches" for task in asyncio.all_tasks())

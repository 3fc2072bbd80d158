"""Calls that outlive their server: started again, replaced, robbed; and those that cannot."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.app.conftest import House, receive_answered, receive_until
from tests.app.gateways import BreathyMouth
from tests.conversation.talk import ROOT
from tests.local.fakes import INSTANT, LoudDetector, ScriptedEars
from vivavoce.app.filing import replay_call
from vivavoce.app.orphans import Orphans
from vivavoce.app.server import running
from vivavoce.app.services import open_services
from vivavoce.app.settings import Settings, hands_over
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import decode_event
from vivavoce.errors import StoreError
from vivavoce.gateway.returns import PREFIX
from vivavoce.local.server import serve
from vivavoce.store import Recorder
from vivavoce.store.rows import StoredCall
from vivavoce.store.vault import Vault
from vivavoce.wire import caller as wire

pytestmark = pytest.mark.slow
SAID = "We lost two days of work on March 3rd 2026."


class Street:
    """Houses with one database, opened and closed one by one."""

    def __init__(self, folder: Path, port: int, model: Any) -> None:
        self._folder = folder
        self._port = port
        self._model = model

    @asynccontextmanager
    async def house(self, **others: Any) -> AsyncIterator[House]:
        own = {
            "data_dir": str(self._folder / "data"),
            "agents_dir": str(self._folder / "agents"),
            "port": 0,
            "backend_url": f"ws://127.0.0.1:{self._port}",
            "on_stop": "hand_over",
        }
        settings = Settings(**{**own, **others})
        async with AsyncExitStack() as stack:
            services = await stack.enter_async_context(open_services(settings))
            port = await stack.enter_async_context(running(services))
            yield House(services.desk, self._model, port, services)


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    (tmp_path / "agents").mkdir()
    shutil.copy(ROOT / "examples/agents/founder.yaml", tmp_path / "agents")
    async with serve(ears=ScriptedEars(), mouth=BreathyMouth(10), tempo=INSTANT, make_detector=LoudDetector) as model:
        yield Street(tmp_path, model.port, model)


async def hello(socket: ClientConnection) -> wire.Welcome:
    await socket.send(wire.encode(wire.Hello(mode="text")))
    welcome = (await receive_until(socket, wire.Welcome))[-1]
    assert isinstance(welcome, wire.Welcome)
    return welcome


async def told(socket: ClientConnection) -> None:
    """Something is typed and understood."""
    await socket.send(wire.encode(wire.Typed(text=SAID)))
    await receive_answered(socket)


async def closed(socket: ClientConnection) -> int:
    async with asyncio.timeout(20):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code or 1006


async def logged(house: House, call: str, kind: type[ev.Event], times: int = 1) -> list[ev.Event]:
    """Wait until such an event of a call is in the database, so many times; all there are."""
    async with asyncio.timeout(20):
        while True:
            events = [decode_event(row.event) for row in await house.desk.store.events(call)]
            if sum(isinstance(event, kind) for event in events) >= times:
                return events
            await asyncio.sleep(0)


async def row_of(house: House, call: str) -> StoredCall:
    stored = await house.desk.store.call(call)
    assert stored is not None
    return stored


def unaware(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server renews no lease, and does not learn what others take from it."""

    async def nothing() -> None: ...

    monkeypatch.setattr(house.desk._leases, "renew", nothing)
    house.desk.writer.on_taken.clear()


async def ended(house: House, socket: ClientConnection, call: str) -> None:
    await socket.send(wire.encode(wire.Leave()))
    await receive_until(socket, wire.Ended)
    await house.desk.finished(call)
    stored = await house.desk.store.call(call)
    assert stored is not None
    assert (stored.state, stored.end_reason) == ("ended", "caller_hung_up")
    assert await replay_call(house.desk.store, call) == len(await house.desk.store.events(call))


async def test_a_call_outlives_a_server_that_is_started_again(street: Street) -> None:
    async with street.house() as first:
        call, ticket = await first.ticket()
        async with first.connect(ticket) as socket:
            welcome = await hello(socket)
            await told(socket)
            first.desk.stop()
            assert await closed(socket) == wire.CloseCode.MOVED
        stored = await first.desk.store.call(call)
        assert stored is not None
        assert (stored.state, stored.owner, stored.epoch) == ("live", None, 1)
    async with street.house() as second, second.connect(welcome.resume) as socket:
        await socket.send(wire.encode(wire.Hello(mode="text")))
        seen = await receive_answered(socket)
        again = next(message for message in seen if isinstance(message, wire.Welcome))
        assert (again.call, again.returned) == (call, True)
        assert again.resume.startswith(PREFIX)
        assert any(isinstance(message, wire.Caption) and message.text == SAID for message in seen)
        stored = await second.desk.store.call(call)
        assert stored is not None
        assert stored.epoch == 2
        assert second.desk.calls == 1
        await ended(second, socket, call)


async def test_a_call_of_which_no_log_is_kept_ends_with_its_server(street: Street) -> None:
    async with street.house(keep_transcript_days=0.0) as house:
        call, ticket = await house.ticket()
        async with house.connect(ticket) as socket:
            await hello(socket)
            house.desk.stop()
            assert await closed(socket) == wire.CloseCode.GOING_AWAY
        await house.desk.finished(call)
        stored = await house.desk.store.call(call)
        assert stored is not None
        assert stored.end_reason == "server_stopping"


async def test_a_caller_who_comes_while_the_server_stops_is_sent_on(street: Street) -> None:
    async with street.house() as house:
        _, ticket = await house.ticket()
        async with house.connect(ticket) as socket:
            welcome = await hello(socket)
            house.desk.stop()
            await closed(socket)
        async with house.connect(welcome.resume) as socket:
            assert await closed(socket) == wire.CloseCode.GOING_AWAY


async def test_a_call_that_another_server_takes_is_let_go_without_a_word(street: Street) -> None:
    async with street.house() as first, street.house() as second:
        call, ticket = await first.ticket()
        async with first.connect(ticket) as old:
            welcome = await hello(old)
            await told(old)
            assert await first.desk.writer.flush()
            async with second.connect(welcome.resume) as socket:
                await hello(socket)
                await first.services.desk._leases.renew()
                assert await closed(old) == wire.CloseCode.REPLACED, "another window has it: no way back"
                await first.desk.finished(call)
                stored = await second.desk.store.call(call)
                assert stored is not None
                assert (stored.state, stored.epoch) == ("live", 2)
                await ended(second, socket, call)


async def test_a_caller_who_is_back_before_their_old_server_knows_that_they_were_gone_is_taken_again(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with street.house() as first, street.house() as second:
        unaware(first, monkeypatch)
        call, ticket = await first.ticket()
        async with first.connect(ticket) as socket:
            welcome = await hello(socket)
        async with second.connect(welcome.resume) as socket:
            welcome = await hello(socket)
        assert first.desk.is_running(call)
        async with first.connect(welcome.resume) as socket:
            assert (await hello(socket)).call == call
            assert (await row_of(first, call)).epoch == 3
            await second.desk._leases.renew()
            await second.desk.finished(call)
            await ended(first, socket, call)


async def test_what_was_switched_on_again_meanwhile_is_on_for_a_call_that_is_taken(street: Street) -> None:
    async with street.house() as first:
        call, ticket = await first.ticket()
        async with first.connect(ticket) as socket:
            welcome = await hello(socket)
            await first.desk.switches.set("tool:search", "")
            await logged(first, call, ev.SwitchesChanged)
            first.desk.stop()
            assert await closed(socket) == wire.CloseCode.MOVED
    async with street.house() as second:
        await second.desk.switches.clear("tool:search")
        async with second.connect(welcome.resume) as socket:
            await hello(socket)
            events = await logged(second, call, ev.SwitchesChanged, times=2)
            off, taken, on = [event for event in events if isinstance(event, ev.TakenOver | ev.SwitchesChanged)]
            assert (off, on) == (ev.SwitchesChanged(False, ("search",)), ev.SwitchesChanged(False, ()))
            assert isinstance(taken, ev.TakenOver)
            await ended(second, socket, call)


async def test_a_second_window_at_another_server_is_refused_while_the_first_is_there(street: Street) -> None:
    async with street.house(second_tab="refused") as first, street.house(second_tab="refused") as second:
        call, ticket = await first.ticket()
        async with first.connect(ticket) as old:
            welcome = await hello(old)
            async with second.connect(welcome.resume) as rival:
                assert await closed(rival) == wire.CloseCode.ELSEWHERE
            assert (await row_of(second, call)).epoch == 1
        await logged(first, call, ev.CallerDropped)
        async with second.connect(welcome.resume) as socket:
            assert (await hello(socket)).call == call
            await ended(second, socket, call)


async def test_a_caller_of_a_dead_server_is_no_second_window(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    async with street.house(second_tab="refused") as first, street.house(second_tab="refused") as second:
        unaware(first, monkeypatch)
        call, ticket = await first.ticket()
        async with first.connect(ticket) as old:
            welcome = await hello(old)
            await second.desk.store.update_call(call, lease_until=time.time() - 1)
            async with second.connect(welcome.resume) as socket:
                assert (await hello(socket)).call == call
                await ended(second, socket, call)


async def test_a_caller_of_a_call_without_a_log_is_sent_on_to_the_server_that_has_it(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with street.house(keep_transcript_days=0.0) as first, street.house() as second:
        unaware(first, monkeypatch)
        call, ticket = await first.ticket()
        async with first.connect(ticket) as socket:
            welcome = await hello(socket)
        async with second.connect(welcome.resume) as socket:
            assert await closed(socket) == wire.CloseCode.BUSY, "they keep their secret and try again"
        async with first.connect(welcome.resume) as socket:
            welcome = await hello(socket)
            assert welcome.returned
            await second.desk.store.update_call(call, lease_until=time.time() - 1)
            async with second.connect(welcome.resume) as late:
                assert await closed(late) == wire.CloseCode.NOT_AUTHORISED, "nothing is left to go on from"
            assert (await row_of(second, call)).epoch == 1
            await ended(first, socket, call)


@pytest.mark.parametrize("by", ["caller", "operator"])
async def test_a_call_is_erased_by_whichever_server_is_asked(
    street: Street, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    async with street.house() as first, street.house() as second:
        call, ticket = await first.ticket()
        async with first.connect(ticket) as socket:
            welcome = await hello(socket)
            await told(socket)
            async with httpx.AsyncClient(base_url=second.url, timeout=20) as http:
                if by == "caller":
                    answer = await http.post("/api/v1/erasures", json={"token": welcome.erase})
                    assert answer.status_code == 204, answer.text
                else:
                    refused = await http.delete(f"/api/v1/calls/{call}")
                    assert (refused.status_code, "?end=true" in refused.json()["error"]) == (409, True)
                    answer = await http.delete(f"/api/v1/calls/{call}?end=true")
                    assert answer.status_code == 200, answer.text
            assert await second.desk.store.call(call) is None
            await first.desk._leases.renew()
            assert await closed(socket) == wire.CloseCode.MOVED
            await first.desk.finished(call)
        async with first.connect(welcome.resume) as socket:
            assert await closed(socket) == wire.CloseCode.NOT_AUTHORISED, "it is over"
        assert await first.desk.writer.flush()
        assert await second.desk.store.events(call) == []


@pytest.mark.parametrize(("decisions", "kept"), [(["given"], True), (["given", "withdrawn"], False)])
async def test_a_call_that_nobody_came_back_to_is_filed_with_what_was_agreed_and_used(
    street: Street, decisions: list[Any], kept: bool
) -> None:
    before = time.time()
    async with street.house() as first:
        call, ticket = await first.ticket()
        async with first.connect(ticket) as socket:
            await hello(socket)
            for decision in decisions:
                await socket.send(wire.encode(wire.Consent(decision=decision, text_version="1")))
            await told(socket)
            first.desk.stop()
            await closed(socket)
        await first.desk.finished(call)
    async with street.house() as second:
        store, sounds = second.desk.store, second.desk.recordings_dir
        recorder = Recorder(sounds, call)  # of what was taken back, a server that dies leaves something
        recorder.caller(0, bytes(32_000))
        await recorder.close()
        late = time.time() + 1_000
        orphans = Orphans(store, sounds, return_within_s=120.0, clock=lambda: late)
        assert [await orphans.look(), await orphans.look()] == [[], [call]]
        filed = await row_of(second, call)
        assert (filed.state, filed.end_reason) == ("ended", "caller_left")
        agreed = filed.consent["decisions"]
        assert [each["decision"] for each in agreed] == decisions
        moments = [datetime.fromisoformat(each["at"]).timestamp() for each in agreed]
        assert all(before - 1 <= moment <= time.time() for moment in moments)
        assert filed.usage is not None
        assert filed.usage["total"] > 0
        assert bool(await store.recordings(call)) == bool(list(sounds.glob("*"))) == kept


async def test_a_handle_sealed_with_a_key_that_is_not_here_is_done_without(street: Street) -> None:
    async with street.house(secret_key=Vault.make_key()) as first:
        call, ticket = await first.ticket()
        async with first.connect(ticket) as socket:
            welcome = await hello(socket)
            await told(socket)
            first.desk.stop()
            await closed(socket)
    async with street.house(secret_key=Vault.make_key()) as second, second.connect(welcome.resume) as socket:
        assert (await hello(socket)).call == call
        await receive_until(socket, wire.Floor)
        await ended(second, socket, call)


@pytest.mark.parametrize("secret", [PREFIX, PREFIX + "x" * 43, PREFIX + "'--"])
async def test_a_secret_of_nothing_opens_nothing(street: Street, secret: str) -> None:
    async with street.house() as house, house.connect(secret) as socket:
        assert await closed(socket) == wire.CloseCode.NOT_AUTHORISED


async def test_a_secret_of_a_call_that_is_over_opens_nothing(street: Street) -> None:
    async with street.house() as house:
        call, ticket = await house.ticket()
        async with house.connect(ticket) as socket:
            welcome = await hello(socket)
            await ended(house, socket, call)
        async with house.connect(welcome.resume) as socket:
            assert await closed(socket) == wire.CloseCode.NOT_AUTHORISED


async def test_while_the_database_is_away_a_caller_is_told_to_come_again(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with street.house() as house:

        async def away(*_: object) -> None:
            raise StoreError("away")

        monkeypatch.setattr(house.desk._takeover, "call_of", away)
        async with house.connect(PREFIX + "x" * 43) as socket:
            assert await closed(socket) == wire.CloseCode.BUSY, "their secret may be good"


async def test_a_call_that_cannot_be_gone_on_with_is_left_to_be_filed(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with street.house() as first:
        call, ticket = await first.ticket()
        async with first.connect(ticket) as socket:
            welcome = await hello(socket)
            first.desk.stop()
            await closed(socket)
    async with street.house() as second:

        async def broken(*_: object) -> None:
            raise RuntimeError("a fault of ours")

        monkeypatch.setattr("vivavoce.app.takeover.retrace", broken)
        async with second.connect(welcome.resume) as socket:
            assert await closed(socket) == wire.CloseCode.FAILED
        assert second.desk.calls == 0
        assert len(second.desk._leases) == 0, "its lease runs out"
        stored = await second.desk.store.call(call)
        assert stored is not None
        assert stored.state == "live"


@pytest.mark.parametrize(
    ("on_stop", "url", "hand_over"),
    [
        ("auto", "", False),
        ("auto", "sqlite+aiosqlite:///viva.db", False),
        ("auto", "postgresql://viva@db/viva", True),
        ("end", "postgresql://viva@db/viva", False),
        ("hand_over", "", True),
    ],
)
def test_who_hands_over(on_stop: Any, url: str, hand_over: bool) -> None:
    assert hands_over(Settings(on_stop=on_stop, database_url=url)) is hand_over

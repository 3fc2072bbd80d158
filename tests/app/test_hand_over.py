"""Calls that outlive their server: started again, replaced, robbed; and those that cannot."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.app.conftest import House, receive_until
from tests.app.gateways import BreathyMouth
from tests.conversation.talk import ROOT
from tests.local.fakes import INSTANT, LoudDetector, ScriptedEars
from vivavoce.app.filing import replay_call
from vivavoce.app.server import running
from vivavoce.app.services import open_services
from vivavoce.app.settings import Settings, hands_over
from vivavoce.errors import StoreError
from vivavoce.gateway.returns import PREFIX
from vivavoce.local.server import serve
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
    await receive_until(socket, wire.Fact)


async def closed(socket: ClientConnection) -> int:
    async with asyncio.timeout(20):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code or 1006


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
        seen = await receive_until(socket, wire.Fact)
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
                assert await closed(old) == wire.CloseCode.MOVED
                await first.desk.finished(call)
                stored = await second.desk.store.call(call)
                assert stored is not None
                assert (stored.state, stored.epoch) == ("live", 2)
                await ended(second, socket, call)


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

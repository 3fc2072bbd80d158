"""A whole server on loopback: desk, store on disk, and a live model with scripted ears and a tone for a voice."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.conversation.talk import ROOT
from tests.local.fakes import INSTANT, LoudDetector, ScriptedEars, ToneMouth
from vivavoce.app.desk import Desk, open_desk
from vivavoce.app.filing import replay_call
from vivavoce.app.server import TALK, running
from vivavoce.app.settings import Settings
from vivavoce.local.server import Server, serve
from vivavoce.wire import caller as wire


@dataclass
class House:
    desk: Desk
    model: Server
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def ticket(self) -> tuple[str, str]:
        """A booked call with the founder agent and its ticket."""
        booking = await self.desk.book(self.desk.find_agent("founder"))
        return booking.call, booking.ticket

    def connect(self, ticket: str, *subprotocols: str) -> connect:
        offered = [Subprotocol(name) for name in subprotocols or (wire.SUBPROTOCOL, wire.TICKET_PREFIX + ticket)]
        return connect(f"ws://127.0.0.1:{self.port}{TALK}", subprotocols=offered, compression=None, max_size=2**22)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    agents = tmp_path / "agents"
    agents.mkdir()
    shutil.copy(ROOT / "examples/agents/founder.yaml", agents)
    ears, mouth = ScriptedEars(*["It is an eight out of ten."] * 9), ToneMouth()
    async with serve(ears=ears, mouth=mouth, tempo=INSTANT, make_detector=LoudDetector) as model:
        settings = Settings(
            data_dir=str(tmp_path / "data"),
            agents_dir=str(agents),
            port=0,
            backend_url=f"ws://127.0.0.1:{model.port}",
            max_calls=3,
        )
        async with open_desk(settings) as desk, running(desk) as port:
            yield House(desk, model, port)
            for call in await desk.store.list_calls():  # every call a test records is a replay test
                await desk.finished(call.id)
                assert await replay_call(desk.store, call.id) == len(await desk.store.events(call.id))


async def receive_until(socket: ClientConnection, kind: type[wire.GatewayMessage]) -> list[wire.GatewayMessage]:
    """Control messages up to and with the first of a kind."""
    seen: list[wire.GatewayMessage] = []
    async for data in socket:
        if isinstance(data, str):
            seen.append(wire.decode_gateway(data))
            if isinstance(seen[-1], kind):
                return seen
    raise AssertionError(f"closed with {socket.close_code} before {kind.__name__}")

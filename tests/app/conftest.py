"""A whole server on loopback: desk, store on disk, and a live model with scripted ears and a tone for a voice."""

from __future__ import annotations

import io
import logging
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.app.at_head import begin_at_head
from tests.conversation.talk import ROOT
from tests.local.fakes import INSTANT, LoudDetector, ScriptedEars, ToneMouth
from vivavoce.app import logs
from vivavoce.app.api.tickets import TALK
from vivavoce.app.desk import Desk
from vivavoce.app.filing import replay_call
from vivavoce.app.server import running
from vivavoce.app.services import Services, open_services
from vivavoce.app.settings import Settings
from vivavoce.local.server import Server, serve
from vivavoce.wire import caller as wire


@dataclass
class House:
    desk: Desk
    model: Server
    port: int
    services: Services

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def ticket(self) -> tuple[str, str]:
        """A booked call with the founder agent and its ticket."""
        booking = await self.desk.book(await self.services.shelf.find("founder"))
        return booking.call, booking.ticket

    def connect(self, ticket: str, *subprotocols: str) -> connect:
        offered = [Subprotocol(name) for name in subprotocols or (wire.SUBPROTOCOL, wire.TICKET_PREFIX + ticket)]
        return connect(f"ws://127.0.0.1:{self.port}{TALK}", subprotocols=offered, compression=None, max_size=2**22)


Logged = Callable[..., io.StringIO]
"""Sets up logs as `logs.configure` does and hands over what they are written to."""


@pytest.fixture
def logged() -> Iterator[Logged]:
    """Leaves the logs of the test run as they were."""
    root = logging.getLogger()
    before = {logger: (logger.level, logger.propagate, logger.handlers[:]) for logger in (root, *_loggers())}

    def configured(level: str = "debug", form: logs.Form = "json") -> io.StringIO:
        out = io.StringIO()
        logs.configure(level, form, stream=out)
        return out

    yield configured
    structlog.reset_defaults()
    for logger, (level, propagate, handlers) in before.items():
        logger.setLevel(level)
        logger.propagate = propagate
        logger.handlers[:] = handlers


def _loggers() -> list[logging.Logger]:
    return [logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]


@asynccontextmanager
async def open_house(folder: Path, **others: Any) -> AsyncIterator[House]:
    """A house in a folder; `others` are settings beside or above its own."""
    agents = folder / "agents"
    agents.mkdir()
    shutil.copy(ROOT / "examples/agents/founder.yaml", agents)
    ears, mouth = ScriptedEars(*["It is an eight out of ten."] * 9), ToneMouth()
    async with serve(ears=ears, mouth=mouth, tempo=INSTANT, make_detector=LoudDetector) as model:
        if not {"data_dir", "database_url"} & others.keys():
            begin_at_head(folder / "data")
        own = {"data_dir": str(folder / "data"), "agents_dir": str(agents), "port": 0, "max_calls": 3}
        settings = Settings(**{**own, "backend_url": f"ws://127.0.0.1:{model.port}", **others})
        async with open_services(settings) as services, running(services) as port:
            desk = services.desk
            yield House(desk, model, port, services)
            for call in await desk.store.list_calls():  # every call a test records is a replay test
                await desk.end_to_erase(call.id)  # some callers only closed their socket, and might come back
                assert await replay_call(desk.store, call.id) == len(await desk.store.events(call.id))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


async def receive_until(socket: ClientConnection, kind: type[wire.GatewayMessage]) -> list[wire.GatewayMessage]:
    """Control messages up to and with the first of a kind."""
    seen: list[wire.GatewayMessage] = []
    async for data in socket:
        if isinstance(data, str):
            seen.append(wire.decode_gateway(data))
            if isinstance(seen[-1], kind):
                return seen
    raise AssertionError(f"closed with {socket.close_code} before {kind.__name__}")


async def receive_answered(socket: ClientConnection) -> list[wire.GatewayMessage]:
    """Control messages up to and with the first fact that was answered; one that was asked for may come before."""
    seen: list[wire.GatewayMessage] = []
    while not (seen and isinstance(seen[-1], wire.Fact) and seen[-1].state == "answered"):
        seen += await receive_until(socket, wire.Fact)
    return seen

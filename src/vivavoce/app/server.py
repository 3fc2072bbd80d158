"""The server: REST surface, the socket of calls, and an end that tells every caller."""

from __future__ import annotations

import asyncio
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from errno import EADDRINUSE
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI, WebSocket

from vivavoce.app.api import make_api
from vivavoce.app.api.tickets import TALK
from vivavoce.app.connection import Connection
from vivavoce.app.desk import Desk
from vivavoce.app.services import Services
from vivavoce.app.settings import LOOPBACK, Settings, hands_over
from vivavoce.app.talk import Door, talk_socket
from vivavoce.errors import SettingsError
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

LEAVE_WITHIN_S = 5.0
"""What running calls get to be ended and written when the server is told to stop, once they wait for nothing more."""


def make_app(services: Services) -> FastAPI:
    app = make_api(services)

    @app.websocket(TALK)
    async def talk(websocket: WebSocket) -> None:
        offered = websocket.scope.get("subprotocols", [])
        tickets = [item.removeprefix(wire.TICKET_PREFIX) for item in offered if item.startswith(wire.TICKET_PREFIX)]
        # accepted first: a browser sees the close code only of a socket that was open
        await websocket.accept(subprotocol=wire.SUBPROTOCOL if wire.SUBPROTOCOL in offered else None)
        caller = talk_socket(websocket)
        if not caller.is_open:
            return  # the handshake did not hold, which was said; the ticket stays good
        if wire.SUBPROTOCOL not in offered:
            await caller.close(wire.CloseCode.PROTOCOL, f"want the subprotocol {wire.SUBPROTOCOL}")
            return
        await services.desk.talk(caller, tickets[0] if tickets else "")

    return app


def listen(settings: Settings, *, guarded: bool = False) -> sockets.socket:
    """A bound socket for these settings.

    Args:
        guarded: whether keys in the database guard the server.
    Raises:
        SettingsError: the address cannot be had, or is public while no key guards it.
    """
    if settings.host not in LOOPBACK and not settings.api_key and not guarded:
        raise SettingsError(
            f"want api_key to be set, or a key from `viva keys`, when host is not loopback, got host {settings.host!r} "
            "and no key: anybody could book calls"
        )
    if not 0 <= settings.port <= 65_535:
        raise SettingsError(f"want a port from 0 to 65535, got {settings.port}")
    family = sockets.AF_INET6 if ":" in settings.host else sockets.AF_INET
    # by its name, or asyncio takes it for no TCP and lets small pieces wait for an acknowledgement: 40 ms each
    listener = sockets.socket(family, sockets.SOCK_STREAM, sockets.IPPROTO_TCP)
    listener.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        hint = "; is another server running? --port takes another, 0 a free one" if error.errno == EADDRINUSE else ""
        raise SettingsError(f"want to listen on {settings.host}:{settings.port}, got {error.strerror}{hint}") from error
    listener.listen(128)
    return listener


class GracefulServer(uvicorn.Server):
    """Ends its calls with a word to each caller before it goes, or hands them over; a second signal does not wait for
    them.
    """

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk
        self._signalled = False
        self._leave_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._signalled:
            super().handle_exit(sig, frame)
        self.leave()

    def leave(self) -> None:
        """End the calls or hand them over, then go."""
        self._signalled = True

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        if self._signalled:
            now = asyncio.get_running_loop().time()
            if self._leave_at is None:
                settings = self._desk.settings
                self._leave_at = now + LEAVE_WITHIN_S + (settings.drain_s if hands_over(settings) else 0.0)
                self._desk.stop()
            elif self._desk.calls == 0 or now >= self._leave_at:
                return True
        return await super().on_tick(counter)


def make_server(services: Services) -> GracefulServer:
    """The ASGI server; what asks for a WebSocket goes through our own door."""
    return GracefulServer(
        uvicorn.Config(
            make_app(services),
            http=Connection,
            ws=Door,
            proxy_headers=False,  # who stands in front is ours to say, not the request's
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        ),
        services.desk,
    )


@asynccontextmanager
async def running(services: Services) -> AsyncIterator[int]:
    """A server in the background of this loop; yields its port."""
    async with serving(services) as (port, _):
        yield port


@asynccontextmanager
async def serving(services: Services) -> AsyncIterator[tuple[int, asyncio.Task[None]]]:
    """A server in the background of this loop; yields its port, and a task that is done once it was told to stop."""
    listener = listen(services.settings, guarded=await services.keyring.required())
    server = make_server(services)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="server")
    try:
        while not server.started:
            if task.done():
                task.result()
                raise SettingsError("the server did not start")
            await asyncio.sleep(0.01)
        yield int(listener.getsockname()[1]), task
    finally:
        server.leave()  # a call whose caller is away outlives every socket
        await task
        listener.close()

"""The HTTP and WebSocket surface of a server.

`POST /api/v1/calls` books a call and returns a ticket; `/api/v1/talk` is its socket; `POST /api/v1/tokens` gives a
credential to a client that talks by itself; `/health` says what hears, speaks and thinks.
"""

from __future__ import annotations

import asyncio
import hmac
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from errno import EADDRINUSE
from types import FrameType
from typing import Annotated, Any

import structlog
import uvicorn
from fastapi import Body, FastAPI, HTTPException, Request, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from vivavoce import __version__
from vivavoce.app.desk import Booking, Desk
from vivavoce.app.hosts import LoopbackOnly
from vivavoce.app.refusals import add_refusals
from vivavoce.app.settings import LOOPBACK, Settings
from vivavoce.errors import SettingsError
from vivavoce.live.direct import Pass
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

TALK = "/api/v1/talk"
LEAVE_WITHIN_S = 5.0
"""What running calls get to be ended and written when the server is told to stop."""


def make_app(desk: Desk) -> FastAPI:
    app = FastAPI(title="Viva Voce", version=__version__, docs_url=None, redoc_url=None)

    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Which ears, mouth and backend are in use, how it stands with the live model, and how many calls run."""
        return {
            "status": "ok",
            "version": __version__,
            "calls": desk.calls,
            "engines": desk.engines,
            "model": desk.state.as_dict(),
        }

    @app.post("/api/v1/calls", status_code=201)
    async def book(request: Request, agent: Annotated[str, Body(embed=True, max_length=64)]) -> dict[str, str]:
        """Book a call with an agent; the ticket opens its socket once."""
        _authorise(request, desk.settings)
        booking = await desk.book(desk.find_agent(agent))
        return _ticket(booking)

    @app.post("/api/v1/tokens", status_code=201)
    async def token(request: Request, agent: Annotated[str, Body(embed=True, max_length=64)]) -> dict[str, str]:
        """A short-lived credential for a client that talks by itself: directly to the live model where its service
        has one to give, through our relay otherwise.
        """
        _authorise(request, desk.settings)
        given = await desk.admit(desk.find_agent(agent))
        if isinstance(given, Pass):
            return {
                "kind": "direct",
                "token": given.token,
                "url": given.url,
                "model": given.model,
                "start_by": given.start_by.isoformat(),
                "expires_at": given.expires_at.isoformat(),
            }
        return {"kind": "relay", **_ticket(given)}

    @app.websocket(TALK)
    async def talk(websocket: WebSocket) -> None:
        offered = websocket.scope.get("subprotocols", [])
        tickets = [item.removeprefix(wire.TICKET_PREFIX) for item in offered if item.startswith(wire.TICKET_PREFIX)]
        # accepted first: a browser sees the close code only of a socket that was open
        await websocket.accept(subprotocol=wire.SUBPROTOCOL if wire.SUBPROTOCOL in offered else None)
        caller = _Socket(websocket)
        if wire.SUBPROTOCOL not in offered:
            await caller.close(wire.CloseCode.PROTOCOL, f"want the subprotocol {wire.SUBPROTOCOL}")
            return
        await desk.talk(caller, tickets[0] if tickets else "")

    add_refusals(app)
    if not desk.settings.api_key:
        app.add_middleware(LoopbackOnly)
    return app


def _ticket(booking: Booking) -> dict[str, str]:
    return {"call": booking.call, "ticket": booking.ticket, "socket": TALK, "subprotocol": wire.SUBPROTOCOL}


def _authorise(request: Request, settings: Settings) -> None:
    if not settings.api_key:
        return
    given = request.headers.get("Authorization", "").partition(" ")[2]
    if not hmac.compare_digest(given.encode(), settings.api_key.encode()):
        raise HTTPException(401, "want the server's key as a bearer token")


class _Socket:
    """A Starlette WebSocket as the gateway wants it."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self.close_code = 1006

    async def receive(self) -> str | bytes | None:
        try:
            message = await self._websocket.receive()
        except RuntimeError:  # received after the disconnect
            return None
        if message["type"] == "websocket.disconnect":
            self.close_code = message.get("code") or 1005
            return None
        data: str | bytes | None = message.get("bytes")
        return data if data is not None else message.get("text", "")

    async def send(self, data: str | bytes) -> None:
        try:
            if isinstance(data, bytes):
                await self._websocket.send_bytes(data)
            else:
                await self._websocket.send_text(data)
        except (WebSocketDisconnect, RuntimeError) as error:
            raise ConnectionError("the caller's socket is closed") from error

    async def close(self, code: int, reason: str) -> None:
        if self._websocket.application_state is WebSocketState.DISCONNECTED:
            return
        try:
            await self._websocket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError):
            return  # it was closed from the other side meanwhile


def listen(settings: Settings) -> sockets.socket:
    """A bound socket for these settings.

    Raises:
        SettingsError: the address cannot be had, or is public while no key guards it.
    """
    if settings.host not in LOOPBACK and not settings.api_key:
        raise SettingsError(
            f"want api_key to be set when host is not loopback, got host {settings.host!r} and no key: "
            "anybody could book calls"
        )
    if not 0 <= settings.port <= 65_535:
        raise SettingsError(f"want a port from 0 to 65535, got {settings.port}")
    family = sockets.AF_INET6 if ":" in settings.host else sockets.AF_INET
    listener = sockets.socket(family, sockets.SOCK_STREAM)
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
    """Ends its calls with a word to each caller before it goes; a second signal does not wait for them."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk
        self._signalled = False
        self._leave_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._signalled:
            super().handle_exit(sig, frame)
        self._signalled = True

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        if self._signalled:
            now = asyncio.get_running_loop().time()
            if self._leave_at is None:
                self._leave_at = now + LEAVE_WITHIN_S
                self._desk.stop()
            elif self._desk.calls == 0 or now >= self._leave_at:
                return True
        return await super().on_tick(counter)


def make_server(desk: Desk) -> GracefulServer:
    """The ASGI server of a desk: sans-I/O WebSockets, no compression of audio, a limit on frames."""
    return GracefulServer(
        uvicorn.Config(
            make_app(desk),
            ws="websockets-sansio",
            ws_max_size=wire.MAX_FRAME_BYTES,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        ),
        desk,
    )


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[int]:
    """A server in the background of this loop; yields its port."""
    listener = listen(desk.settings)
    server = make_server(desk)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="server")
    try:
        while not server.started:
            if task.done():
                task.result()
                raise SettingsError("the server did not start")
            await asyncio.sleep(0.01)
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await task
        listener.close()

"""From an HTTP request to a call's socket, on the server's one port.

The handshake goes through the ASGI application like every other request, so that whatever guards the others guards it
too. Once the application accepts it, the connection is handed to `picows`, and its frames reach the gateway by
callback: ASGI has queues, tasks and dictionaries for every frame (decision 13).
"""

from __future__ import annotations

import asyncio
import json
import logging
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote

import picows
import structlog
import uvicorn
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # what `ws_create_server` makes for each connection
from starlette.types import Message, Scope
from starlette.websockets import WebSocket
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from vivavoce.app.talk_socket import TalkSocket
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)
_library_log = logging.getLogger("picows.talk")
_library_log.setLevel(logging.CRITICAL)  # what it tells is what peers did wrong, and in what words

PING_AFTER_S = 20.0
"""A peer that was silent for so long is asked whether it is there; one that talks is."""
PONG_WITHIN_S = 20.0
READ_BUFFER_BYTES = 4096
"""Three microphone frames; it grows where a message is larger."""
MAX_FIELD_BYTES = 64
"""A key has 24, a version two; what is longer is none, and need not fit the buffer."""

_EXTENSION = "vivavoce.socket"


def talk_socket(websocket: WebSocket) -> TalkSocket:
    """The socket of an accepted request; frames go through it and not through ASGI."""
    socket: TalkSocket = websocket.scope["extensions"][_EXTENSION]
    return socket


class Door(asyncio.Protocol):
    """One request for a WebSocket: what uvicorn's HTTP side hands over, until the application has accepted it."""

    def __init__(self, config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        self._config = config
        self._connections: set[Any] = server_state.connections
        self._tasks = server_state.tasks
        self._app_state = app_state
        self._loop = asyncio.get_running_loop()
        self._socket = TalkSocket(self._lost)
        self._answered = False
        self._connected = asyncio.Event()

    # ------------------------------------------------------------------------------------------ called by uvicorn

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        self._connections.add(self)
        self._transport.pause_reading()  # a client has nothing to say before it is let in

    def data_received(self, data: bytes) -> None:
        """The request, as uvicorn writes it down: checked, names in lower case, one field a line."""
        task = self._loop.create_task(self._run(self._scope(data)), name="talk")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def connection_lost(self, exc: Exception | None) -> None:
        self._answered = True
        self._lost()

    def shutdown(self) -> None:
        """The server stops, and the calls have been told."""
        if not self._answered:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "the server is stopping")
        else:
            self._transport.close()

    # ------------------------------------------------------------------------------------------------------ ASGI

    def _scope(self, request: bytes) -> Scope:
        first, *lines = request.rstrip(b"\r\n").split(b"\r\n")
        target = first.split(b" ")[1]
        fields = [line.split(b": ", 1) for line in lines]
        headers = [(name, value) for name, value in fields]
        path, _, query = target.partition(b"?")
        offered = b",".join(value for name, value in headers if name == b"sec-websocket-protocol").decode("latin-1")
        return {
            "type": "websocket",
            "asgi": {"version": self._config.asgi_version, "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "wss" if is_ssl(self._transport) else "ws",
            "server": get_local_addr(self._transport),
            "client": get_remote_addr(self._transport),
            "root_path": "",
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "query_string": query,
            "headers": headers,
            "subprotocols": [name.strip() for name in offered.split(",") if name.strip()],
            "state": self._app_state.copy(),
            "extensions": {_EXTENSION: self._socket},
        }

    async def _run(self, scope: Scope) -> None:
        self._key = next((value for name, value in scope["headers"] if name == b"sec-websocket-key"), b"")
        self._version = next((value for name, value in scope["headers"] if name == b"sec-websocket-version"), b"")
        try:
            await self._config.loaded_app(scope, self._receive, self._send)
        except Exception as fault:  # noqa: BLE001  # ours: it ends this connection
            log.error("a socket failed", fault=type(fault).__name__)  # noqa: TRY400
        if not self._answered:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong on our side")
        await self._socket.close(1011, "")

    async def _receive(self) -> Message:
        if not self._connected.is_set():
            self._connected.set()
            return {"type": "websocket.connect"}
        await self._socket.lost.wait()
        return {"type": "websocket.disconnect", "code": self._socket.close_code}

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept" if not self._answered:
                self._accept(message.get("subprotocol"), message.get("headers", ()))
            case "websocket.close" if not self._answered:
                self._refuse(HTTPStatus.FORBIDDEN, message.get("reason") or "want the socket of a call")
            case "websocket.close":
                await self._socket.close(message.get("code", 1000), message.get("reason") or "")

    # ------------------------------------------------------------------------------------------------- handshake

    def _accept(self, subprotocol: str | None, headers: Any) -> None:
        """Let picows shake hands. It gets a request of our own words: browsers write `Connection` in ways it does not
        take, and of the rest nothing is for it.
        """
        if len(self._key) > MAX_FIELD_BYTES or len(self._version) > MAX_FIELD_BYTES:
            self._refuse(HTTPStatus.BAD_REQUEST, "want a key of 16 bytes and a version of WebSocket")
            return
        self._answered = True
        answer = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
        if subprotocol is not None:
            answer.append(("Sec-WebSocket-Protocol", subprotocol))

        def welcome(_: picows.WSUpgradeRequest) -> picows.WSUpgradeResponseWithListener:
            response = picows.WSUpgradeResponse.create_101_response(extra_headers=answer)
            return picows.WSUpgradeResponseWithListener(response, self._socket)

        protocol = WSProtocol(
            None,  # host and path: a client's
            None,
            False,
            welcome,
            _library_log,
            True,
            None,  # the handshake is over at once
            True,
            PING_AFTER_S,
            PONG_WITHIN_S,
            picows.WSAutoPingStrategy.PING_WHEN_IDLE,
            False,  # pongs are ours: the library's would go on filling a socket that nobody reads
            wire.MAX_FRAME_BYTES,
            None,
            READ_BUFFER_BYTES,
        )
        protocol.connection_made(self._transport)
        request = b"GET / HTTP/1.1\r\nHost: -\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        request += b"Sec-WebSocket-Version: %b\r\nSec-WebSocket-Key: %b\r\n\r\n" % (self._version, self._key)
        protocol.get_buffer(-1)[: len(request)] = request
        protocol.buffer_updated(len(request))
        self._transport.set_protocol(protocol)
        if not self._socket.is_open:
            self._lost()  # version or key were none, and it has said so

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._answered = True
        body = json.dumps({"error": why}).encode()
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\nconnection: close\r\n"
        self._transport.write(head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body)
        self._transport.close()

    def _lost(self) -> None:
        self._connections.discard(self)

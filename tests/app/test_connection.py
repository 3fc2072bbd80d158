"""Connections that keep a server waiting, and requests that begin a WebSocket without being one."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket

from tests.gateway.peers import until
from vivavoce.app import connection
from vivavoce.app.connection import Connection
from vivavoce.app.server import listen
from vivavoce.app.settings import Settings
from vivavoce.app.talk import Door, talk_socket

HOST = b"Host: localhost\r\n"
UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
UPGRADE += b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
LARGE = 64 * 1024 * 1024
"""More than the buffers of two sockets take."""


class Place:
    def __init__(self) -> None:
        self.server: uvicorn.Server | None = None
        self.port = 0
        self.gone = 0
        self.app = FastAPI()
        self.app.add_api_route("/body", self._body, methods=["POST"])
        self.app.add_api_route("/large", self._large)
        self.app.add_api_route("/talk", self._plain, methods=["GET", "POST"])
        self.app.add_api_websocket_route("/talk", self._talk)

    async def _body(self, request: Request) -> int:
        try:
            return len(await request.body())
        except Exception:
            self.gone += 1
            raise

    async def _large(self) -> Response:
        return Response(bytes(LARGE))

    async def _plain(self) -> str:
        return "no socket"

    async def _talk(self, websocket: WebSocket) -> None:
        await websocket.accept()
        await talk_socket(websocket).lost.wait()

    @property
    def connections(self) -> int:
        assert self.server is not None
        return len(self.server.server_state.connections)

    async def say(self, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        await writer.drain()
        return reader, writer

    async def answers(self, request: bytes) -> bytes:
        """All that comes until the server hangs up."""
        reader, writer = await self.say(request)
        said = b""
        try:
            async with asyncio.timeout(10):
                while piece := await reader.read(65_536):
                    said += piece
        except ConnectionResetError:
            pass
        writer.close()
        return said


@asynccontextmanager
async def open_place() -> AsyncIterator[Place]:
    place = Place()
    listener = listen(Settings(port=0))
    config = uvicorn.Config(
        place.app, http=Connection, ws=Door, lifespan="off", log_config=None, timeout_graceful_shutdown=1
    )
    place.server = uvicorn.Server(config)
    task = asyncio.create_task(place.server.serve(sockets=[listener]))
    await until(lambda: place.server is not None and place.server.started)
    place.port = listener.getsockname()[1]
    try:
        yield place
    finally:
        place.server.should_exit = True
        await task
        listener.close()


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    for name in ("HEAD_WITHIN_S", "BODY_WITHIN_S", "TAKE_WITHIN_S", "LEAVE_WITHIN_S"):
        monkeypatch.setattr(connection, name, {"HEAD_WITHIN_S": 0.2, "BODY_WITHIN_S": 0.3}.get(name, 0.4))
    async with open_place() as opened:
        yield opened


@pytest.mark.parametrize(
    "request_", [b"", b"GET /body HT", b"POST /body HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\nhalf"]
)
async def test_a_request_that_does_not_get_whole_is_not_waited_for(place: Place, request_: bytes) -> None:
    assert await place.answers(request_) == b""
    await until(lambda: place.connections == 0)
    assert place.gone == (1 if b"Length" in request_ else 0), "the route is told"


async def test_a_byte_now_and_then_buys_no_time(place: Place) -> None:
    reader, writer = await place.say(b"GET / HTTP/1.1\r\n" + HOST)

    async def drip() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    async with asyncio.timeout(10):
        await until(lambda: place.connections == 0)
    dripping.cancel()
    writer.close()
    assert reader.at_eof() or reader.exception() is not None or await reader.read() == b""


async def test_one_request_after_the_other_has_its_own_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_WITHIN_S", "BODY_WITHIN_S"):
        monkeypatch.setattr(connection, name, 1.0)
    reader, writer = await place.say(b"")
    for _ in range(4):
        writer.write(b"POST /body HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\n\r\nab")
        await asyncio.sleep(0.3)  # the client thinks
        writer.write(b"cd")
        assert b" 200 " in await reader.readline()
        await reader.readuntil(b"\r\n\r\n4")
    writer.close()


async def test_an_answer_that_nobody_takes_is_given_up(place: Place) -> None:
    loop = asyncio.get_running_loop()
    with socket.create_connection(("127.0.0.1", place.port)) as client:
        client.setblocking(False)
        await loop.sock_sendall(client, b"GET /large HTTP/1.1\r\n" + HOST + b"\r\n")
        await until(lambda: place.connections == 1)
        await until(lambda: place.connections == 0)


async def test_a_call_outlives_all_of_it(place: Place) -> None:
    reader, writer = await place.say(b"GET /talk HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n")
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.8):  # twice the longest of these times
            await reader.read(1)
    writer.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /talk HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n",
        b"GET /talk HTTP/1.0\r\n" + HOST + UPGRADE + b"\r\n",
        b"GET /talk HTTP/1.1\r\n" + HOST + UPGRADE + b"Content-Length: 4\r\n\r\n\x81\x00\x81\x00",
        b"GET /talk HTTP/1.1\r\n" + HOST + UPGRADE + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
async def test_what_begins_no_websocket_is_a_plain_request(place: Place, request_: bytes) -> None:
    reader, writer = await place.say(request_)
    assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
    writer.close()

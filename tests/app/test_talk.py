"""The socket of calls on the wire: what a peer may do to it, below the messages of the protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI, WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.gateway.peers import until
from vivavoce.app import talk_socket as talk_socket_module
from vivavoce.app.server import listen
from vivavoce.app.settings import Settings
from vivavoce.app.talk import Door, talk_socket
from vivavoce.app.talk_socket import BREATH, TalkSocket
from vivavoce.wire import caller as wire

pytestmark = pytest.mark.slow


class Place:
    """A server with one socket, and what came in over it."""

    def __init__(self) -> None:
        self.port = 0
        self.heard: list[str | bytes] = []
        self.gone = 0
        self.turns: list[int] = []  # how many messages came on each turn of the loop
        self.sockets: list[TalkSocket] = []
        self.leave = asyncio.Event()
        self.writers: list[asyncio.StreamWriter] = []
        self.app = FastAPI()
        self.app.add_api_websocket_route("/talk", self._talk)
        self.app.add_api_websocket_route("/broken", self._broken)

    async def _talk(self, websocket: WebSocket) -> None:
        offered = websocket.scope["subprotocols"]
        await websocket.accept(subprotocol=offered[0] if offered else None, headers=[(b"x-house", b"ours")])
        socket = talk_socket(websocket)
        self.sockets.append(socket)
        socket.listen(self._hear, self._lost)
        await self.leave.wait()

    async def _broken(self, websocket: WebSocket) -> None:
        raise RuntimeError("a fault of ours")

    def _hear(self, data: str | bytes) -> None:
        if not self.turns or not self.turns[-1]:
            self.turns.append(0)
            asyncio.get_running_loop().call_soon(lambda: self.turns.append(0))
        self.turns[-1] += 1
        self.heard.append(data)

    def _lost(self) -> None:
        self.gone += 1

    def connect(self, path: str = "/talk", *subprotocols: str) -> connect:
        offered = [Subprotocol(name) for name in subprotocols] or None
        return connect(f"ws://127.0.0.1:{self.port}{path}", subprotocols=offered, compression=None)

    async def raw(self, **headers: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A request by hand, not answered yet."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        lines = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Host": "localhost"}
        lines["Sec-WebSocket-Key"] = base64.b64encode(os.urandom(16)).decode()
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
        writer.write(f"GET /talk HTTP/1.1\r\n{head}\r\n".encode())
        await writer.drain()
        return reader, writer

    async def open_raw(self, **headers: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await self.raw(**headers)
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        return reader, writer


@asynccontextmanager
async def open_place() -> AsyncIterator[Place]:
    place = Place()
    listener = listen(Settings(port=0))
    config = uvicorn.Config(
        place.app, http="h11", ws=Door, lifespan="off", log_config=None, timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await until(lambda: server.started)
    place.port = listener.getsockname()[1]
    try:
        yield place
    finally:
        for writer in place.writers:
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        place.leave.set()
        server.should_exit = True
        await task
        listener.close()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with open_place() as opened:
        yield opened


def frame(opcode: int, payload: bytes, *, fin: bool = True, mask: bool = True, rsv: int = 0) -> bytes:
    """A frame of RFC 6455, masked with zeros."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    size = len(payload)
    flag = 0x80 if mask else 0
    if size < 126:
        head = struct.pack(">BB", first, flag | size)
    elif size < 65_536:
        head = struct.pack(">BBH", first, flag | 126, size)
    else:
        head = struct.pack(">BBQ", first, flag | 127, size)
    return head + (bytes(4) if mask else b"") + payload


async def closed_with(reader: asyncio.StreamReader) -> int:
    """The code of the close frame that comes, however the connection ends."""
    data = b""
    try:
        while piece := await reader.read(65_536):
            data += piece
    except ConnectionResetError:
        pass
    at = data.find(b"\x88")
    assert at >= 0, f"no close frame in {data[:100]!r}"
    return int(struct.unpack(">H", data[at + 2 : at + 4])[0])


async def test_messages_go_both_ways_and_the_end_is_told_once(place: Place) -> None:
    async with place.connect("/talk", "vivavoce.v1", "ticket.x") as socket:
        assert socket.subprotocol == "vivavoce.v1"
        assert socket.response is not None
        assert socket.response.headers["x-house"] == "ours"
        await socket.send("words")
        await socket.send(b"\x01" * 70_000)
        await until(lambda: len(place.heard) == 2)
        place.sockets[0].send("answer")
        place.sockets[0].send(b"sound")
        assert (await socket.recv(), await socket.recv()) == ("answer", b"sound")
        await socket.close(4000, "bye")
    await until(lambda: place.gone == 1)
    assert place.heard == ["words", b"\x01" * 70_000]
    assert place.sockets[0].close_code == 4000
    place.sockets[0].send("into the void")
    assert place.sockets[0].unsent == 0


async def test_our_close_has_its_code_and_words(place: Place) -> None:
    async with place.connect() as socket:
        await until(lambda: bool(place.sockets))
        await place.sockets[0].close(wire.CloseCode.NOT_AUTHORISED, "no valid ticket" + "x" * 200)
        await place.sockets[0].close(1000, "once is enough")
        await socket.wait_closed()
        assert socket.close_code == wire.CloseCode.NOT_AUTHORISED
        assert (socket.close_reason or "").startswith("no valid ticket")
    await until(lambda: place.gone == 1)


async def test_a_browser_that_writes_its_connection_header_otherwise(place: Place) -> None:
    _, writer = await place.open_raw(Connection="keep-alive, Upgrade")
    writer.write(frame(1, b"here"))
    await until(lambda: place.heard == ["here"])
    writer.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_WebSocket_Key": ""}, 400),
        ({"Sec_WebSocket_Key": "short"}, 400),
        ({"Sec_WebSocket_Key": "x" * 8000}, 400),
        ({"Sec_WebSocket_Version": "12"}, 400),
        ({"Sec_WebSocket_Version": ""}, 400),
    ],
)
async def test_a_handshake_that_is_none(place: Place, headers: dict[str, str], status: int) -> None:
    reader, writer = await place.raw(**headers)
    assert f" {status} ".encode() in await reader.readline()
    writer.close()
    assert place.heard == []


async def test_other_paths_and_faults_are_refused(place: Place) -> None:
    for path, status in (("/elsewhere", 403), ("/broken", 500)):
        with pytest.raises(InvalidStatus) as caught:
            async with place.connect(path):
                pytest.fail("it opened")
        assert caught.value.response.status_code == status
        assert b'{"error": ' in (caught.value.response.body or b"")


async def test_messages_in_pieces(place: Place) -> None:
    _, writer = await place.open_raw()
    writer.write(frame(2, b"so", fin=False) + frame(9, b"?") + frame(0, b"un", fin=False) + frame(0, b"d"))
    writer.write(frame(1, b"gr", fin=False) + frame(0, b"\xc3", fin=False) + frame(0, b"\xbc\xc3\x9f"))
    await until(lambda: len(place.heard) == 2)
    assert place.heard == [b"sound", "grüß"]
    writer.close()
    await until(lambda: place.gone == 1)
    assert place.sockets[0].close_code == 1006


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (frame(1, b"\xff"), 1007),
        (frame(0, b"of nothing"), 1002),
        (frame(1, b"a", fin=False) + frame(1, b"b"), 1002),
        (frame(2, b"a", fin=False) + frame(2, b"b"), 1002),
        (frame(2, b"x", mask=False), 1002),
        (frame(2, b"x", rsv=4), 1002),
        (frame(3, b"x"), 1002),
        (frame(9, b"x", fin=False), 1002),
        (frame(8, b"\x00"), 1002),
        (frame(8, struct.pack(">H", 1006)), 1002),
        (frame(2, bytes(wire.MAX_FRAME_BYTES // 2), fin=False) * 1 + frame(0, bytes(600_000)), 1009),
    ],
)
async def test_what_no_websocket_says_closes_it(place: Place, wrong: bytes, code: int) -> None:
    reader, writer = await place.open_raw()
    writer.write(frame(1, b"before") + wrong)
    async with asyncio.timeout(10):
        assert await closed_with(reader) == code
    writer.close()
    await until(lambda: place.gone == 1)
    assert [heard for heard in place.heard if heard != "before"] == []


async def test_pings_are_answered_until_nobody_reads(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async with place.connect() as socket:
        await (await socket.ping())
        monkeypatch.setattr(talk_socket_module, "MAX_PONG_UNSENT_BYTES", -1)
        waiting = asyncio.ensure_future(await socket.ping())
        await socket.send("after")
        await until(lambda: place.heard == ["after"])
        assert not waiting.done()


async def test_a_flood_is_taken_a_few_at_a_time(place: Place) -> None:
    _, writer = await place.open_raw()
    writer.write(frame(1, b"x") * 2000)
    await until(lambda: len(place.heard) == 2000)
    assert max(place.turns) <= BREATH
    writer.write(frame(8, struct.pack(">H", 1000)))
    await until(lambda: place.gone == 1)
    writer.close()


@pytest.mark.parametrize("kind", [1, 2])
async def test_messages_that_take_long_are_taken_one_at_a_time(place: Place, kind: int) -> None:
    _, writer = await place.open_raw()
    await until(lambda: bool(place.sockets))
    now = iter(range(1_000_000))
    place.sockets[0]._clock = lambda: float(next(now))  # a second from one look to the next
    writer.write(frame(kind, b"x") * 200)
    await until(lambda: len(place.heard) == 200)
    assert max(place.turns) == 1
    writer.close()


async def test_what_came_while_we_were_busy_is_kept_and_the_end_comes_after_it(place: Place) -> None:
    reader, writer = await place.open_raw()
    await until(lambda: bool(place.sockets))
    writer.write(b"".join(frame(1, b"%d" % index) for index in range(100)) + frame(8, struct.pack(">H", 1000)))
    await until(lambda: bool(place.heard))
    place.sockets[0].pause()
    taken = len(place.heard)
    async with asyncio.timeout(10):
        assert await closed_with(reader) == 1000
    assert (len(place.heard), place.gone) == (taken, 0)
    place.sockets[0].resume()
    await until(lambda: place.gone == 1)
    assert place.heard == [str(index) for index in range(100)]
    writer.close()


async def test_who_does_not_read_is_seen_by_what_is_unsent_and_is_left_in_time(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk_socket_module, "LEAVE_WITHIN_S", 0.0)
    _, writer = await place.open_raw()
    transport = writer.transport
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()
    socket = place.sockets[0]
    for _ in range(200):
        socket.send(bytes(100_000))
    assert socket.unsent > 1_000_000
    await socket.close(wire.CloseCode.SLOW_PEER, "slow_peer")
    await until(lambda: place.gone == 1)
    writer.close()


async def test_a_peer_that_vanishes_is_gone(place: Place) -> None:
    _, writer = await place.open_raw()
    await until(lambda: bool(place.sockets))
    writer.transport.abort()
    await until(lambda: place.gone == 1)
    assert place.sockets[0].close_code == 1006


async def test_a_server_that_stops_drops_what_is_still_open() -> None:
    async with open_place() as place:
        socket: ClientConnection = await place.connect()
        await until(lambda: bool(place.sockets))
    with pytest.raises(ConnectionClosed):
        await socket.recv()
    await socket.close()

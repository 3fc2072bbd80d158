"""Clients that misbehave below the messages: they neither read nor hang up, flood, and break the framing."""

from __future__ import annotations

import asyncio
import json
import os
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from vivavoce.local.front import connection as front
from vivavoce.local.front.connection import Door, FrontConnection
from vivavoce.local.front.ports import MAX_FRAME_BYTES
from vivavoce.local.server import PATH, Server

from ..dialling import SETUP, dial, greet, receive, serving

pytestmark = pytest.mark.slow

UPGRADE = (
    f"GET {PATH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode()


class Rude:
    """A client of which only the bytes are known."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: FrontConnection) -> None:
        self.reader = reader
        self.writer = writer
        self.peer = peer
        """The server's side."""

    def send(self, data: bytes, opcode: Opcode = Opcode.BINARY, *, mask: bool = True) -> None:
        self.writer.write(Frame(opcode, data).serialize(mask=mask))

    def message(self, **tree: Any) -> None:
        self.send(json.dumps(tree).encode())

    def deaf(self) -> None:
        """Read nothing more."""
        transport: Any = self.writer.transport
        transport.pause_reading()

    async def stop_reading(self) -> None:
        """Read nothing more, and have so much said that the server's writing stands still."""
        self.deaf()
        self.message(realtimeInput={"text": "hello " * 3000})
        async with asyncio.timeout(10):
            while not self.peer.paused:  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(0)


@asynccontextmanager
async def rude(server: Server) -> AsyncIterator[Rude]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    known = set(server._live)
    writer.write(UPGRADE)
    await reader.readuntil(b"\r\n\r\n")
    async with asyncio.timeout(10):
        while not (come := set(server._live) - known):  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0)
    client = Rude(reader, writer, come.pop())
    client.message(setup=SETUP)
    head = await reader.readexactly(2)
    assert b"setupComplete" in await reader.readexactly(head[1])
    try:
        yield client
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def gone(server: Server) -> None:
    async with asyncio.timeout(10):
        while server.sessions:  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "CLOSE_WITHIN_S", 0.05)


@pytest.mark.conformance("S56")
async def test_a_stop_does_not_wait_for_a_client_that_does_not_read() -> None:
    async with AsyncExitStack() as clients, asyncio.timeout(10), serving() as server:
        client = await clients.enter_async_context(rude(server))  # it stays for longer than the server
        await client.stop_reading()


@pytest.mark.conformance("S56")
@pytest.mark.parametrize(
    ("opcode", "data", "mask"),
    [
        (Opcode.CLOSE, struct.pack("!H", 1000), True),
        (Opcode.CLOSE, struct.pack("!H", 1005), True),
        (Opcode.CLOSE, b"\x03\xe8\xff", True),
        (Opcode.BINARY, b"{}", False),
        (Opcode.CONT, b"{}", True),
        (Opcode.BINARY, bytes(MAX_FRAME_BYTES + 1), True),
    ],
    ids=["close", "close 1005", "close not utf-8", "no mask", "no beginning", "too large"],
)
@pytest.mark.parametrize("reads", [True, False])
async def test_a_session_ends_though_its_peer_keeps_the_connection(
    opcode: Opcode, data: bytes, mask: bool, reads: bool
) -> None:
    """Or its place and its handles would be taken for as long as the peer likes."""
    async with serving() as server, rude(server) as client:
        if not reads:
            await client.stop_reading()
        client.send(data, opcode, mask=mask)
        await gone(server)


@pytest.mark.conformance("S51")
async def test_a_goodbye_frees_the_session_though_tcp_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client's next connection may overtake its end of the last one: it says goodbye, and resumes."""
    monkeypatch.setattr(front, "CLOSE_WITHIN_S", 3600)
    async with serving() as server, rude(server) as client:
        client.send(struct.pack("!H", 1000), Opcode.CLOSE)
        await gone(server)
        assert await client.reader.readuntil(struct.pack("!H", 1000)), "the goodbye is answered"


async def test_half_a_hang_up_is_one() -> None:
    async with serving() as server, rude(server) as client:
        await client.stop_reading()
        client.writer.write_eof()
        client.peer.transport.resume_reading()
        await gone(server)


@pytest.mark.conformance("S56")
async def test_pings_of_a_client_that_does_not_read_take_no_memory() -> None:
    async with serving() as server, rude(server) as client:
        client.deaf()
        flood = Frame(Opcode.PING, bytes(125)).serialize(mask=True) * 8000
        for _ in range(20):
            client.writer.write(flood)
            await client.writer.drain()
        assert client.peer.transport.get_write_buffer_size() < 1_000_000


async def test_a_client_that_is_not_served_is_not_read() -> None:
    """What waits for a session is bounded in bytes, not only in messages."""
    async with serving() as server, rude(server) as client:
        await client.stop_reading()
        for _ in range(20):
            client.message(realtimeInput={"text": "x" * 1_000_000})
        async with asyncio.timeout(10):
            while not client.peer.recv_messages.paused:  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(0)
        assert sum(len(frame.data) for frame in client.peer.recv_messages.frames.queue) < 3_000_000


async def test_the_end_is_told_to_all_though_one_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vivavoce.local.server.TELL_WITHIN_S", 0.05)
    async with serving() as server, rude(server) as client, dial(server.port) as other:
        await greet(other)
        await client.stop_reading()
        async with asyncio.timeout(10):
            await server.go_away(7)
        assert (await receive(other)).go_away is not None


async def test_who_comes_to_a_shut_door_is_cut_off() -> None:
    class Comer:
        def __init__(self) -> None:
            self.transport = self
            self.cut = False

        def abort(self) -> None:
            self.cut = True

    door, before, after = Door(), Comer(), Comer()
    for comer in (before, after):
        door.enter(comer)  # type: ignore[arg-type]  # all a door needs
        assert comer.cut == (comer is after)
        door.shut()
        assert comer.cut


async def test_held_back_pongs_are_bounded() -> None:
    async with serving() as server, rude(server) as client:
        client.peer.delay_pongs(3600)
        for _ in range(1000):
            client.send(os.urandom(8), Opcode.PING)
        client.send(struct.pack("!H", 1000), Opcode.CLOSE)
        await gone(server)
        assert client.peer._late_pongs == front.MOST_PONGS

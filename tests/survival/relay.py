"""A line that fails: a relay of TCP between a caller and a gateway."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from vivavoce.local.faults.network import Latency, Loss, Way
from vivavoce.local.tempo import LoopClock

PIECE = 16_384


class Relay:
    """Everything that goes through `port` comes out at another, as long as the line is well."""

    def __init__(self, to: int, faults: tuple[Latency | Loss, ...]) -> None:
        self._to = to
        self._faults = faults
        self._chance = random.Random(1)
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def freeze(self) -> None:
        """From now on nothing moves, and nobody is told: the line is half open."""
        self._flows.clear()

    def cut(self) -> None:
        """Both ends get a reset."""
        for writer in self._writers:
            raw = writer.get_extra_info("socket")
            with suppress(OSError):  # it is gone already
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self._writers.clear()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers += [writer, there_writer]
        for source, sink in ((reader, there_writer), (there_reader, writer)):
            self._spawn(self._pump(source, sink))

    def _spawn(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]  # a coroutine
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        async def deliver(data: bytes) -> None:
            await self._flows.wait()
            sink.write(data)
            await sink.drain()

        way = Way(LoopClock(), self._chance, deliver)
        for fault in self._faults:
            way.arm(fault)
        carrying = asyncio.create_task(way.run())
        try:
            while data := await source.read(PIECE):
                await self._flows.wait()
                await way.send(data, len(data))
            await way.empty()
        except OSError:
            pass  # the other end learns of it
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)
            sink.close()

    async def close(self) -> None:
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def relay(to: int, *faults: Latency | Loss) -> AsyncIterator[Relay]:
    made = Relay(to, faults)
    server = await asyncio.start_server(made._meet, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.close()

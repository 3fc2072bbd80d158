"""Gateways in processes of their own behind a small balancer, one database, and callers who come back."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from vivavoce.app.api.tickets import TALK
from vivavoce.wire import caller as wire

READY_WITHIN_S = 60.0
FRAME_SAMPLES = 512
STEP_S = FRAME_SAMPLES / wire.CALLER_HZ


class Gateway:
    """A server of the house in another process."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, said: list[str], reading: asyncio.Task[None]):
        self.process = process
        self.port = port
        self.said = said
        self._reading = reading

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def gone(self) -> int:
        async with asyncio.timeout(60):
            code = await self.process.wait()
            await self._reading
            return code

    async def book(self) -> tuple[str, str]:
        """A call with the founder agent: its id and its ticket."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            booked = (await http.post("/api/v1/calls", json={"agent": "founder"})).raise_for_status().json()
        return booked["call"], booked["ticket"]


@asynccontextmanager
async def gateway(folder: Path, agents: Path, **settings: str) -> AsyncIterator[Gateway]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VIVA_")}
    own = {
        "VIVA_DATA_DIR": str(folder),
        "VIVA_WORKERS": "0",
        "VIVA_CALLS_PER_ADDRESS": "0",
        "VIVA_VISITOR_BOOKINGS_PER_MINUTE": "0",
        "VIVA_REQUESTS_PER_S": "0",
        "VIVA_LOG_FORMAT": "json",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vivavoce", "serve", "--port", "0", "--agents", str(agents),
        env=clean | own | {f"VIVA_{name.upper()}": value for name, value in settings.items()},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said: list[str] = []
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def read() -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            said.append(line.decode().rstrip())
            if (told := re.search(r"listening on http://[^:]+:(\d+)", said[-1])) is not None and not port.done():
                port.set_result(int(told[1]))
        if not port.done():
            port.set_exception(AssertionError("\n".join(said[-20:])))

    reading = asyncio.create_task(read())
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            yield_port = await port
        yield Gateway(process, yield_port, said, reading)
    finally:
        for number in (signal.SIGCONT, signal.SIGKILL):
            with suppress(ProcessLookupError):
                process.send_signal(number)
        await process.wait()
        await reading


class Balancer:
    """Every connection goes to the first gateway of the list that takes it."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Balancer]:
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for writer in self._writers:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for port in self.ports:
            try:
                upstream = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue
            self._writers += [writer, upstream[1]]
            self._own(_pump(reader, upstream[1]))
            self._own(_pump(upstream[0], writer))
            return
        writer.close()

    def _own(self, pump: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(pump)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


class Caller:
    """A caller by voice whose microphone is quiet, who hears replies in real time and comes back whenever the socket is
    lost.

    Attributes:
        call: the id of the call, as the welcome says.
        arrived: (moment, reply, position) of every frame of a reply.
        closes: (moment, code) of every socket that ended.
        welcomes: (moment, welcome).
    """

    def __init__(self, port: int, ticket: str) -> None:
        self._url = f"ws://127.0.0.1:{port}{TALK}"
        self._ticket = ticket
        self.arrived: list[tuple[float, int, int]] = []
        self.closes: list[tuple[float, int]] = []
        self.welcomes: list[tuple[float, wire.Welcome]] = []
        self.messages: list[wire.GatewayMessage] = []
        self.ended: wire.Ended | None = None
        self.stay = False
        """Keep to a socket that is dead, as a machine does that has not noticed."""
        self._queued: dict[int, int] = {}  # by reply: samples that came
        self._cut = 0
        self.heard: dict[int, int] = {}
        """By reply: samples that were heard."""
        self._socket: ClientConnection | None = None
        self._began = time.monotonic()
        self._sent = 0
        self._task = asyncio.create_task(self._run())

    @property
    def call(self) -> str:
        return self.welcomes[-1][1].call

    @property
    def hears(self) -> int:
        """The reply that is being heard, 0 for none."""
        for reply, samples in sorted(self._queued.items()):
            if reply > self._cut and self.heard.get(reply, 0) < samples:
                return reply
        return 0

    async def say(self, message: wire.CallerMessage) -> None:
        """Over the present socket, once they are welcomed."""
        await until(lambda: self._socket is not None)
        assert self._socket is not None
        await self._socket.send(wire.encode(message))

    async def drop(self) -> None:
        """Their own line is gone."""
        assert self._socket is not None
        self._socket.transport.abort()

    async def done(self) -> None:
        async with asyncio.timeout(30):
            await self._task

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        ticket = self._ticket
        while self.ended is None:
            try:
                offered = [Subprotocol(wire.SUBPROTOCOL), Subprotocol(wire.TICKET_PREFIX + ticket)]
                async with connect(self._url, subprotocols=offered, compression=None, max_size=2**22) as socket:
                    await self._talk(socket)
            except (OSError, InvalidHandshake, ConnectionClosed):
                await asyncio.sleep(0.05)
            if self.welcomes:
                ticket = self.welcomes[-1][1].resume

    async def _talk(self, socket: ClientConnection) -> None:
        reply = max(self.heard, default=0)
        await socket.send(wire.encode(wire.Hello(reply=reply, samples=self.heard.get(reply, 0))))
        playing = asyncio.create_task(self._play(socket))
        try:
            async for data in socket:
                self._take(data)
        except ConnectionClosed:
            pass
        finally:
            self._socket = None
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            self.closes.append((time.monotonic(), socket.close_code or 1006))

    def _take(self, data: str | bytes) -> None:
        now = time.monotonic()
        if isinstance(data, bytes):
            frame = wire.decode_frame(data)
            if frame.reply > self._cut:
                self.arrived.append((now, frame.reply, frame.position))
                self._queued[frame.reply] = frame.position + len(frame.pcm) // 2
            return
        message = wire.decode_gateway(data)
        self.messages.append(message)
        match message:
            case wire.Welcome():
                self.welcomes.append((now, message))
            case wire.Cut(reply=reply):
                self._cut = max(self._cut, reply)
            case wire.Ended():
                self.ended = message

    async def _play(self, socket: ClientConnection) -> None:
        """Once welcomed: a frame of the microphone each 32 ms, and what was heard in that time."""
        came = len(self.welcomes)
        while True:
            await asyncio.sleep(STEP_S)
            if len(self.welcomes) == came:
                continue
            self._socket = socket
            at = int((time.monotonic() - self._began) * wire.CALLER_HZ) // FRAME_SAMPLES * FRAME_SAMPLES
            pcm = bytes(2 * FRAME_SAMPLES)
            while self._sent < at:
                if at - self._sent < wire.CALLER_HZ:  # what is older was said to nobody
                    await socket.send(wire.encode_frame(wire.Frame(wire.FrameKind.MIC, 0, 0, self._sent, pcm)))
                self._sent += FRAME_SAMPLES
            if reply := self.hears:
                step = round(STEP_S * wire.REPLY_HZ)
                self.heard[reply] = min(self._queued[reply], self.heard.get(reply, 0) + step)
                await socket.send(wire.encode(wire.Played(reply=reply, samples=self.heard[reply], at=at)))


class BreathyMouth:
    """A rustle of so many milliseconds a character, as long as speech is: neither silent nor a tone."""

    def __init__(self, ms: int) -> None:
        self._samples = 24 * ms
        self._noise = np.random.default_rng(7)

    async def speak(self, text: str, voice: str) -> AsyncIterator[bytes]:
        for number, _ in enumerate(text):
            await asyncio.sleep(0)
            loud = 400 + 4000 * (number % 3)
            yield self._noise.integers(-loud, loud, self._samples, dtype=np.int16).tobytes()


async def until(condition: Callable[[], object], within_s: float = 30.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  # nothing to wait on: it is about other processes
            await asyncio.sleep(0.01)

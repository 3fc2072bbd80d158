"""A gateway that does as the test says, and a clock that the test turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from vivavoce.audio.pcm import Pcm16
from vivavoce.guests.client import FRAME_S, CallerClient, Outcome
from vivavoce.guests.observer import CallEvent
from vivavoce.wire import caller as wire


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until the condition holds; five seconds without it are a failure."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the condition is anything at all
            await asyncio.sleep(0)


class TurnedClock:
    """Stands still until the test turns it."""

    def __init__(self) -> None:
        self.at_s = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self.at_s

    async def sleep_until(self, at_s: float) -> None:
        if at_s > self.at_s:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._sleepers.append((at_s, waiting))
            await waiting

    def turn_to(self, at_s: float) -> None:
        self.at_s = at_s
        for due, waiting in self._sleepers:
            if due <= at_s + 1e-9 and not waiting.done():
                waiting.set_result(None)
        self._sleepers = [(due, waiting) for due, waiting in self._sleepers if not waiting.done()]

    @property
    def asleep(self) -> bool:
        return any(not waiting.done() for _, waiting in self._sleepers)


class ToneVoice:
    """A tenth of a second of tone per word."""

    def __init__(self) -> None:
        self.spoken: list[str] = []

    async def speak(self, text: str) -> Pcm16:
        self.spoken.append(text)
        samples = np.arange(1_600 * len(text.split()))
        tone: Pcm16 = np.rint(3_700 * np.sin(samples * 2 * np.pi * 220 / 16_000)).astype(np.int16)
        return tone


class Watcher:
    def __init__(self) -> None:
        self.events: list[CallEvent] = []

    def on_event(self, event: CallEvent, at_s: float) -> None:
        self.events.append(event)


@dataclass
class Gateway:
    """The server's side of one call."""

    port: int = 0
    offered: list[str] = field(default_factory=list)
    frames: list[wire.Frame] = field(default_factory=list)
    messages: list[wire.CallerMessage] = field(default_factory=list)
    socket: ServerConnection | None = None
    accept: bool = True
    gone: bool = False

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/call"

    async def handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.offered = [part.strip() for part in socket.request.headers["Sec-WebSocket-Protocol"].split(",")]
        self.socket = socket
        if not self.accept:
            await socket.close(wire.CloseCode.NOT_AUTHORISED, "ticket unknown")
            return
        try:
            async for data in socket:
                if isinstance(data, bytes):
                    self.frames.append(wire.decode_frame(data))
                else:
                    self.messages.append(wire.decode_caller(data))
        except ConnectionClosed:
            pass
        finally:
            self.gone = True

    def of(self, kind: type) -> list[wire.CallerMessage]:
        return [message for message in self.messages if isinstance(message, kind)]


@asynccontextmanager
async def gateway(*, accept: bool = True) -> AsyncIterator[Gateway]:
    made = Gateway(accept=accept)
    async with serve(
        made.handle, "127.0.0.1", 0, subprotocols=[Subprotocol(wire.SUBPROTOCOL)], compression=None
    ) as server:
        made.port = next(iter(server.sockets)).getsockname()[1]
        yield made


@dataclass
class Call:
    """A client and its gateway in lock-step: a frame leaves only when the test turns the clock."""

    gateway: Gateway
    client: CallerClient
    clock: TurnedClock
    task: asyncio.Task[Outcome]

    async def ready(self) -> None:
        await until(lambda: self.task.done() or (self.clock.asleep and bool(self.gateway.messages)))

    async def tick(self, frames: int = 1) -> None:
        for _ in range(frames):
            if self.task.done():
                return
            self.clock.turn_to(self.clock.at_s + FRAME_S)
            await until(lambda: self.task.done() or self.clock.asleep)
            await until(lambda: self.gateway.gone or len(self.gateway.frames) == self.client.counters.frames_sent)

    async def tick_until(self, condition: Callable[[], bool], *, at_most_s: float = 30.0) -> None:
        end = self.clock.at_s + at_most_s
        while not condition():
            assert self.clock.at_s < end, f"nothing after {at_most_s} s of call time"
            await self.tick()

    async def send(self, *messages: wire.GatewayMessage | wire.Frame | str | bytes) -> None:
        assert self.gateway.socket is not None
        wanted = self.client.counters.messages + len(messages)
        for message in messages:
            if isinstance(message, wire.Frame):
                await self.gateway.socket.send(wire.encode_frame(message))
            else:
                await self.gateway.socket.send(message if isinstance(message, str | bytes) else wire.encode(message))
        await until(lambda: self.task.done() or self.client.counters.messages >= wanted)

    async def reply(self, number: int, turn: int, text: str, *, samples: int = 768, who: str = "alex") -> None:
        """A whole reply of the agent, as a gateway sends it; final words come when it has been heard."""
        frames = [reply_frame(number, at, min(4_800, samples - at)) for at in range(0, samples, 4_800)]
        await self.send(wire.Floor(turn="agent", holder=who), wire.Caption(who=who, turn=turn, text=text), *frames)
        await self.send(wire.ReplyDone(reply=number, samples=samples))

    async def heard(self, turn: int, text: str, *, who: str = "alex") -> None:
        await self.send(wire.Caption(who=who, turn=turn, text=text, final=True), wire.Floor(turn="open"))


def reply_frame(number: int, position: int, samples: int, *, value: int = 1_000) -> wire.Frame:
    return wire.Frame(wire.FrameKind.REPLY, 1, number, position, np.full(samples, value, np.int16).tobytes())


@asynccontextmanager
async def in_call(at: Gateway, client: CallerClient, clock: TurnedClock) -> AsyncIterator[Call]:
    task = asyncio.create_task(client.run())
    call = Call(at, client, clock, task)
    try:
        await call.ready()
        yield call
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

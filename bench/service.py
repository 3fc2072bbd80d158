"""A live service that keeps books and breaks on purpose, and a caller whose every frame can be told from the others.

The service is small and ours: what a session has heard is a set of frames, a handle is a copy of it, and an answer
shows what was in it. So what was lost is counted where it would have been heard, not where it was sent.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any

import msgspec
import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES
from vivavoce.guests.load import quiet_room
from vivavoce.wire import caller as wire

FRAME_S = FRAME_SAMPLES / CALLER_HZ
LEAST, STEP = 2_000, 40
"""Level of the first frame of speech, and how much louder each is than the one before."""
PAUSE_S = 1.0
"""Silence after which the service answers."""
REPLY = (np.random.default_rng(1).standard_normal(7_200) * 3000).astype("<i2").tobytes()
ROOM_S = 1.0


def frame_of_speech(number: int) -> bytes:
    level = LEAST + STEP * number
    return np.where(np.arange(FRAME_SAMPLES) % 2, -level, level).astype("<i2").tobytes()


def frames_in(pcm: bytes) -> set[int]:
    """Numbers of the frames of speech that some of this is of."""
    levels = np.unique(np.abs(np.frombuffer(pcm, "<i2").astype(int)))
    return {(int(level) - LEAST) // STEP for level in levels if level >= LEAST and not (level - LEAST) % STEP}


class Line:
    """One connection of the service, and what its session has heard."""

    def __init__(self, number: int, socket: ServerConnection, heard: set[int], *, resumed: bool) -> None:
        self.number = number
        self.socket = socket
        self.heard = heard
        self.resumed = resumed
        self.ready_at = time.monotonic()
        self.speaking = False
        self.quiet = 0

    async def send(self, **message: Any) -> None:
        with suppress(ConnectionClosed):
            await self.socket.send(msgspec.json.encode(message))

    def drop(self) -> None:
        self.socket.transport.abort()


Fault = Callable[["Service", Line], Awaitable[None]]


class Service:
    """
    Args:
        on_heard: is called with each message of the caller's sound.
        on_ready: is called when a connection is set up.
    """

    def __init__(self, on_heard: Fault | None = None, on_ready: Fault | None = None, *, down: bool = False) -> None:
        self._on_heard = on_heard
        self._on_ready = on_ready
        self._handles: dict[str, frozenset[int]] = {}
        self.down = down
        self.dead_handles = False
        self.dials = 0
        self.broken_at = 0.0
        self.lines: list[Line] = []
        self.answered: set[int] = set()
        """Frames that the sessions which answered had heard."""
        self.answers = 0
        self.tool_answers: list[str] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        async with serve(self._meet, "127.0.0.1", 0, process_request=self._screen, close_timeout=0.2) as server:
            yield next(iter(server.sockets)).getsockname()[1]

    def _screen(self, connection: ServerConnection, request: Request) -> Response | None:
        self.dials += 1
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "down\n") if self.down else None

    async def _meet(self, socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            setup = msgspec.json.decode(await socket.recv())["setup"]
            handle = (setup.get("sessionResumption") or {}).get("handle") or ""
            if handle and self.dead_handles:
                await socket.close(1008, "Requested entity was not found.")
                return
            line = Line(self.dials, socket, set(self._handles.get(handle, frozenset())), resumed=bool(handle))
            self.lines.append(line)
            await line.send(setupComplete={})
            if self._on_ready is not None:
                await self._on_ready(self, line)
            async for data in socket:
                await self._read(line, msgspec.json.decode(data))

    async def _read(self, line: Line, message: dict[str, Any]) -> None:
        for answer in (message.get("toolResponse") or {}).get("functionResponses", ()):
            self.tool_answers.append(answer["id"])
        told = message.get("realtimeInput") or {}
        if "text" in told or "clientContent" in message:
            await self._speak(line)
        sound = told.get("audio")
        if sound is None:
            return
        pcm = base64.b64decode(sound["data"])
        if heard := frames_in(pcm):
            line.heard |= heard
            line.speaking, line.quiet = True, 0
        else:
            line.quiet += len(pcm) // 2
        if self._on_heard is not None:
            await self._on_heard(self, line)
        if line.speaking and line.quiet > PAUSE_S * CALLER_HZ:
            line.speaking = False
            self.answered |= line.heard
            self.answers += 1
            await self._speak(line)

    async def _speak(self, line: Line) -> None:
        part = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": base64.b64encode(REPLY).decode()}}
        await line.send(serverContent={"modelTurn": {"parts": [part]}, "outputTranscription": {"text": "I see."}})
        await line.send(serverContent={"generationComplete": True})
        await line.send(serverContent={"turnComplete": True})
        handle = f"h{len(self._handles)}"
        self._handles[handle] = frozenset(line.heard)
        await line.send(sessionResumptionUpdate={"newHandle": handle, "resumable": True})


class Talker:
    """A caller who listens, and then speaks in real time."""

    def __init__(self) -> None:
        self.notices: list[tuple[float, str]] = []
        self.heard_samples = 0
        self.ended = ""
        self._position = 0
        self._changed = asyncio.Event()
        self._began_at = time.monotonic()
        self._microphone_at = time.monotonic()

    @asynccontextmanager
    async def talking(self, url: str, ticket: str) -> AsyncIterator[Talker]:
        offered = [Subprotocol(wire.SUBPROTOCOL), Subprotocol(wire.TICKET_PREFIX + ticket)]
        async with connect(url, subprotocols=offered, compression=None, max_size=2**22, close_timeout=0.2) as socket:
            await socket.send(wire.encode(wire.Hello(echo_cancelled=True, pace="casual")))
            receiving = asyncio.create_task(self._receive(socket))
            self._socket = socket
            self._began_at = self._microphone_at = time.monotonic()
            try:
                yield self
                await socket.send(wire.encode(wire.Leave()))
            except ConnectionClosed:
                pass
            finally:
                receiving.cancel()
                await asyncio.gather(receiving, return_exceptions=True)

    async def _receive(self, socket: ClientConnection) -> None:
        async for data in socket:
            if isinstance(data, bytes):
                frame = wire.decode_frame(data)
                samples = len(frame.pcm) // 2
                self.heard_samples += samples
                played = wire.Played(reply=frame.reply, samples=frame.position + samples, at=self._position)
                await socket.send(wire.encode(played))
            else:
                match wire.decode_gateway(data):
                    case wire.Notice(code=code):
                        self.notices.append((time.monotonic() - self._began_at, code))
                    case wire.Ended(reason=reason):
                        self.ended = reason
                    case wire.Welcome(consent="ask"):
                        await socket.send(wire.encode(wire.Consent(decision="refused")))
            self._changed.set()

    async def listen(self, seconds: float) -> None:
        """The room, for so long."""
        room = quiet_room()
        for _ in range(round(seconds / FRAME_S)):
            await self._frame(room)

    async def speak(self, frames: int) -> None:
        for number in range(frames):
            await self._frame(frame_of_speech(number))

    async def _frame(self, pcm: bytes) -> None:
        self._position += FRAME_SAMPLES
        due = self._microphone_at + self._position / CALLER_HZ
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if self.ended:
            return
        at = self._position - FRAME_SAMPLES
        await self._socket.send(wire.encode_frame(wire.Frame(wire.FrameKind.MIC, 0, 0, at, pcm)))

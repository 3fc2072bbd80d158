"""A caller's machine that keeps books: what it said, what it was told, what it heard; it plays everything at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, TypeVar

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from vivavoce.app.api.tickets import TALK
from vivavoce.guests.load import quiet_room
from vivavoce.wire import caller as wire

WITHIN_S = 8.0
"""Longer than any answer takes under the short waits of these tests, on a machine that is busy."""
FRAME_SAMPLES = 512
FRAME_S = 0.032
SPEECH_FRAMES, PAUSE_FRAMES = 20, 40
"""0.64 s of speech, and 1.3 s in which it is noticed that it is over."""
ROOM_FRAMES = 32
"""A second of the room, so that the gate knows it before anybody speaks."""
QUIETEST = 3000
"""Level of the first utterance; each is a little louder, so that the model's ears can tell them apart."""
T = TypeVar("T", bound=wire.GatewayMessage)


def utterance(number: int) -> bytes:
    """A frame of the speech of an utterance."""
    level = QUIETEST + 100 * number
    return np.where(np.arange(FRAME_SAMPLES) % 2, -level, level).astype("<i2").tobytes()


def samples_heard(pcm: bytes, number: int) -> int:
    """How many samples of an utterance are in what a model heard."""
    return int(np.count_nonzero(np.abs(np.frombuffer(pcm, "<i2").astype(int)) == QUIETEST + 100 * number))


class Caller:
    """One caller, over one socket after the other.

    Attributes:
        messages: all that came, over all sockets.
        wrong: what no gateway may do: sound of a reply that was cut, sound twice, a hole in it.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: ClientConnection | None = None
        self._receiving: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._cut = 0
        self._resume = ""
        self._newest = (0, 0)
        self.messages: list[wire.GatewayMessage] = []
        self.heard: dict[int, int] = {}
        self.wrong: list[str] = []
        self.said = 0
        self.position = 0
        self.plays = True
        """Whether what comes is played, and told."""
        self.closed_with: int | None = None

    # ------------------------------------------------------------------------------------------- sockets

    async def arrive(self, ticket: str, *, mode: Literal["voice", "text"] = "voice") -> None:
        await self._open(ticket, wire.Hello(mode=mode, echo_cancelled=True, pace="casual"))
        (welcome,) = await self.until(wire.Welcome)
        if welcome.consent == "ask":
            await self.send(wire.Consent(decision="given"))
        if mode == "voice":
            for _ in range(ROOM_FRAMES):
                await self._frame(quiet_room())

    async def come_back(self, *, port: int | None = None) -> None:
        """Over another socket, as the browser does it."""
        self._port = port or self._port
        assert self._receiving is not None, "it has arrived"
        self._receiving.cancel()  # what the old one still brings is nobody's
        await asyncio.gather(self._receiving, return_exceptions=True)
        reply, samples = self._newest
        self.heard = {reply: samples} if reply else {}  # what was not played is lost with the page's line
        before = len(self.of(wire.Welcome))
        await self._open(self._resume, wire.Hello(mode="voice", echo_cancelled=True, reply=reply, samples=samples))
        await self.until(wire.Welcome, more_than=before)

    async def _open(self, ticket: str, hello: wire.Hello) -> None:
        offered = [Subprotocol(wire.SUBPROTOCOL), Subprotocol(wire.TICKET_PREFIX + ticket)]
        url = f"ws://127.0.0.1:{self._port}{TALK}"
        self._socket = await connect(url, subprotocols=offered, compression=None, max_size=2**22, close_timeout=0.2)
        self._receiving = asyncio.create_task(self._receive(self._socket))
        await self.send(hello)

    async def drop(self) -> None:
        """The line is gone, without a close frame."""
        assert self._socket is not None, "it has arrived"
        self._socket.transport.abort()
        await self.gone()

    async def gone(self) -> None:
        """Nothing more comes over the present socket."""
        assert self._receiving is not None, "it has arrived"
        async with asyncio.timeout(WITHIN_S):
            await self._receiving

    async def close(self) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
            await asyncio.gather(self._receiving, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()

    async def send(self, message: wire.CallerMessage) -> None:
        assert self._socket is not None, "it has arrived"
        await self._socket.send(wire.encode(message))

    async def _receive(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                if isinstance(data, bytes):
                    await self._hear(wire.decode_frame(data))
                else:
                    self._read(wire.decode_gateway(data))
                self._changed.set()
        except ConnectionClosed:
            pass  # the code stays with the socket
        self.closed_with = socket.close_code
        self._changed.set()

    def _read(self, message: wire.GatewayMessage) -> None:
        self.messages.append(message)
        match message:
            case wire.Welcome(resume=resume):
                self._resume = resume
            case wire.Cut(reply=reply):
                self._cut = max(self._cut, reply)
            case _:
                pass

    async def _hear(self, frame: wire.Frame) -> None:
        samples = len(frame.pcm) // 2
        if frame.reply <= self._cut:
            self.wrong.append(f"sound of reply {frame.reply}, which was cut")
        wanted = self.heard.get(frame.reply, 0)
        if frame.position != wanted:
            self.wrong.append(f"reply {frame.reply}: want sample {wanted} next, got {frame.position}")
        self.heard[frame.reply] = frame.position + samples
        if self.plays:
            await self.play()

    async def play(self) -> None:
        """Play all that is there, and tell."""
        for reply, samples in self.heard.items():
            if (reply, samples) > self._newest and reply > self._cut:
                self._newest = (reply, samples)
                await self.send(wire.Played(reply=reply, samples=samples, at=self.position))

    # ------------------------------------------------------------------------------------------- what it does

    async def speak(self, frames: int = SPEECH_FRAMES, *, pause: int = PAUSE_FRAMES, in_real_time: bool = False) -> int:
        """Say something; its number. Who interrupts does it in real time: how long it takes decides what it is."""
        self.said += 1
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        for index in range(frames):
            if in_real_time:
                await asyncio.sleep(began_at + index * FRAME_S - loop.time())
            await self._frame(utterance(self.said))
        for _ in range(pause):
            await self._frame(bytes(2 * FRAME_SAMPLES))
        return self.said

    async def _frame(self, pcm: bytes) -> None:
        assert self._socket is not None, "it has arrived"
        frame = wire.Frame(wire.FrameKind.MIC, 0, 0, self.position, pcm)
        self.position += FRAME_SAMPLES
        await self._socket.send(wire.encode_frame(frame))

    # ------------------------------------------------------------------------------------------- what it got

    def of(self, kind: type[T]) -> list[T]:
        return [message for message in self.messages if isinstance(message, kind)]

    @property
    def told(self) -> list[str]:
        """Codes of notices, in their order."""
        return [notice.code for notice in self.of(wire.Notice)]

    @property
    def ended(self) -> wire.Ended | None:
        return next(iter(self.of(wire.Ended)), None)

    @property
    def agent_words(self) -> int:
        """Turns of the agent whose words are complete."""
        return len({caption.turn for caption in self.of(wire.Caption) if caption.final and caption.who != "caller"})

    @property
    def is_quiet(self) -> bool:
        """Whether nobody has the floor."""
        floors = self.of(wire.Floor)
        return bool(floors) and floors[-1].turn == "open"

    async def until(self, kind: type[T], *, more_than: int = 0) -> list[T]:
        await self.when(lambda: len(self.of(kind)) > more_than, f"{kind.__name__}, the {more_than + 1}th")
        return self.of(kind)

    async def over(self) -> wire.Ended:
        """Wait for the end."""
        try:
            async with asyncio.timeout(WITHIN_S):
                while self.ended is None:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"want the end, got {self._lately}") from None
        return self.ended

    @property
    def _lately(self) -> str:
        about = (
            (type(message).__name__, getattr(message, "code", getattr(message, "turn", "")))
            for message in self.messages[-25:]
        )
        return f"{' '.join(f'{name}({what})' for name, what in about)}; heard {self.heard}"

    async def when(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds; the call's end is waited for no longer."""
        try:
            async with asyncio.timeout(WITHIN_S):
                while not holds():
                    assert self.ended is None, f"want {what}, got the end: {self.ended}"
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"want {what}, got {self._lately}") from None

"""Stand-ins for ears, mouth, detector, clock and socket: exact, instant, silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal

import numpy as np

from vivavoce.audio.pcm import Pcm16
from vivavoce.local.history import History
from vivavoce.local.minds.acts import Act, Call, Say
from vivavoce.local.parts import PeerGone
from vivavoce.local.tempo import Tempo
from vivavoce.wire.gemini.codec import decode_server
from vivavoce.wire.gemini.messages import FunctionDeclaration, ServerMessage

INSTANT = Tempo(burst_ms=1_000_000_000, until_played=False)


class TurnedClock:
    """Seconds that pass only when the test turns them."""

    def __init__(self) -> None:
        self._now = 0.0
        self._moved = asyncio.Condition()

    def now(self) -> float:
        return self._now

    async def sleep_until(self, at: float) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self._now >= at)

    async def turn(self, seconds: float) -> None:
        async with self._moved:
            self._now += seconds
            self._moved.notify_all()


class LoudDetector:
    """Speech is a frame whose first sample is not zero; one silent frame ends it."""

    def __init__(self, **_: object) -> None:
        self._speaking = False

    def step(self, frame: Pcm16) -> Literal["start", "end"] | None:
        loud = bool(frame[0])
        if loud == self._speaking:
            return None
        self._speaking = loud
        return "start" if loud else "end"


class ScriptedEars:
    """Understands utterances as the script says, one after the other; then nothing."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.utterances: list[bytes] = []

    def utterance(self) -> ScriptedHearing:
        return ScriptedHearing(self)

    async def recognise(self, pcm16k: bytes) -> str:
        self.utterances.append(pcm16k)
        await asyncio.sleep(0)
        return self.texts.pop(0) if self.texts else ""


class ScriptedHearing:
    """An utterance heard along; it comes to its ears as one."""

    def __init__(self, ears: ScriptedEars) -> None:
        self._ears = ears
        self._pcm = b""
        self.lost = False
        self.cancelled = False

    def feed(self, pcm: bytes) -> None:
        self._pcm += pcm

    async def finish(self) -> str:
        return await self._ears.recognise(self._pcm)

    def cancel(self) -> None:
        self.cancelled = True


class ToneMouth:
    """Ten milliseconds of a constant per character, so that a length can be checked; loud enough to be no silence."""

    def __init__(self) -> None:
        self.voices: list[str] = []

    async def speak(self, text: str, voice: str) -> AsyncIterator[bytes]:
        self.voices.append(voice)
        for _ in text:
            await asyncio.sleep(0)
            yield b"\x20\x03" * 240


class ScriptedMind:
    """Answers what the script says to each thing it hears, and remembers what it was asked."""

    def __init__(self, script: dict[str, list[Act]] | None = None) -> None:
        self.script = script or {}
        self.log: list[tuple[str, Any]] = []

    def __call__(
        self, instruction: str, tools: Sequence[FunctionDeclaration], *, saved: bytes | None, seed: int
    ) -> ScriptedMind:
        self.log.append(("born", (instruction, saved)))
        return self

    def hear(self, text: str) -> list[Act]:
        self.log.append(("hear", text))
        return self.script.get(text, [Say(f"You said {text}.")])

    def read(self, text: str) -> list[Act]:
        self.log.append(("read", text))
        return self.script.get(text, [Say(f"You wrote {text}.")])

    def returned(self, call: Call, response: dict[str, Any], *, silent: bool = False) -> list[Act]:
        self.log.append(("returned", (call.name, response, silent)))
        return self.script.get(f"{call.name} returned", [])

    def cut(self, heard_ms: float) -> None:
        self.log.append(("cut", heard_ms))

    def save(self) -> bytes:
        return b"saved"


class MemorySocket:
    """Both ends of a socket in memory: the session's side, and what a test sends and sees."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[bytes | str | None] = asyncio.Queue()
        self.sent: list[ServerMessage] = []
        self.closed: tuple[int, str] | None = None
        self._news = asyncio.Condition()

    async def send(self, data: bytes | str) -> None:
        if self.closed is not None:
            raise PeerGone
        await asyncio.sleep(0)  # as a real socket may: others run in between
        async with self._news:
            self.sent.append(decode_server(data))
            self._news.notify_all()

    async def receive(self) -> bytes | str:
        message = await self._inbox.get()
        if message is None:
            raise PeerGone
        return message

    async def close(self, code: int, reason: str) -> None:
        async with self._news:
            self.closed = self.closed or (code, reason)
            self._inbox.put_nowait(None)
            self._news.notify_all()

    def feed(self, *messages: bytes | str) -> None:
        for message in messages:
            self._inbox.put_nowait(message)

    def leave(self) -> None:
        self._inbox.put_nowait(None)

    async def until(self, wanted: Any, *, within_s: float = 30.0) -> None:
        """Wait until `wanted(socket)` holds."""
        async with asyncio.timeout(within_s), self._news:
            await self._news.wait_for(lambda: wanted(self))


def history(clock: TurnedClock) -> History:
    return History(clock)


def speech(milliseconds: int) -> bytes:
    """Sound the detector takes for speech, PCM16 at 16 kHz."""
    return (np.ones(milliseconds * 16, np.int16) * 1000).tobytes()


def silence(milliseconds: int) -> bytes:
    return bytes(milliseconds * 32)

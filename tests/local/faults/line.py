"""A client's socket in memory, with what a network may do to it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from vivavoce.local.faults.faults import Faults
from vivavoce.local.faults.script import Script
from vivavoce.local.faults.socket import FaultySocket
from vivavoce.local.parts import PeerGone
from vivavoce.local.typed_yaml import parse

from ..fakes import TurnedClock


class MemoryLine:
    """Both ends: what the server sends, and what a test feeds as the client."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.raw: list[bytes | str] = []
        self.ended: tuple[int, str] | str | None = None
        self.pongs: list[float | None] = []
        self.half: bytes | str | None = None
        self.frozen = False
        self._news = asyncio.Condition()

    @property
    def sent(self) -> list[Any]:
        return [json.loads(data) for data in self.raw]

    async def send(self, data: bytes | str) -> None:
        if self.ended is not None:
            raise PeerGone
        async with self._news:
            self.raw.append(data)
            self._news.notify_all()

    async def receive(self) -> bytes | str:
        data = await self._inbox.get()
        if data is None:
            raise PeerGone
        return data

    async def close(self, code: int, reason: str) -> None:
        self._end((code, reason))
        async with self._news:
            self._news.notify_all()

    def reset(self) -> None:
        self._end("reset")

    def delay_pongs(self, delay_s: float | None) -> None:
        self.pongs.append(delay_s)

    def break_off(self, data: bytes | str) -> None:
        self.half = data
        self._end("broken off")

    def freeze(self) -> None:
        self.frozen = True

    def _end(self, how: tuple[int, str] | str) -> None:
        self.ended = self.ended or how
        self._inbox.put_nowait(None)

    def feed(self, **message: Any) -> None:
        self._inbox.put_nowait(json.dumps(message).encode())

    async def until(self, wanted: Any) -> None:
        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(lambda: wanted(self))


def script(text: str) -> Script:
    return parse(text, Script, name="faults.yaml")


class Rig:
    """A server with a fault file; `dial` gives one connection."""

    def __init__(self, text: str) -> None:
        self.clock = TurnedClock()
        self.faults = Faults(script(text), self.clock)

    def dial(self) -> tuple[MemoryLine, FaultySocket]:
        line = MemoryLine()
        number, _ = self.faults.arrived()
        return line, self.faults.on(line, number)


def message(**tree: Any) -> bytes:
    return json.dumps(tree).encode()


def content(**parts: Any) -> bytes:
    return message(serverContent=parts)


def sound(samples: bytes = b"AAAA") -> bytes:
    part = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": samples.decode()}}
    return content(modelTurn={"parts": [part]})


SETUP_COMPLETE = message(setupComplete={})
TURN_COMPLETE = message(serverContent={"turnComplete": True}, usageMetadata={"totalTokenCount": 3})

"""A session over a socket in memory, with the official SDK as the reader of everything it sends."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

from tests.local.fakes import INSTANT, LoudDetector, MemorySocket, ScriptedEars, ScriptedMind, ToneMouth, TurnedClock
from vivavoce.local.history import History
from vivavoce.local.openai.session import RealtimeSession
from vivavoce.local.parts import Parts, PeerGone, Rules

_READER: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)


class EventSocket(MemorySocket):
    """Both ends of a socket that carries events of the OpenAI Realtime protocol."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []
        """As the SDK reads them."""

    async def send(self, data: bytes | str) -> None:
        if self.closed is not None:
            raise PeerGone
        assert isinstance(data, str), "the service sends text frames"
        event = _READER.validate_json(data)
        assert not event.model_extra, f"the SDK knows no {list(event.model_extra)}"
        await asyncio.sleep(0)  # as a real socket may: others run in between
        async with self._news:
            self.events.append(event)
            self._news.notify_all()


class Desk:
    """A session, its socket and the fakes behind it."""

    def __init__(self, *texts: str, script: dict[str, Any] | None = None, **options: Any) -> None:
        model = options.pop("model", "")
        self.clock = TurnedClock()
        self.mouth = ToneMouth()
        self.ears = ScriptedEars(*texts)
        self.mind = ScriptedMind(script)
        self.socket = EventSocket()
        parts = Parts(
            ears=self.ears,
            mouth=self.mouth,
            make_mind=self.mind,
            make_detector=LoudDetector,
            history=History(self.clock),
            tempo=options.pop("tempo", INSTANT),
            clock=self.clock,
            rules=options.pop("rules", Rules()),
        )
        self.session = RealtimeSession(self.socket, parts, model)

    @property
    def events(self) -> list[Any]:
        return self.socket.events

    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.events if event.type == kind]

    def send(self, kind: str, **fields: Any) -> None:
        self.socket.feed(json.dumps({"type": kind} | fields))

    def session_update(self, **session: Any) -> None:
        self.send("session.update", session={"type": "realtime"} | session)

    def append(self, pcm: bytes) -> None:
        self.send("input_audio_buffer.append", audio=base64.b64encode(pcm).decode())

    def type_in(self, text: str, **item: Any) -> None:
        content = [{"type": "input_text", "text": text}]
        self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content} | item)

    async def until(self, kind: str, count: int = 1) -> Any:
        """The `count`-th event of a kind."""
        await self.socket.until(lambda _: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    async def refused(self, count: int = 1) -> Any:
        """The `count`-th error."""
        return (await self.until("error", count)).error


@asynccontextmanager
async def desk(*texts: str, **options: Any) -> AsyncIterator[Desk]:
    """A session that runs until the block ends."""
    at = Desk(*texts, **options)
    running = asyncio.create_task(at.session.run())
    try:
        await at.socket.until(lambda socket: socket.events or socket.closed)
        yield at
    finally:
        at.socket.leave()
        await running


def loud(milliseconds: int) -> bytes:
    """Sound the detector takes for speech, PCM16 at 24 kHz."""
    return (np.ones(milliseconds * 24, np.int16) * 1000).tobytes()


def quiet(milliseconds: int) -> bytes:
    return bytes(milliseconds * 48)

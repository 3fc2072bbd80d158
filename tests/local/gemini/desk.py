"""A session over a socket in memory: what a test sends, and what it sees in words."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from vivavoce.local.gemini.session import Session
from vivavoce.local.history import History
from vivavoce.local.minds.acts import Act
from vivavoce.local.parts import Entrance, Parts, Rules
from vivavoce.wire.gemini.messages import ServerMessage
from vivavoce.wire.gemini.models import VERTEX

from ..fakes import INSTANT, LoudDetector, MemorySocket, ScriptedEars, ScriptedMind, ToneMouth, TurnedClock

NEWEST = "models/gemini-3.8-live"
THINKING = "models/gemini-3.8-live-extended-thinking"
PREVIEW = "models/gemini-3.1-flash-live-preview"
NATIVE = "models/gemini-2.5-flash-native-audio-latest"
CASCADE = "projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash"
ON_VERTEX = Entrance(platform=VERTEX, version="v1beta1")
INVALID = (1007, "Request contains an invalid argument.")

JPEG = {"mimeType": "image/jpeg", "data": base64.b64encode(b"\xff\xd8still").decode()}

SETUP: dict[str, Any] = {
    "model": NEWEST,
    "generationConfig": {"responseModalities": ["AUDIO"]},
    "inputAudioTranscription": {},
    "outputAudioTranscription": {},
    "sessionResumption": {},
    "realtimeInputConfig": {"automaticActivityDetection": {"silenceDurationMs": 32}},
}
MANUAL: dict[str, Any] = {"realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}}}
TOOLS = [
    {
        "functionDeclarations": [
            {"name": "note", "behavior": "NON_BLOCKING"},
            {"name": "research", "behavior": "NON_BLOCKING"},
            {"name": "hand_off", "behavior": "BLOCKING"},
            {"name": "weather", "behavior": "BLOCKING"},
        ]
    }
]
WAITED_FOR = [{"functionDeclarations": [{"name": name} for name in ("note", "research", "hand_off", "weather")]}]
"""The same tools for a model that waits for all."""
BESIDE = [{"functionDeclarations": [{"name": "note"}, {"name": "research"}]}]
"""Tools that leave it to the model whether it waits."""


def setup(model: str = NEWEST, **more: Any) -> dict[str, Any]:
    return SETUP | {"model": model} | more


def listening(**config: Any) -> dict[str, Any]:
    """Setup fields of how the caller's input is treated."""
    return {"realtimeInputConfig": SETUP["realtimeInputConfig"] | config}


class Desk:
    """A session, its socket and the fakes behind it."""

    def __init__(self, parts: Parts, entrance: Entrance | None = None) -> None:
        self.parts = parts
        self.socket = MemorySocket()
        self.session = Session(self.socket, parts, entrance)

    @property
    def sent(self) -> list[ServerMessage]:
        return self.socket.sent

    def send(self, **message: Any) -> None:
        self.socket.feed(json.dumps(message))

    def audio(self, pcm: bytes, rate: int = 16_000) -> None:
        data = base64.b64encode(pcm).decode()
        self.send(realtimeInput={"audio": {"mimeType": f"audio/pcm;rate={rate}", "data": data}})

    def write(self, text: str) -> None:
        self.send(realtimeInput={"text": text})

    def content(self, *texts: str, complete: bool = True, role: str | None = "user") -> None:
        named = {"role": role} if role else {}
        turns = [named | {"parts": [{"text": text}]} for text in texts]
        self.send(clientContent={"turns": turns} | ({"turnComplete": True} if complete else {}))

    def answer(self, *ids: str, **more: Any) -> None:
        responses = [{"id": each, "name": "x", "response": {"output": "ok"}} | more for each in ids]
        self.send(toolResponse={"functionResponses": responses})

    async def ready(self) -> None:
        await self.socket.until(lambda s: bool(s.sent))

    async def turns(self, count: int) -> None:
        """Wait until so many turns are over, and what is told after the last one."""
        await self.socket.until(lambda s: sum(_ends_turn(m) for m in s.sent) >= count)
        await breathe()

    async def play(self, clock: TurnedClock, count: int) -> None:
        """Turn the clock until so many turns are over."""
        while sum(map(_ends_turn, self.sent)) < count:
            await clock.turn(1)
            await breathe()
        await breathe()

    async def sees(self, *kinds: str) -> None:
        """Wait until these were sent, in this order, other things between them or not."""
        await self.socket.until(lambda _: _in_order(kinds, self.kinds()))

    async def handle(self) -> str:
        """Wait for a usable handle, and take the newest."""
        await self.socket.until(lambda _: bool(self.handles()))
        await breathe()
        return self.handles()[-1]

    def handles(self) -> list[str]:
        updates = [m.session_resumption_update for m in self.sent if m.session_resumption_update is not None]
        return [update.new_handle for update in updates if update.resumable]

    async def over(self) -> tuple[int, str]:
        """Wait for the close; code and reason."""
        await self.socket.until(lambda s: s.closed is not None)
        assert self.socket.closed is not None
        return self.socket.closed

    def calls(self) -> list[str]:
        """Ids of all calls."""
        return [call.id for m in self.sent if m.tool_call is not None for call in m.tool_call.function_calls]

    def kinds(self) -> list[str]:
        """What was sent, in words; audio chunks in a row count once."""
        names: list[str] = []
        for message in self.sent:
            for name in _names(message):
                if not (name == "audio" and names[-1:] == ["audio"]):
                    names.append(name)
        return names

    def turn_kinds(self) -> list[str]:
        """The same without what goes on beside a turn."""
        beside = {"setup_complete", "resumable", "not_resumable", "voice_activity", "input_transcription", "nothing"}
        kinds = [kind for kind in self.kinds() if kind not in beside | {"output_transcription"}]
        return [kind for before, kind in zip(["", *kinds], kinds, strict=False) if (before, kind) != ("audio", "audio")]

    def said(self) -> str:
        """All words the model said."""
        contents = [m.server_content for m in self.sent if m.server_content is not None]
        return "".join(c.output_transcription.text for c in contents if c.output_transcription is not None)

    def heard(self) -> list[str]:
        """All input transcriptions."""
        contents = [m.server_content for m in self.sent if m.server_content is not None]
        return [c.input_transcription.text for c in contents if c.input_transcription is not None]

    def usages(self) -> list[Any]:
        return [m.usage_metadata for m in self.sent if m.usage_metadata is not None]


def _in_order(wanted: Sequence[str], kinds: Sequence[str]) -> bool:
    rest = iter(kinds)
    return all(kind in rest for kind in wanted)


def _ends_turn(message: ServerMessage) -> bool:
    return message.server_content is not None and message.server_content.turn_complete


def _names(message: ServerMessage) -> list[str]:
    content = message.server_content
    if message.session_resumption_update is not None:
        return ["resumable" if message.session_resumption_update.resumable else "not_resumable"]
    if content is None:
        return [name for name in ServerMessage.__struct_fields__ if getattr(message, name) is not None]
    parts = content.model_turn.parts if content.model_turn is not None else []
    names = ["thought" if part.thought else "text" if part.text else "audio" for part in parts]
    names += [name for name in content.__struct_fields__ if getattr(content, name) and name != "model_turn"]
    return names or ["nothing"]


def parts(**changes: Any) -> Parts:
    """Instant ones, on a clock that stands, unless changed."""
    clock = changes.get("clock", TurnedClock())
    given: dict[str, Any] = {
        "ears": ScriptedEars(),
        "mouth": ToneMouth(),
        "make_mind": ScriptedMind(),
        "make_detector": LoudDetector,
        "history": History(clock),
        "tempo": INSTANT,
        "clock": clock,
    }
    return Parts(**(given | changes))


def scripted(rules: Rules | None = None, **script: list[Act]) -> Parts:
    """Parts whose brain answers by a script: `go` to the word, `note_returned` to an answer of the tool `note`."""
    mind = ScriptedMind({key.replace("_returned", " returned"): acts for key, acts in script.items()})
    return parts(make_mind=mind, rules=rules or Rules())


@asynccontextmanager
async def running(
    shared: Parts, setup: dict[str, Any] | None = None, entrance: Entrance | None = None
) -> AsyncIterator[Desk]:
    """A session that has got its setup, until the block ends."""
    desk = Desk(shared, entrance)
    task = asyncio.create_task(desk.session.run())
    desk.send(setup=setup or SETUP)
    try:
        yield desk
    finally:
        desk.socket.leave()
        await task


async def breathe() -> None:
    """Let everything run that can."""
    for _ in range(40):
        await asyncio.sleep(0)

"""The OpenAI dialect on a real link, against our own stand-in of that service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.local.fakes import (
    INSTANT,
    LoudDetector,
    ScriptedEars,
    ScriptedMind,
    ToneMouth,
    TurnedClock,
    silence,
    speech,
)
from vivavoce.conversation import events as ev
from vivavoce.errors import LinkError
from vivavoce.live.backend import BackendSettings, choose
from vivavoce.live.dialect import Opening, Shelf
from vivavoce.live.link import Link
from vivavoce.local.minds.acts import Call, Say
from vivavoce.local.server import Server, serve
from vivavoce.local.tempo import Tempo

TOOLS = (
    {"name": "note", "behavior": "NON_BLOCKING", "parameters": {"type": "OBJECT", "properties": {}}},
    {"name": "look", "behavior": "BLOCKING", "parameters": {"type": "OBJECT", "properties": {}}},
)
SLOW = Tempo(speed=1.0, burst_ms=50)


class Caller:
    """One link and what it hands over."""

    def __init__(self) -> None:
        self.events: list[ev.Event] = []
        self.chunks: list[bytes] = []
        self.closed: list[LinkError] = []
        self.position = 0
        self.link: Link | None = None
        self._news = asyncio.Event()

    def _keep(self, pcm: bytes) -> int:
        self.chunks.append(pcm)
        return len(self.chunks)

    def _event(self, event: ev.Event) -> None:
        self.events.append(event)
        self._news.set()

    def _over(self, error: LinkError) -> None:
        self.closed.append(error)
        self._news.set()

    async def dial(self, server: Server, **settings: Any) -> Link:
        told: dict[str, Any] = {"base_url": f"http://127.0.0.1:{server.port}/v1", "key": "sk-test"}
        backend = choose(BackendSettings(kind="openai", **told | settings))
        opening = Opening(model=backend.model, instruction="Be brief.", tools=TOOLS, silence_ms=32)
        shelf = Shelf(link=1, keep_chunk=self._keep, keep_handle=lambda secret: 0, position=lambda: self.position)
        dialect = backend.dialects(opening, shelf)
        self.link = await Link.open(await backend.target(), dialect, self._event, self._over)
        return self.link

    def hear(self, pcm: bytes) -> None:
        assert self.link is not None
        for at in range(0, len(pcm), 1024):
            self.link.send_audio(pcm[at : at + 1024])
            self.position += len(pcm[at : at + 1024]) // 2

    def of(self, kind: type[ev.Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def ended(self, turns: int = 1) -> None:
        await self.until(lambda: len(self.of(ev.TurnEnded)) >= turns)


@asynccontextmanager
async def call(
    *texts: str, script: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[tuple[Caller, Server]]:
    """A link to a server, and both are gone when the block ends."""
    told: dict[str, Any] = {"tempo": INSTANT, "clock": TurnedClock(), "make_detector": LoudDetector}
    caller = Caller()
    async with serve(
        ears=ScriptedEars(*texts),
        mouth=ToneMouth(),
        make_mind=ScriptedMind(script),
        **told | options,
    ) as server:
        await caller.dial(server)
        assert caller.link is not None
        yield caller, server
        assert caller.link.rubbish == 0
        caller.link.close()


async def test_a_spoken_turn() -> None:
    async with call("hello") as (caller, _):
        caller.hear(speech(300) + silence(300))
        await caller.ended()
        assert [event.text.strip() for event in caller.of(ev.CallerTranscribed)] == ["hello"]
        assert "".join(event.text for event in caller.of(ev.AgentTranscribed)) == "You said hello."
        assert sum(map(len, caller.chunks)) == len("You said hello.") * 480
        assert caller.of(ev.UsageReported)[0].total > 0
        assert caller.of(ev.GenerationEnded)


async def test_a_typed_turn() -> None:
    async with call() as (caller, _):
        assert caller.link is not None
        caller.link.send_text("Hello")
        await caller.ended()
        assert "".join(event.text for event in caller.of(ev.AgentTranscribed)) == "You wrote Hello."


async def test_a_tool_is_part_of_a_turn() -> None:
    script = {"look": [Say("Let me see."), Call("look", {"at": "it"})], "look returned": [Say("A cat.")]}
    async with call(script=script) as (caller, _):
        assert caller.link is not None
        caller.link.send_text("look")
        await caller.until(lambda: caller.of(ev.ToolCalled))
        asked = caller.of(ev.ToolCalled)[0]
        assert (asked.name, asked.args) == ("look", {"at": "it"})
        caller.link.answer(asked.id, "look", {"output": "cat"}, None)
        await caller.ended()
        assert "".join(event.text for event in caller.of(ev.AgentTranscribed)) == "Let me see. A cat."
        assert len(caller.of(ev.TurnEnded)) == 1


async def test_the_caller_cuts_in_and_is_answered() -> None:
    script = {"go on": [Say("A long story.")]}
    async with call("go on", "stop", script=script, tempo=SLOW) as (caller, _):
        caller.hear(speech(300) + silence(300))
        await caller.until(lambda: caller.chunks)
        caller.hear(speech(300))
        await caller.until(lambda: caller.of(ev.Interrupted))
        await caller.ended()
        caller.hear(silence(300))
        await caller.until(lambda: len(caller.of(ev.CallerTranscribed)) == 2)


async def test_words_typed_into_a_reply_stop_it() -> None:
    script = {"go on": [Say("A long story.")]}
    clock = TurnedClock()
    async with call(script=script, tempo=SLOW, clock=clock) as (caller, _):
        assert caller.link is not None
        caller.link.send_text("go on")
        await caller.until(lambda: caller.chunks)
        caller.link.send_text("stop")
        async with asyncio.timeout(10):
            while len(caller.of(ev.TurnEnded)) < 2:
                await clock.turn(0.1)
                await asyncio.sleep(0)
        first = caller.events.index(caller.of(ev.TurnEnded)[0])
        later = [event for event in caller.events[first:] if isinstance(event, ev.AgentTranscribed)]
        assert "You wrote stop." in "".join(event.text for event in later), "the answer is a turn of its own"


async def test_a_switched_off_microphone_ends_the_turn() -> None:
    async with call("hello") as (caller, _):
        assert caller.link is not None
        caller.hear(speech(300))
        caller.link.microphone_off()
        await caller.ended()
        assert [event.text.strip() for event in caller.of(ev.CallerTranscribed)] == ["hello"]


async def test_a_caller_who_takes_their_time_is_given_it_on_the_same_link() -> None:
    pauses: list[int] = []

    def detector(*, silence_ms: int, **_: object) -> LoudDetector:
        pauses.append(silence_ms)
        return LoudDetector()

    async with call("hello", make_detector=detector) as (caller, _):
        assert caller.link is not None
        caller.link.patience(2000)
        caller.hear(speech(300) + silence(300))
        await caller.ended()
        assert (pauses[-1], set(pauses[:-1]) - {32, 500}) == (2000, set())


async def test_a_refused_key_and_a_wrong_model() -> None:
    async with call(keys=["sk-test"]) as (caller, server):
        assert caller.link is not None
        with pytest.raises(LinkError) as refused:
            await Caller().dial(server, key="sk-bad")
        assert (refused.value.code, refused.value.kind) == (401, "fatal")
        assert "VIVA_BACKEND_KEY" in refused.value.remedy
        assert "sk-bad" not in str(refused.value)
        with pytest.raises(LinkError) as refused:
            await Caller().dial(server, model="gpt-5")
        assert refused.value.kind == "fatal"
        assert "VIVA_BACKEND_MODEL" in refused.value.remedy


async def test_the_end_of_a_session_is_no_reason_to_give_up() -> None:
    clock = TurnedClock()
    async with call(clock=clock) as (caller, _):
        await clock.turn(3600)
        await caller.until(lambda: caller.closed)
        assert caller.closed[0].kind == "transient"


async def test_a_dropped_link_is_told_once() -> None:
    async with call() as (caller, server):
        server.drop()
        await caller.until(lambda: caller.closed)
        assert (caller.closed[0].code, caller.closed[0].kind) == (1006, "transient")

"""What a brain may do in a turn, carried out: sentences, calls, thoughts, pauses, and streams of all of these."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from vivavoce.local.calling import Answer
from vivavoce.local.manner import Manner
from vivavoce.local.minds.acts import Act, Call, Pause, Say, Stream, Think
from vivavoce.local.tempo import Tempo
from vivavoce.local.turn import LONGEST, SORRY

from .fakes import ScriptedMind, TurnedClock
from .gemini.desk import breathe
from .talking import TOOLS, talking


async def test_sentences_and_thoughts_in_order() -> None:
    mind = ScriptedMind({"go": [Think("Hm."), Say("One. Two!  Three?"), Say("")]})
    async with talking(make_mind=mind) as stage:
        await stage.talk.read("go")
        await stage.outlet.turns(1)
        assert stage.told == [
            "turn",
            "thought 'Hm.'",
            "said 'One.'",
            "sound",
            "said ' Two!'",
            "sound",
            "said ' Three?'",
            "sound",
            "generated",
            "ended",
        ]
        assert stage.outlet.usages[0].thoughts == len("Hm.") // 4


@pytest.mark.conformance("S20")
async def test_what_has_no_end_is_told_in_pieces() -> None:
    endless = "word " * LONGEST
    mind = ScriptedMind({"go": [Think(endless), Say(endless), Say("x" * (LONGEST + 1))]})
    async with talking(Manner(spoken=False), make_mind=mind) as stage:
        await stage.talk.read("go")
        await stage.outlet.turns(1)
        thought = "".join(each[9:-1] for each in stage.told if each.startswith("thought"))
        said = "".join(each[6:-1] for each in stage.told if each.startswith("said"))
        assert thought.split() == endless.split()
        assert said == f"{endless}{'x' * LONGEST} x"
        assert max(map(len, stage.told)) < LONGEST + 20


async def test_a_pause_is_on_the_clock() -> None:
    mind = ScriptedMind({"go": [Say("One."), Pause(2.0), Say("Two.")]})
    async with talking(make_mind=mind) as stage:
        await stage.talk.read("go")
        await breathe()
        await stage.clock.turn(1.9)
        await breathe()
        assert "said ' Two.'" not in stage.told
        await stage.clock.turn(0.2)
        await stage.outlet.turns(1)
        assert "said ' Two.'" in stage.told


async def test_text_needs_no_mouth() -> None:
    async with talking(Manner(spoken=False), mouth=None) as stage:
        await stage.talk.read("hello")
        await stage.outlet.turns(1)
        assert stage.told == ["turn", "said 'You wrote hello.'", "generated", "ended"]
        assert stage.outlet.usages[0].reply.text == len("You wrote hello.") // 4


# ------------------------------------------------------------------------------------------------ streams


class Source:
    """A stream a test feeds, that knows whether it was closed."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Act | Exception | None] = asyncio.Queue()
        self.closed = False

    async def acts(self) -> AsyncIterator[Act]:
        try:
            while (act := await self.queue.get()) is not None:
                if isinstance(act, Exception):
                    raise act
                yield act
        finally:
            self.closed = True

    def feed(self, *acts: Act | Exception | None) -> None:
        for act in acts:
            self.queue.put_nowait(act)


async def test_a_stream_is_carried_out_as_it_comes() -> None:
    source = Source()
    async with talking(make_mind=ScriptedMind({"go": [Stream(source.acts()), Say("Last.")]})) as stage:
        await stage.talk.read("go")
        source.feed(Say("One."))
        await stage.outlet.until(lambda told: "said 'One.'" in told)
        source.feed(Think("Hm."), Say("Two."), None)
        await stage.outlet.turns(1)
        assert [each for each in stage.told if each.startswith(("said", "thought"))] == [
            "said 'One.'",
            "thought 'Hm.'",
            "said ' Two.'",
            "said ' Last.'",
        ]
        assert source.closed


async def test_calls_of_a_stream_that_stand_together_are_made_together() -> None:
    source = Source()
    mind = ScriptedMind({"go": [Stream(source.acts())], "weather returned": [Say("Sun.")]})
    async with talking(make_mind=mind) as stage:
        await stage.talk.read("go")
        source.feed(Call("weather", {"day": 1}), Call("weather", {"day": 2}), Say("Bye."), None)
        await stage.outlet.until(lambda told: "calls weather weather" in told)
        await stage.talk.answer([Answer(id=each.id, response={}) for each in stage.outlet.pending])
        await stage.outlet.turns(1)
        said = [each for each in stage.told if each.startswith("said")]
        assert said == ["said 'Sun.'", "said ' Sun.'", "said ' Bye.'"]


async def test_a_cut_closes_the_stream() -> None:
    source = Source()
    async with talking(make_mind=ScriptedMind({"go": [Stream(source.acts())]})) as stage:
        await stage.talk.read("go")
        source.feed(Say("One."))
        await stage.outlet.until(lambda told: "sound" in told)
        await stage.talk.stop()
        assert source.closed
        assert stage.told[-2:] == ["interrupted", "ended, cut"]


async def test_a_stream_that_fails_is_spoken_of_and_logged_by_kind(caplog: pytest.LogCaptureFixture) -> None:
    source = Source()
    mind = ScriptedMind({"go": [Stream(source.acts()), Say("Where were we?")]})
    async with talking(make_mind=mind) as stage:
        await stage.talk.read("go")
        source.feed(Say("One."), Call("note"), ConnectionResetError("the caller's words"))
        await stage.outlet.turns(1)
        assert stage.told.index("calls note") > stage.told.index("said 'One.'")
        assert f"said ' {SORRY.split('. ')[0]}.'" in stage.told
        assert "said ' Where were we?'" in stage.told
    assert "ConnectionResetError" in caplog.text
    assert "words" not in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


class Plain:
    """An iterator that cannot be closed."""

    def __init__(self, *acts: Act) -> None:
        self._acts = list(acts)

    def __aiter__(self) -> Plain:
        return self

    async def __anext__(self) -> Act:
        if not self._acts:
            raise StopAsyncIteration
        return self._acts.pop(0)


async def test_any_iterator_will_do() -> None:
    async with talking(make_mind=ScriptedMind({"go": [Stream(Plain(Say("One.")))]})) as stage:
        await stage.talk.read("go")
        await stage.outlet.turns(1)
        assert "said 'One.'" in stage.told


# ------------------------------------------------------------------------------------------------ pace


async def test_what_was_heard_knows_of_gaps() -> None:
    clock, mind = TurnedClock(), ScriptedMind({"go": [Say("x" * 20), Call("weather")]})
    async with talking(Manner(tools=TOOLS), make_mind=mind, clock=clock, tempo=Tempo()) as stage:
        await stage.talk.read("go")
        await stage.outlet.until(lambda told: "calls weather" in told)
        await clock.turn(0.05)
        await stage.talk.stop()
        await clock.turn(5)
        await stage.talk.read("go")
        await stage.outlet.until(lambda told: told.count("calls weather") == 2)
        await clock.turn(5)
        await stage.talk.stop()
        heard = [round(ms) for name, ms in mind.log if name == "cut"]
        assert heard == [50, 200], "never more than was said"


async def test_the_pace_begins_anew_after_a_gap() -> None:
    clock = TurnedClock()
    mind = ScriptedMind({"go": [Say("x" * 30), Call("weather")], "weather returned": [Say("y" * 200)]})
    manner = Manner(tools=TOOLS, chunk_bytes=(480, 480))
    async with talking(manner, make_mind=mind, clock=clock, tempo=Tempo(burst_ms=300, speed=1.0)) as stage:
        sent = 0

        async def sound(pcm: bytes) -> None:
            nonlocal sent
            sent += len(pcm)

        stage.outlet.sound = sound  # type: ignore[method-assign]
        await stage.talk.read("go")
        await stage.outlet.until(lambda told: "calls weather" in told)
        await clock.turn(60)
        await stage.talk.answer([Answer(id=stage.outlet.pending[0].id, response={})])
        for _ in range(10):
            await breathe()
        assert sent == 30 * 480 + 31 * 480, "a burst, not all that could have been said in a minute"

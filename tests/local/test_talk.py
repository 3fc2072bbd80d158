"""The verbs of a talk, in no protocol: what a client of another one than Gemini's needs of it."""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import replace
from typing import Any

import pytest

from vivavoce.local.calling import MOST_PENDING, Answer, Calls
from vivavoce.local.listening import MOST_UTTERANCES
from vivavoce.local.manner import Manner
from vivavoce.local.microphone import LONGEST_S
from vivavoce.local.minds.acts import Call, Say

from .fakes import LoudDetector, ScriptedEars, ScriptedMind, silence, speech
from .gemini.desk import breathe
from .talking import TOOLS, talking

RATE = 16_000
ON_WISH = Manner(answers_speech=False, silence_ms=32)


async def test_speech_is_told_of_heard_and_answered() -> None:
    manner = Manner(silence_ms=320, prefix_ms=96)
    async with talking(manner, ears=ScriptedEars("nine")) as stage:
        await stage.talk.hear(silence(640) + speech(640) + silence(640), RATE)
        await stage.outlet.turns(1)
        assert stage.told[:4] == ["speech from 576", "speech until 992", "heard 'nine'", "turn"]
        assert stage.mind.log[-1] == ("hear", "nine")


async def test_speech_may_wait_for_a_word_to_be_answered() -> None:
    async with talking(ON_WISH, ears=ScriptedEars("nine", "ten")) as stage:
        await stage.talk.hear(speech(320) + silence(64), RATE)
        await stage.outlet.until(lambda told: "heard 'nine'" in told)
        await breathe()
        assert "turn" not in stage.told
        stage.talk.note("by the way")
        await stage.talk.go()
        await stage.outlet.turns(1)
        await stage.talk.hear(speech(320) + silence(64), RATE)
        await stage.talk.go()  # before it was understood
        await stage.outlet.turns(2)
        assert stage.mind.log[1:] == [("hear", "by the way\nnine"), ("hear", "ten")]


async def test_what_waited_goes_on_when_speech_is_not_answered() -> None:
    mind = ScriptedMind({"go": [Call("note")], "note returned": [Say("Noted.")]})
    async with talking(replace(ON_WISH, tools=TOOLS), make_mind=mind, ears=ScriptedEars("nine")) as stage:
        await stage.talk.read("go")
        await stage.outlet.turns(1)
        await stage.talk.hear(speech(320), RATE)
        await stage.talk.answer([Answer(id=stage.outlet.pending[0].id, response={})])
        await breathe()
        assert "said 'Noted.'" not in stage.told
        await stage.talk.hear(silence(64), RATE)
        await stage.outlet.turns(2)
        assert "said 'Noted.'" in stage.told


async def test_speech_can_be_forgotten() -> None:
    async with talking(Manner(silence_ms=32), ears=ScriptedEars("nine")) as stage:
        await stage.talk.hear(speech(640), RATE)
        stage.talk.forget_speech()
        assert not stage.talk.speaking
        assert stage.talk.settled_ms == stage.talk.heard_ms
        await stage.talk.hear(silence(640), RATE)
        await breathe()
        assert stage.told == ["speech from 0"]


async def test_what_waits_goes_on_when_speech_is_forgotten() -> None:
    manner = Manner(silence_ms=32, tools=TOOLS, answers_speech=False)
    mind = ScriptedMind({"go": [Call("note")], "note returned": [Say("Noted.")]})
    async with talking(manner, make_mind=mind, ears=ScriptedEars("nine")) as stage:
        await stage.talk.read("go")
        await stage.outlet.turns(1)
        await stage.talk.hear(speech(320), RATE)
        await stage.talk.answer([Answer(id=stage.outlet.pending[0].id, response={})])
        stage.talk.forget_speech()
        await stage.outlet.turns(2)
        assert "said 'Noted.'" in stage.told


async def test_what_was_asked_for_is_answered_when_speech_is_forgotten() -> None:
    async with talking(ON_WISH, ears=ScriptedEars("nine")) as stage:
        await stage.talk.hear(speech(320), RATE)
        await stage.talk.go()
        stage.talk.forget_speech()
        await stage.outlet.turns(1)
        await stage.talk.hear(speech(320) + silence(64), RATE)
        await stage.outlet.until(lambda told: "heard 'nine'" in told)
        await breathe()
        assert stage.mind.log[1:] == [("read", "")], "what was said since was not asked about"


async def test_words_before_forgotten_speech_are_answered() -> None:
    async with talking(Manner(silence_ms=32), ears=ScriptedEars("nine")) as stage:
        await stage.talk.hear(speech(320) + silence(64) + speech(320), RATE)
        await stage.outlet.until(lambda told: "heard 'nine'" in told)
        await breathe()
        assert "turn" not in stage.told, "the caller goes on"
        stage.talk.forget_speech()
        await stage.outlet.turns(1)
        assert stage.mind.log[-1] == ("hear", "nine")


async def test_what_waits_goes_on_when_a_reply_is_stopped() -> None:
    mind = ScriptedMind({"go": [Call("weather")]})
    async with talking(Manner(interrupts=False), make_mind=mind) as stage:
        await stage.talk.read("go")
        await stage.outlet.until(lambda told: "calls weather" in told)
        await stage.talk.read("hello")
        await stage.talk.stop()
        await stage.outlet.turns(2)
        assert mind.log[-1] == ("read", "hello")


async def test_what_comes_as_a_turn_ends_stands_behind_what_waited_for_it() -> None:
    async with talking(Manner(interrupts=False)) as stage:
        talk, ended = stage.talk, stage.outlet.turn_ended
        late: list[asyncio.Task[None]] = []

        async def turn_ended(*told: Any, **how: Any) -> None:
            await ended(*told, **how)
            if not late:  # its first step comes before that of what waits
                late.append(asyncio.create_task(talk.read("three")))

        stage.outlet.turn_ended = turn_ended  # type: ignore[method-assign]
        await talk.read("one")
        await talk.read("two")
        await stage.outlet.turns(3)
        assert [text for kind, text in stage.mind.log if kind == "read"] == ["one", "two", "three"]


async def test_a_brain_may_want_to_know_which_turn_is_cut() -> None:
    class Keeping(ScriptedMind):
        def ended(self) -> None:
            self.log.append(("ended", None))

    mind = Keeping({"go": [Call("weather")]})
    async with talking(make_mind=mind) as stage:
        await stage.talk.read("hello")
        await stage.outlet.turns(1)
        await stage.talk.read("go")
        await stage.outlet.until(lambda told: "calls weather" in told)
        await stage.talk.stop()
        assert [kind for kind, _ in mind.log[1:]] == ["read", "ended", "read", "cut"]


async def test_a_reply_can_be_stopped() -> None:
    mind = ScriptedMind({"go": [Call("weather")]})
    async with talking(make_mind=mind) as stage:
        await stage.talk.stop()
        assert stage.told == []
        await stage.talk.read("go")
        await stage.outlet.until(lambda told: "calls weather" in told)
        await stage.talk.stop()
        assert stage.told == ["turn", "calls weather", "cancelled weather", "interrupted", "ended, cut"]


async def test_a_changed_manner_holds_from_the_next_turn_on() -> None:
    async with talking(Manner(voice="Puck", silence_ms=32), ears=ScriptedEars("nine")) as stage:
        talk = stage.talk
        await talk.read("hello")
        await stage.outlet.turns(1)
        talk.change(replace(talk.manner, voice="Kore", instruction="Be kind.", prompt_chars=400))
        await talk.read("hello")
        await stage.outlet.turns(2)
        assert getattr(stage.parts.mouth, "voices", None) == ["Puck", "Kore"]
        assert stage.mind.log[2] == ("born", ("Be kind.", b"saved"))
        assert stage.outlet.usages[1].prompt.text >= 100
        talk.change(replace(talk.manner, manual=True))
        await talk.hear(speech(320), RATE)
        assert not talk.speaking
        await talk.begin_speech()
        await talk.hear(speech(320), RATE)
        await talk.end_speech()
        await stage.outlet.turns(3)
        assert stage.mind.log[-1] == ("hear", "nine")


async def test_another_way_of_listening_loses_neither_words_nor_place() -> None:
    async with talking(Manner(silence_ms=320, prefix_ms=96), ears=ScriptedEars("nine", "ten")) as stage:
        talk = stage.talk
        await talk.hear(silence(640) + speech(640) + silence(640) + speech(320), RATE)
        talk.change(replace(talk.manner, silence_ms=32))
        await stage.outlet.turns(1)
        assert [entry for entry in stage.mind.log if entry[0] == "hear"] == [("hear", "nine")]
        assert talk.heard_ms == 2240
        await talk.hear(silence(640) + speech(640) + silence(64), RATE)
        await stage.outlet.turns(2)
        assert "speech from 2816" in stage.told
        assert stage.mind.log[-1] == ("hear", "ten")


async def test_more_speech_is_kept_before_a_start_that_takes_long_to_be_sure_of() -> None:
    for prefix_ms, lead_ms in ((96, 224), (1024, 224), (96, 1024)):
        ears = ScriptedEars("nine")
        manner = Manner(silence_ms=32, prefix_ms=prefix_ms, lead_ms=lead_ms)
        async with talking(manner, ears=ears) as stage:
            await stage.talk.hear(silence(4096) + speech(320) + silence(32), RATE)
            await stage.outlet.turns(1)
            assert len(ears.utterances[0]) // 32 == prefix_ms + lead_ms + 320 + 32


async def test_nobody_is_told_of_detection_who_marks_speech() -> None:
    async with talking(Manner(manual=True), ears=ScriptedEars("nine")) as stage:
        await stage.talk.begin_speech()
        await stage.talk.hear(speech(320), RATE)
        await stage.talk.end_speech()
        await stage.outlet.turns(1)
        assert stage.told[:2] == ["heard 'nine'", "turn"]


async def test_handles_and_what_is_told_without_any() -> None:
    async with talking(Manner(handles=True)) as stage:
        await stage.talk.read("hello")
        await stage.outlet.until(lambda told: "resumable" in told)
        assert stage.told[:2] == ["turn", "not resumable"]
        kept = stage.parts.history.find(stage.outlet.handles[0])
        assert kept is not None
        assert kept.session == stage.talk.session
        assert "saved" not in repr(stage.outlet.handles[0])
    async with talking(Manner()) as stage:
        await stage.talk.read("hello")
        await stage.outlet.turns(1)
        assert not {"resumable", "not resumable"} & set(stage.told)


# ------------------------------------------------------------------------------------------------ memory


@pytest.mark.conformance("S56")
async def test_a_caller_faster_than_the_ear_fills_no_memory() -> None:
    never = ScriptedEars()

    async with talking(Manner(silence_ms=32), ears=never) as stage:
        second = speech(1000)
        listening = stage.talk._listening
        listening._ear = stage._spawn(_forever())  # an ear that never comes to the next one
        for _ in range(40):
            await stage.talk.hear(speech(64) + silence(64), RATE)
        assert len(listening._utterances) == MOST_UTTERANCES
        for _ in range(4 * LONGEST_S):
            await stage.talk.hear(second, RATE)
        held = sum(len(utterance.pcm) for utterance, _ in listening._utterances)
        assert held <= 8 * 1024 * 1024


@pytest.mark.conformance("S56")
async def test_a_long_message_lets_others_run() -> None:
    async with talking(Manner(silence_ms=32)) as stage:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(other())
        await stage.talk.hear(silence(24_000), RATE)
        beside.cancel()
        assert turns >= 24
        assert stage.talk.heard_ms == 24_000


async def test_every_utterance_is_told_of_also_one_the_ear_never_came_to() -> None:
    class SlowEars(ScriptedEars):
        may = asyncio.Event()

        async def recognise(self, pcm16k: bytes) -> str:
            await self.may.wait()
            return await super().recognise(pcm16k)

    count = MOST_UTTERANCES + 6
    async with talking(ON_WISH, ears=SlowEars(*map(str, range(count)))) as stage:
        for _ in range(count):
            await stage.talk.hear(speech(64) + silence(64), RATE)
            await breathe()
        SlowEars.may.set()
        await stage.outlet.until(lambda told: sum(each.startswith("heard") for each in told) == count)
        heard = [each for each in stage.told if each.startswith("heard")]
        assert heard[:7] == ["heard '0'"] + ["heard ''"] * 5 + ["heard '1'"]


async def _forever() -> None:
    await asyncio.Event().wait()


@pytest.mark.conformance("S56")
async def test_a_client_that_never_answers_fills_no_memory() -> None:
    calls = Calls(TOOLS)
    issued = [calls.issue([Call("note")])[0].id for _ in range(MOST_PENDING + 5)]
    assert calls.answered(issued[0]) is None
    assert calls.answered(issued[-1]) is not None


def test_which_calls_hold_the_reply() -> None:
    for blocking, by_default, declared, undeclared in (
        (True, True, [False, True], True),
        (True, False, [False, True], True),
        (False, True, [False, False], False),
    ):
        calls = Calls(TOOLS, blocking=blocking, blocking_by_default=by_default)
        assert [calls.blocks(Call(name)) for name in ("note", "weather")] == declared
        assert calls.blocks(Call("unheard of")) is undeclared


async def test_a_talk_that_is_over_lets_go_of_its_detector_at_once() -> None:
    """It may hold megabytes, and a talk is a circle of objects that only the garbage collector undoes."""
    made: list[weakref.ref[LoudDetector]] = []

    def make(**_: object) -> LoudDetector:
        detector = LoudDetector()
        made.append(weakref.ref(detector))
        return detector

    gc.disable()
    try:
        async with talking(Manner(silence_ms=32), ears=ScriptedEars("nine"), make_detector=make) as stage:
            await stage.talk.hear(speech(320) + silence(64), RATE)
            await stage.outlet.turns(1)
            assert made[0]() is not None
            stage.talk.close()
            assert made[0]() is None
    finally:
        gc.enable()

"""Scripts and language models as the brain of a session: what a client of the live protocol gets to see."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.local.fakes import ScriptedEars, TurnedClock, silence, speech
from tests.local.gemini.desk import NATIVE, TOOLS, breathe, parts, running, setup
from tests.local.minds.completions import DONE, Reply, calls, completions, event, words
from vivavoce.local.history import History
from vivavoce.local.minds.chat import ChatMinds
from vivavoce.local.minds.script import ScriptMinds
from vivavoce.local.minds.scriptfile import read_rules
from vivavoce.local.tempo import Tempo

SCRIPT = """
script: A talk
turns:
  - when: sky in (?P<place>[a-z]+)
    do:
      - think: They ask about {place}.
      - say: One moment.
      - call: weather
        with: {place: "{place}"}
        then: [say: "It is {result}."]
      - call: hand_off
        then: [say: And Sam knows.]
      - say: Is that all?
  - when: later
    do:
      - call: note
        then: [say: "Noted, in turn {turn}."]
      - say: I will.
  - do: [silence: 2, say: Hm.]
"""


def scripted(**changes: Any) -> Any:
    return parts(make_mind=ScriptMinds(read_rules(SCRIPT)), **changes)


async def test_a_script_thinks_speaks_and_calls_together() -> None:
    thinking = {"responseModalities": ["AUDIO"], "thinkingConfig": {"includeThoughts": True}}
    async with running(scripted(), setup(NATIVE, tools=TOOLS, generationConfig=thinking)) as desk:
        desk.content("sky in Rome")
        await desk.sees("tool_call")
        assert desk.turn_kinds() == ["thought", "audio", "tool_call"]
        first, second = desk.calls()
        desk.answer(second)
        desk.answer(first, response={"output": "blue"})
        await desk.turns(1)
        assert desk.said() == "One moment. It is blue. And Sam knows. Is that all?"


async def test_a_script_goes_on_beside_a_call_that_does_not_block() -> None:
    async with running(scripted(), setup(tools=TOOLS)) as desk:
        desk.write("later")
        await desk.turns(1)
        assert desk.said() == "I will."
        desk.answer(desk.calls()[0])
        await desk.turns(2)
        assert desk.said() == "I will.Noted, in turn 1."


async def test_silence_passes_on_the_clock_of_the_talk() -> None:
    clock = TurnedClock()
    async with running(scripted(clock=clock, history=History(clock))) as desk:
        desk.write("hello")
        await breathe()
        await clock.turn(1.9)
        await breathe()
        assert desk.said() == ""
        await desk.play(clock, 1)
        assert desk.said() == "Hm."


async def test_a_resumed_session_is_further_in_the_script() -> None:
    shared = scripted()
    async with running(shared) as desk:
        desk.write("x")
        await desk.play(shared.clock, 1)
        handle = await desk.handle()
    async with running(shared, setup(tools=TOOLS, sessionResumption={"handle": handle})) as desk:
        desk.write("later")
        await desk.turns(1)
        desk.answer(desk.calls()[0])
        await desk.turns(2)
        assert desk.said().endswith("Noted, in turn 2.")


async def test_a_language_model_talks_and_calls() -> None:
    asking = calls(("c1", "weather", '{"place": "Rome"}'), text="One moment.")
    async with completions(asking, words("It is", " blue.")) as served:
        minds = ChatMinds.of(f"{served.url}#small")
        async with running(parts(make_mind=minds), setup(tools=TOOLS)) as desk:
            desk.write("Sky in Rome?")
            await desk.sees("tool_call")
            desk.answer(desk.calls()[0], response={"output": "blue"})
            await desk.turns(1)
            assert desk.said() == "One moment. It is blue."
        await minds.aclose()


async def test_a_caller_who_cuts_in_ends_the_request_and_what_was_not_heard_is_forgotten() -> None:
    clock = TurnedClock()
    long = Reply([event(content="One two three four five six. "), event(content="Never."), DONE], gate=asyncio.Event())
    async with completions(long, words("Yes.")) as served:
        minds = ChatMinds.of(f"{served.url}#small")
        shared = parts(
            make_mind=minds,
            ears=ScriptedEars("stop"),
            clock=clock,
            history=History(clock),
            tempo=Tempo(speed=1e9),
        )
        async with running(shared) as desk:
            desk.write("Count")
            await desk.sees("audio")
            await clock.turn(0.2)
            desk.audio(speech(200) + silence(200))
            async with asyncio.timeout(5):
                await served.gone.wait()
            await desk.sees("interrupted")
            await desk.socket.until(lambda _: len(served.asked) == 2)
            told = served.asked[1]["messages"][1:]
            assert told == [{"role": "user", "content": "Count\nstop"}], "0.2 s is not even a word"
        await minds.aclose()


async def test_a_language_model_that_is_not_there_is_spoken_of() -> None:
    async with completions(Reply(status=429)) as served:
        minds = ChatMinds.of(f"{served.url}#small")
        async with running(parts(make_mind=minds)) as desk:
            desk.write("Hello")
            await desk.turns(1)
            assert desk.said().startswith("Sorry, my language model has too much to do.")
        await minds.aclose()

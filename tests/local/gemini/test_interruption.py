"""What cuts a running reply, by generation (reference: gemini-live 4.3), and what a cut looks like."""

from __future__ import annotations

import asyncio

import pytest

from vivavoce.local.minds.acts import Call, Say
from vivavoce.local.parts import Parts
from vivavoce.local.tempo import Tempo

from ..fakes import ScriptedEars, ScriptedMind, TurnedClock, silence, speech
from .desk import MANUAL, NATIVE, NEWEST, PREVIEW, TOOLS, Desk, breathe, listening, parts, running, setup


def talkative(clock: TurnedClock, ears: ScriptedEars | None = None, mind: ScriptedMind | None = None) -> Parts:
    """A brain whose answer to "go" plays for five seconds, sent at real speed."""
    mind = mind or ScriptedMind({"go": [Say("x" * 500)]})
    return parts(clock=clock, tempo=Tempo(), make_mind=mind, ears=ears or ScriptedEars())


async def speaking(desk: Desk) -> None:
    """Until a reply is under way, its first burst sent."""
    desk.write("go")
    await desk.sees("audio")
    await breathe()


@pytest.mark.conformance("S24")
@pytest.mark.parametrize("model", [NEWEST, PREVIEW, NATIVE])
async def test_speech_cuts(model: str) -> None:
    clock, mind = TurnedClock(), ScriptedMind({"go": [Say("x" * 500)]})
    async with running(talkative(clock, mind=mind), setup(model)) as desk:
        await speaking(desk)
        await clock.turn(0.1)
        desk.audio(speech(100))
        await desk.turns(1)
        kinds = desk.kinds()
        cut = kinds.index("interrupted")
        assert [k for k in kinds[cut:] if k != "resumable"] == ["interrupted", "turn_complete"]
        assert "generation_complete" not in kinds
        assert ("voice_activity" in kinds[:cut]) is (model != NATIVE)
        assert desk.usages()[0].response_token_count > 0
        assert mind.log[-1] == ("cut", pytest.approx(100.0))


@pytest.mark.conformance("S24")
async def test_speech_cuts_also_while_the_reply_is_playing() -> None:
    clock = TurnedClock()
    async with running(parts(clock=clock, tempo=Tempo(burst_ms=60_000))) as desk:
        desk.write("go")
        await desk.sees("generation_complete")
        desk.audio(speech(100))
        await desk.sees("generation_complete", "interrupted", "turn_complete", "resumable")


@pytest.mark.conformance("S34")
@pytest.mark.parametrize("manual", [False, True])
async def test_no_interruption_when_asked(manual: bool) -> None:
    clock, ears = TurnedClock(), ScriptedEars("me too")
    way = (MANUAL if manual else listening())["realtimeInputConfig"] | {"activityHandling": "NO_INTERRUPTION"}
    async with running(talkative(clock, ears), setup(realtimeInputConfig=way)) as desk:
        await speaking(desk)
        if manual:
            desk.send(realtimeInput={"activityStart": {}})
        desk.audio(speech(320) + silence(100))
        if manual:
            desk.send(realtimeInput={"activityEnd": {}})
        await desk.sees("input_transcription")
        await desk.play(clock, 2)
        assert desk.turn_kinds() == ["audio", "generation_complete", "turn_complete"] * 2
        assert desk.said().endswith("You said me too.")


async def test_a_mark_cuts() -> None:
    async with running(talkative(TurnedClock()), setup(**MANUAL)) as desk:
        await speaking(desk)
        desk.send(realtimeInput={"activityStart": {}})
        await desk.sees("interrupted", "turn_complete")


@pytest.mark.parametrize(("model", "cuts"), [(NEWEST, True), (PREVIEW, True), (NATIVE, False)])
async def test_typed_text_cuts_or_waits(model: str, cuts: bool) -> None:
    clock = TurnedClock()
    async with running(talkative(clock), setup(model)) as desk:
        await speaking(desk)
        desk.write("stop")
        await desk.play(clock, 2)
        assert ("interrupted" in desk.kinds()) is cuts
        assert desk.said().endswith("You wrote stop.")


@pytest.mark.conformance("S36")
@pytest.mark.parametrize(("model", "cuts"), [(NEWEST, True), (PREVIEW, True), (NATIVE, False)])
async def test_complete_content_cuts_or_waits(model: str, cuts: bool) -> None:
    clock = TurnedClock()
    async with running(talkative(clock), setup(model)) as desk:
        await speaking(desk)
        desk.content("stop")
        await desk.play(clock, 2)
        assert ("interrupted" in desk.kinds()) is cuts
        assert desk.said().endswith("You wrote stop.")


@pytest.mark.conformance("S36")
@pytest.mark.parametrize(("model", "cuts"), [(NEWEST, False), (NATIVE, True)])
async def test_open_content_is_context_or_a_stop(model: str, cuts: bool) -> None:
    clock, mind = TurnedClock(), ScriptedMind({"go": [Say("x" * 500)]})
    async with running(talkative(clock, mind=mind), setup(model)) as desk:
        await speaking(desk)
        desk.content("by the way", complete=False)
        await desk.play(clock, 1)
        assert ("interrupted" in desk.kinds()) is cuts
        assert ("read", "by the way") not in mind.log
        desk.write("well?")
        await desk.play(clock, 2)
        assert mind.log[-1] == ("read", "by the way\nwell?")


async def test_a_caller_who_goes_on_is_heard_as_one() -> None:
    mind = ScriptedMind()
    async with running(parts(ears=ScriptedEars("it is", "nine"), make_mind=mind)) as desk:
        desk.audio(speech(320) + silence(100) + speech(320) + silence(100))
        await desk.turns(1)
        assert mind.log[1:] == [("hear", "it is nine")]


@pytest.mark.conformance("S41")
@pytest.mark.parametrize("model", [NEWEST, PREVIEW, NATIVE])
async def test_speech_cancels_what_the_reply_waits_for(model: str) -> None:
    tools = [{"functionDeclarations": [{"name": "weather", "behavior": "BLOCKING"}]}]
    mind = ScriptedMind({"go": [Call("weather"), Call("weather")]})
    async with running(parts(make_mind=mind), setup(model, tools=tools)) as desk:
        desk.write("go")
        await desk.sees("tool_call")
        first, second = desk.calls()
        desk.answer(first)
        desk.audio(speech(100))
        await desk.sees("tool_call", "tool_call_cancellation", "interrupted", "turn_complete", "resumable")
        gone = next(m.tool_call_cancellation for m in desk.sent if m.tool_call_cancellation is not None)
        assert gone.ids == [second]
        desk.answer(second)
        desk.write("still there")
        await desk.turns(2)
        returned = [entry for name, entry in mind.log if name == "returned"]
        assert returned == [("weather", {"output": "ok"}, True)], "what came in time is known, and not spoken of"


async def test_a_turn_that_ends_while_speech_begins_is_let_end() -> None:
    async with running(parts()) as desk:
        slow, reached = asyncio.Event(), asyncio.Event()
        deliver = desk.socket.send

        async def send(data: bytes | str) -> None:
            if b"turnComplete" in bytes(data if isinstance(data, bytes) else data.encode()):
                reached.set()
                await slow.wait()
            await deliver(data)

        desk.socket.send = send  # type: ignore[method-assign]
        desk.write("hello")
        await reached.wait()
        desk.audio(speech(64))
        await breathe()
        slow.set()
        await desk.turns(1)
        assert "interrupted" not in desk.kinds()


async def test_other_tools_run_on_when_the_reply_is_cut() -> None:
    mind = ScriptedMind({"go": [Call("research"), Say("x" * 500)], "research returned": [Say("Found.")]})
    async with running(talkative(TurnedClock(), mind=mind), setup(tools=TOOLS)) as desk:
        await speaking(desk)
        desk.audio(speech(100) + silence(100))
        await desk.sees("interrupted")
        assert "tool_call_cancellation" not in desk.kinds()

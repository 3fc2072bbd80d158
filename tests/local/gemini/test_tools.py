"""Tools on the wire: waited for or not, several at once, answered in any order, spoken of as the answer asks for."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from vivavoce.local.minds.acts import Act, Call, Say
from vivavoce.local.parts import Parts
from vivavoce.local.tempo import Tempo

from ..fakes import ScriptedEars, ScriptedMind, TurnedClock, silence, speech
from .desk import (
    BESIDE,
    CASCADE,
    INVALID,
    NATIVE,
    NEWEST,
    ON_VERTEX,
    PREVIEW,
    THINKING,
    TOOLS,
    Desk,
    breathe,
    parts,
    running,
    scripted,
    setup,
)
from .test_turns import level

WITH_TOOLS = setup(tools=TOOLS)
BLOCKING = [{"functionDeclarations": [{"name": "weather"}, {"name": "hand_off"}]}]


def returned(shared: Parts) -> list[Any]:
    """What the brain heard of answers."""
    assert isinstance(shared.make_mind, ScriptedMind)
    return [entry for name, entry in shared.make_mind.log if name == "returned"]


# ------------------------------------------------------------------------------------------------ waited for


@pytest.mark.conformance("S40")
async def test_a_blocking_call_holds_the_reply() -> None:
    shared = scripted(go=[Say("Sam takes over."), Call("hand_off")], hand_off_returned=[Say("Done.")])
    async with running(shared, WITH_TOOLS) as desk:
        desk.write("go")
        await desk.sees("tool_call")
        desk.answer("function-call-unknown")
        desk.answer(desk.calls()[0], response={"output": "half"}, willContinue=True)
        await breathe()
        assert returned(shared) == []
        desk.answer(desk.calls()[0])
        await desk.turns(1)
        assert desk.turn_kinds() == ["audio", "tool_call", "audio", "generation_complete", "turn_complete"]
        assert returned(shared) == [("hand_off", {"output": "ok"}, False)]


@pytest.mark.conformance("S40")
@pytest.mark.parametrize("together", [True, False])
async def test_calls_made_together_are_all_answered_before_it_goes_on(together: bool) -> None:
    shared = scripted(
        go=[Call("weather", {"day": 1}), Call("hand_off"), Say("That is all.")],
        weather_returned=[Say("Sun.")],
        hand_off_returned=[Say("Sam.")],
    )
    async with running(shared, WITH_TOOLS) as desk:
        desk.write("go")
        await desk.sees("tool_call")
        assert desk.kinds().count("tool_call") == 1, "one message"
        first, second = desk.calls()
        if together:
            desk.answer(second, first)
        else:
            desk.answer(second)
            await breathe()
            assert "audio" not in desk.kinds()
            desk.answer(first)
        await desk.turns(1)
        assert desk.said() == "Sun. Sam. That is all."


async def test_calls_that_do_and_do_not_wait_go_out_together() -> None:
    shared = scripted(go=[Call("note"), Call("weather"), Say("Fine.")], weather_returned=[Say("Sun.")])
    async with running(shared, WITH_TOOLS) as desk:
        desk.write("go")
        await desk.sees("tool_call")
        noted, weather = desk.calls()
        desk.answer(weather)
        await desk.turns(1)
        assert desk.said() == "Sun. Fine."
        desk.answer(noted, scheduling="SILENT")
        await desk.handle()


@pytest.mark.conformance("S43")
@pytest.mark.parametrize(
    ("model", "entrance", "shape"),
    [
        (NEWEST, None, r"fc_\d+"),
        (NATIVE, None, r"function-call-\d{19}"),
        (CASCADE, ON_VERTEX, r"[0-9a-f-]{36}"),
    ],
)
async def test_ids_have_the_models_shape_and_no_id_comes_twice(model: str, entrance: Any, shape: str) -> None:
    shared = scripted(go=[Call("note"), Call("note")])
    async with (
        running(shared, setup(model, tools=BESIDE), entrance) as one,
        running(shared, setup(model, tools=BESIDE), entrance) as other,
    ):
        for desk in (one, other):
            desk.write("go")
            await desk.sees("tool_call")
        ids = one.calls() + other.calls()
        assert len(set(ids)) == 4
        assert all(re.fullmatch(shape, each) for each in ids)
        if entrance is not None:
            assert all(uuid.UUID(each) for each in ids)


@pytest.mark.parametrize(("model", "waits"), [(NEWEST, False), (THINKING, False), (PREVIEW, True), (NATIVE, True)])
async def test_whether_an_undecided_call_waits_is_the_models_business(model: str, waits: bool) -> None:
    shared = scripted(go=[Say("One."), Call("weather"), Say("Two.")], weather_returned=[])
    async with running(shared, setup(model, tools=BLOCKING, **level(model))) as desk:
        desk.write("go")
        await desk.sees("tool_call")
        await breathe()
        assert ("generation_complete" not in desk.kinds()) is waits


# ------------------------------------------------------------------------------------------------ not waited for


@pytest.mark.conformance("S42")
@pytest.mark.parametrize("scheduling", [None, "WHEN_IDLE"])
async def test_answers_are_spoken_of_when_idle(scheduling: str | None) -> None:
    clock = TurnedClock()
    script: dict[str, list[Act]] = {"go": [Call("note"), Say("x" * 500)], "note returned": [Say("Noted.")]}
    shared = parts(make_mind=ScriptedMind(script), clock=clock, tempo=Tempo())
    async with running(shared, WITH_TOOLS) as desk:
        desk.write("go")
        await desk.sees("audio")
        desk.answer(desk.calls()[0], **({"scheduling": scheduling} if scheduling else {}))
        await desk.play(clock, 2)
        assert "interrupted" not in desk.kinds()
        assert desk.said().endswith("Noted.")


@pytest.mark.conformance("S42")
async def test_silent_answers_make_no_turn() -> None:
    shared = scripted(go=[Call("note")], note_returned=[Say("never")])
    async with running(shared, WITH_TOOLS) as desk:
        desk.write("go")
        await desk.turns(1)
        desk.answer(desk.calls()[0], scheduling="SILENT")
        desk.write("more")
        await desk.turns(2)
        assert returned(shared) == [("note", {"output": "ok"}, True)]
        assert "never" not in desk.said()


@pytest.mark.conformance("S42")
async def test_interrupting_answers_cut() -> None:
    script: dict[str, list[Act]] = {"go": [Call("note"), Say("x" * 500)], "note returned": [Say("News.")]}
    shared = parts(make_mind=ScriptedMind(script), clock=TurnedClock(), tempo=Tempo())
    async with running(shared, WITH_TOOLS) as desk:
        desk.write("go")
        await desk.sees("audio")
        desk.answer(desk.calls()[0], scheduling="INTERRUPT")
        await desk.sees("interrupted", "turn_complete", "audio")
        await desk.socket.until(lambda _: "News." in desk.said())


@pytest.mark.conformance("S42")
@pytest.mark.parametrize(("model", "waits"), [(NEWEST, True), (NATIVE, False)])
async def test_interrupting_answers_while_the_caller_speaks(model: str, waits: bool) -> None:
    script: dict[str, list[Act]] = {"go": [Call("note")], "note returned": [Say("News.")]}
    shared = parts(make_mind=ScriptedMind(script), ears=ScriptedEars("well"))
    async with running(shared, setup(model, tools=TOOLS)) as desk:
        desk.write("go")
        await desk.turns(1)
        desk.audio(speech(320))
        desk.answer(desk.calls()[0], scheduling="INTERRUPT")
        await breathe()
        assert ("News." in desk.said()) is not waits
        desk.audio(silence(100))
        await desk.turns(3)
        assert desk.said().count("News.") == 1


@pytest.mark.conformance("S42")
async def test_a_call_may_have_several_answers() -> None:
    shared = scripted(go=[Call("research")], research_returned=[Say("So far so good.")])
    async with running(shared, WITH_TOOLS) as desk:
        desk.write("go")
        await desk.turns(1)
        call = desk.calls()[0]
        desk.answer(call, response={"output": "half"}, scheduling="SILENT", willContinue=True)
        desk.answer(call, response={"output": "most"}, scheduling="WHEN_IDLE", willContinue=True)
        await desk.turns(2)
        desk.answer(call, response={"output": "all"})
        await desk.turns(3)
        desk.answer(call, response={"output": "more than all"})
        await breathe()
        assert [(response["output"], silent) for _, response, silent in returned(shared)] == [
            ("half", True),
            ("most", False),
            ("all", False),
        ]


async def test_answers_that_come_together_make_one_turn() -> None:
    shared = scripted(go=[Call("note"), Call("research")], note_returned=[Say("One.")], research_returned=[Say("Two.")])
    async with running(shared, WITH_TOOLS) as desk:
        desk.write("go")
        await desk.turns(1)
        desk.answer(*desk.calls())
        await desk.turns(2)
        assert desk.said() == "One. Two."


@pytest.mark.parametrize(
    ("model", "entrance", "answer", "over"),
    [
        (PREVIEW, None, {"scheduling": "WHEN_IDLE"}, "Function response scheduling is not supported for this model."),
        (NEWEST, None, {"id": ""}, INVALID[1]),
        (CASCADE, ON_VERTEX, {"willContinue": True}, INVALID[1]),
    ],
)
async def test_answers_a_model_or_platform_refuses(model: str, entrance: Any, answer: Any, over: str) -> None:
    async with running(scripted(go=[Call("weather")]), setup(model, tools=BLOCKING), entrance) as desk:
        desk.write("go")
        await desk.sees("tool_call")
        desk.answer(desk.calls()[0], **answer)
        assert await desk.over() == (1007, over)


async def test_vertex_takes_answers_without_id_and_drops_their_scheduling() -> None:
    shared = scripted(go=[Call("weather"), Call("weather")], weather_returned=[Say("Sun.")])
    tools = [{"functionDeclarations": [{"name": "weather", "behavior": "NON_BLOCKING"}]}]
    async with running(shared, setup(CASCADE, tools=tools), ON_VERTEX) as desk:
        desk.write("go")
        await desk.turns(1)
        for count in (2, 3):
            desk.answer("", name="weather", scheduling="SILENT")
            await desk.turns(count)
        assert len(returned(shared)) == 2


# ------------------------------------------------------------------------------------------------ several turns


def statuses(desk: Desk) -> list[str]:
    contents = [m.server_content for m in desk.sent if m.server_content is not None]
    return [content.interaction_status for content in contents if content.interaction_status is not None]


async def test_a_thinking_model_says_whether_more_follows() -> None:
    shared = scripted(go=[Call("research"), Say("Let me see.")], research_returned=[Say("Found.")])
    async with running(shared, setup(THINKING, tools=BESIDE, **level(THINKING))) as desk:
        desk.write("go")
        await desk.turns(1)
        assert statuses(desk) == ["IN_PROGRESS"]
        desk.answer(desk.calls()[0])
        await desk.turns(2)
        assert statuses(desk) == ["IN_PROGRESS", "IDLE"]
        assert desk.said().endswith("Found.")


async def test_a_thinking_model_with_nothing_to_say_to_an_answer_is_idle() -> None:
    shared = scripted(go=[Call("research"), Say("Let me see.")], research_returned=[])
    async with running(shared, setup(THINKING, tools=BESIDE, **level(THINKING))) as desk:
        desk.write("go")
        await desk.turns(1)
        desk.answer(desk.calls()[0])
        await desk.socket.until(lambda s: "IDLE" in str(s.sent))
        assert statuses(desk) == ["IN_PROGRESS", "IDLE"]

"""Turns in any order of events: whatever a client does and whenever, what it hears keeps the protocol's order."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from vivavoce.local.minds.acts import Act, Call, Say
from vivavoce.local.tempo import Tempo

from .fakes import ScriptedEars, ScriptedMind, TurnedClock, silence, speech
from .gemini.desk import (
    CASCADE,
    NATIVE,
    NEWEST,
    ON_VERTEX,
    PREVIEW,
    TOOLS,
    WAITED_FOR,
    Desk,
    breathe,
    listening,
    parts,
    running,
    setup,
)

ACTIONS = (
    *("text", "ask", "content", "open content", "speak", "pause", "tick", "long tick", "breathe"),
    *("answer", "answer loudly", "answer half", "answer silently"),
)
STEPS = st.lists(st.sampled_from(ACTIONS), max_size=25)
MODELS = st.sampled_from([NEWEST, PREVIEW, NATIVE, CASCADE])
IN_TURN = {NEWEST}
"""Models that give out handles within a turn."""
SCHEDULES = {NEWEST, NATIVE}


def check_order(kinds: list[str], *, handles_in_turn: bool) -> None:
    """Audio, then `generationComplete`, then `turnComplete`; a cut turn sends no audio after `interrupted`; what can be
    resumed is told truly."""
    state = "idle"
    resumable = True
    for kind in kinds:
        match kind:
            case "audio":
                assert state in ("idle", "speaking"), f"audio while {state}"
                state = "speaking"
            case "generation_complete":
                assert state in ("idle", "speaking"), f"a second end while {state}"
                state = "generated"
            case "interrupted":
                assert state in ("idle", "speaking", "generated"), f"cut while {state}"
                state = "cut"
            case "turn_complete":
                assert state in ("generated", "cut"), f"over while {state}"
                state = "idle"
            case "resumable":
                assert state == "idle", f"a handle while {state}"
                resumable = True
            case "not_resumable":
                assert resumable, "told twice"
                resumable = False
        if state == "speaking" and not handles_in_turn:
            assert not resumable, "a turn goes on"


@settings(max_examples=100, deadline=None)
@example(model=NEWEST, steps=[*["text"] * 5, "speak", "pause", "text", "text", "speak"], interrupts=True, burst_ms=40)
@given(model=MODELS, steps=STEPS, interrupts=st.booleans(), burst_ms=st.sampled_from([40, 60_000]))
async def test_any_order_of_events(model: str, steps: list[str], interrupts: bool, burst_ms: int) -> None:
    clock = TurnedClock()
    acts: list[Act] = [Call("note"), Say("One. Two."), Call("hand_off"), Call("weather")]
    mind = ScriptedMind({"go": list(acts), "said": list(acts), "hand_off returned": [Say("Done.")]})
    shared = parts(clock=clock, tempo=Tempo(burst_ms=burst_ms), make_mind=mind, ears=ScriptedEars(*["said"] * 30))
    config = setup(model, tools=TOOLS if model != PREVIEW else WAITED_FOR)
    asked: list[str] = []
    if not interrupts:
        config |= listening(activityHandling="NO_INTERRUPTION")
    async with running(shared, config, ON_VERTEX if model == CASCADE else None) as desk:
        for step in steps:
            if step == "ask":
                asked.append(f"ask {len(asked)}")
                desk.write(asked[-1])
            await take(desk, clock, step, schedules=model in SCHEDULES)
        for _ in range(200):  # let everything end: answer what is asked, turn the clock, be silent
            desk.audio(silence(64))
            await take(desk, clock, "long tick")
            await take(desk, clock, "answer")
            await take(desk, clock, "breathe")
            if desk.kinds()[-1] == "resumable":
                break
        assert desk.socket.closed is None
        for _ in range(50):  # what the ear had not come to may still cut an answer: then it is asked again
            if "still here" in str(desk.socket.sent):
                break
            desk.write("still here")
            await take(desk, clock, "breathe")
            await take(desk, clock, "long tick")
            await take(desk, clock, "answer")
        assert "still here" in str(desk.socket.sent)
        check_order(desk.kinds(), handles_in_turn=model in IN_TURN)
        read = [each for kind, text in mind.log if kind == "read" for each in re.findall(r"ask \d+", text)]
        assert read == asked, "each is answered, in the order in which it came"
        assert len(set(desk.calls())) == len(desk.calls())


async def take(desk: Desk, clock: TurnedClock, step: str, *, schedules: bool = True) -> None:
    match step:
        case "text":
            desk.write("go")
        case "content" | "open content":
            desk.content("go", complete=step == "content")
        case "speak":
            desk.audio(speech(64))
        case "pause":
            desk.audio(silence(64))
        case "tick":
            await clock.turn(0.02)
        case "long tick":
            await clock.turn(10)
        case "answer" | "answer loudly" | "answer half" | "answer silently":
            how = {"answer loudly": "INTERRUPT", "answer silently": "SILENT"}.get(step)
            scheduling = {"scheduling": how} if how is not None and schedules else {}
            more = {"willContinue": True} if step == "answer half" and schedules else {}
            for call_id in desk.calls():
                desk.answer(call_id, **scheduling, **more)
        case "breathe":
            await breathe()

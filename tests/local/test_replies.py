"""Turns in any order of events: whatever a client does and whenever, what it hears keeps the protocol's order."""

from __future__ import annotations

import asyncio

from hypothesis import example, given, settings
from hypothesis import strategies as st

from vivavoce.local.minds.acts import Act, Call, Say
from vivavoce.local.tempo import Tempo

from .fakes import ScriptedEars, ScriptedMind, TurnedClock, silence, speech
from .test_session import SETUP, TOOLS, Desk, answer, call_ids, parts, running

STEPS = st.lists(
    st.sampled_from(["text", "content", "speak", "pause", "tick", "long tick", "answer", "answer loudly", "breathe"]),
    max_size=25,
)


def check_order(kinds: list[str]) -> None:
    """Audio, then `generationComplete`, then `turnComplete`; a cut turn sends no audio after `interrupted`."""
    state = "idle"
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


@settings(max_examples=60, deadline=None)
@example(steps=[*["text"] * 5, "speak", "pause", "text", "text", "speak"], interrupts=True, burst_ms=40)
@given(steps=STEPS, interrupts=st.booleans(), burst_ms=st.sampled_from([40, 60_000]))
async def test_any_order_of_events(steps: list[str], interrupts: bool, burst_ms: int) -> None:
    clock = TurnedClock()
    acts: list[Act] = [Call("note"), Say("One. Two."), Call("hand_off")]
    mind = ScriptedMind({"go": list(acts), "said": list(acts), "hand_off returned": [Say("Done.")]})
    shared = parts(clock=clock, tempo=Tempo(burst_ms=burst_ms), make_mind=mind, ears=ScriptedEars(*["said"] * 30))
    setup = SETUP | {"tools": TOOLS}
    if not interrupts:
        setup |= {"realtimeInputConfig": SETUP["realtimeInputConfig"] | {"activityHandling": "NO_INTERRUPTION"}}
    async with running(shared, setup) as desk:
        for step in steps:
            await take(desk, clock, step)
        for _ in range(200):  # let everything end: answer what is asked, turn the clock, be silent
            desk.audio(silence(64))
            await take(desk, clock, "long tick")
            await take(desk, clock, "answer")
            await take(desk, clock, "breathe")
            if desk.kinds()[-1] == "session_resumption_update":
                break
        assert desk.socket.closed is None
        for _ in range(50):  # what the ear had not come to may still cut an answer: then it is asked again
            if "still here" in str(desk.socket.sent):
                break
            desk.send(realtimeInput={"text": "still here"})
            await take(desk, clock, "breathe")
            await take(desk, clock, "long tick")
            await take(desk, clock, "answer")
        assert "still here" in str(desk.socket.sent)
        check_order(desk.kinds())
        assert len(set(call_ids(desk))) == len(call_ids(desk))


async def take(desk: Desk, clock: TurnedClock, step: str) -> None:
    match step:
        case "text":
            desk.send(realtimeInput={"text": "go"})
        case "content":
            desk.send(clientContent={"turns": [{"role": "user", "parts": [{"text": "go"}]}], "turnComplete": True})
        case "speak":
            desk.audio(speech(64))
        case "pause":
            desk.audio(silence(64))
        case "tick":
            await clock.turn(0.02)
        case "long tick":
            await clock.turn(10)
        case "answer" | "answer loudly":
            scheduling = {"scheduling": "INTERRUPT"} if step == "answer loudly" else {}
            for call_id in call_ids(desk):
                answer(desk, call_id, **scheduling)
        case "breathe":
            for _ in range(20):
                await asyncio.sleep(0)


async def test_speech_while_a_turn_ends_lets_it_end() -> None:
    shared = parts()
    async with running(shared, SETUP) as desk:
        slow, reached = asyncio.Event(), asyncio.Event()
        deliver = desk.socket.send

        async def send(data: bytes) -> None:
            if b"turnComplete" in data:
                reached.set()
                await slow.wait()
            await deliver(data)

        desk.socket.send = send  # type: ignore[method-assign]
        desk.send(realtimeInput={"text": "hello"})
        await reached.wait()
        desk.audio(speech(64))
        await take(desk, TurnedClock(), "breathe")
        slow.set()
        await desk.handle()
        assert desk.kinds()[-3:] == ["generation_complete", "turn_complete", "session_resumption_update"]

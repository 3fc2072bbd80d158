"""Handles: when there is one, what it brings back, and whom it does not let in (reference: gemini-live 4.6)."""

from __future__ import annotations

from typing import Any

import pytest

from vivavoce.local.history import History
from vivavoce.local.minds.acts import Call, Say
from vivavoce.local.tempo import Tempo

from ..fakes import ScriptedEars, ScriptedMind, ToneMouth, TurnedClock, silence, speech
from .desk import (
    CASCADE,
    INVALID,
    NATIVE,
    NEWEST,
    ON_VERTEX,
    PREVIEW,
    SETUP,
    TOOLS,
    Desk,
    breathe,
    parts,
    running,
    scripted,
    setup,
)

GONE = (1008, "Requested entity was not found.")


def resuming(handle: str, model: str = NEWEST, **more: Any) -> dict[str, Any]:
    return setup(model, **more) | {"sessionResumption": {"handle": handle}}


def updates(desk: Desk) -> list[str]:
    return [kind for kind in desk.kinds() if kind in ("resumable", "not_resumable")]


# ------------------------------------------------------------------------------------------------ when


@pytest.mark.conformance("S50")
@pytest.mark.parametrize(("model", "withheld"), [(NEWEST, False), (PREVIEW, True), (NATIVE, True)])
async def test_a_handle_after_each_turn_and_none_within(model: str, withheld: bool) -> None:
    async with running(parts(), setup(model)) as desk:
        for count in (1, 2):
            desk.write("hello")
            await desk.turns(count)
        assert updates(desk) == (["not_resumable", "resumable"] * 2 if withheld else ["resumable"] * 2)
        assert len(set(desk.handles())) == 2
        told = [m.session_resumption_update for m in desk.sent if m.session_resumption_update is not None]
        assert all(update.new_handle == "" for update in told if not update.resumable)


@pytest.mark.conformance("S50")
@pytest.mark.parametrize("model", [NEWEST, NATIVE])
@pytest.mark.parametrize("scheduling", ["SILENT", "WHEN_IDLE"])
async def test_no_handle_while_a_tool_runs(model: str, scheduling: str) -> None:
    shared = scripted(go=[Call("research"), Say("Let me see.")], research_returned=[])
    async with running(shared, setup(model, tools=TOOLS)) as desk:
        desk.write("go")
        await desk.turns(1)
        assert updates(desk) == ["not_resumable"]
        desk.answer(desk.calls()[0], scheduling=scheduling)
        await desk.handle()
        assert updates(desk) == ["not_resumable", "resumable"]


@pytest.mark.parametrize(("model", "sent"), [(NEWEST, False), (PREVIEW, True), (NATIVE, False)])
async def test_handles_unasked(model: str, sent: bool) -> None:
    unasked = {key: value for key, value in setup(model).items() if key != "sessionResumption"}
    async with running(parts(), unasked) as desk:
        desk.write("hello")
        await desk.turns(1)
        assert bool(desk.handles()) is sent


# ------------------------------------------------------------------------------------------------ what


@pytest.mark.conformance("S51")
async def test_a_handle_brings_the_mind_and_the_context_back() -> None:
    mind = ScriptedMind()
    shared = parts(make_mind=mind)
    async with running(shared) as desk:
        desk.write("hello")
        handle = await desk.handle()
        desk.content("by the way", complete=False)
        desk.write("")
        await desk.turns(2)
        cost = desk.usages()[-1].total_token_count
        later = desk.handles()[-1]
    assert mind.log[0] == ("born", ("", None))
    spoken = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}
    changed = {
        "generationConfig": SETUP["generationConfig"] | {"speechConfig": spoken},
        "systemInstruction": {"parts": [{"text": "You are Sam."}]},
    }
    for each, least in ((later, cost), (handle, 4)):
        async with running(shared, resuming(each, **changed)) as desk:
            desk.write("hello")
            await desk.turns(1)
            assert desk.usages()[0].prompt_token_count >= least
        assert mind.log[-2] == ("born", ("You are Sam.", b"saved"))
    assert isinstance(shared.mouth, ToneMouth)
    assert shared.mouth.voices == ["Puck", "Puck", "Kore", "Kore"]


async def test_what_was_noted_comes_back_too() -> None:
    mind = ScriptedMind()
    shared = parts(make_mind=mind, clock=(clock := TurnedClock()), tempo=Tempo())
    async with running(shared) as desk:
        desk.write("hello")
        await desk.sees("audio")
        desk.content("by the way", complete=False)
        await desk.play(clock, 1)
        handle = desk.handles()[-1]
    async with running(shared, resuming(handle)) as desk:
        desk.write("well?")
        await desk.play(clock, 1)
        assert mind.log[-1] == ("read", "by the way\nwell?")


# ------------------------------------------------------------------------------------------------ whom


@pytest.mark.conformance("S51")
@pytest.mark.parametrize("fault", ["unknown", "expired", "refused", "other model"])
async def test_handles_that_do_not_hold(fault: str) -> None:
    clock = TurnedClock()
    shared = parts(clock=clock, history=History(clock, lifetime_s=60))
    async with running(shared) as desk:
        desk.write("hello")
        handle = await desk.handle()
    if fault == "expired":
        await clock.turn(61)
    shared.history.refusing = fault == "refused"
    given = "never issued" if fault == "unknown" else handle
    async with running(shared, resuming(given, NATIVE if fault == "other model" else NEWEST)) as desk:
        assert await desk.over() == (INVALID if fault == "other model" else GONE)
        assert desk.sent == []


@pytest.mark.conformance("S51")
async def test_a_session_has_one_connection_at_a_time() -> None:
    shared = parts()
    async with running(shared) as first:
        first.write("hello")
        handle = await first.handle()
        async with running(shared, resuming(handle)) as second:
            assert await second.over() == (1011, "Internal error encountered.")
        first.write("still here")
        await first.turns(2)
        async with running(shared) as another:
            another.write("nobody minds")
            await another.turns(1)
    async with running(shared, resuming(handle)) as third:
        third.write("hello")
        await third.turns(1)


# ------------------------------------------------------------------------------------------------ transparent mode


async def test_transparent_handles_tell_what_they_contain() -> None:
    """Messages: 1 typed, 2 and 3 silence, 4 to 6 speech. When the first turn ends the state knows nothing of the
    speech, to which the sound right before it belongs."""
    clock = TurnedClock()
    shared = parts(clock=clock, tempo=Tempo(burst_ms=60_000), ears=ScriptedEars("nine"))
    way = {"sessionResumption": {"transparent": True}, "realtimeInputConfig": _patient()}
    async with running(shared, setup(CASCADE, **way), ON_VERTEX) as desk:
        desk.write("hello")
        await desk.sees("generation_complete")
        desk.audio(silence(640))
        desk.audio(silence(320))
        for _ in range(3):
            desk.audio(speech(320))
        await breathe()
        await desk.play(clock, 1)
        desk.audio(silence(64))
        await desk.play(clock, 2)
        assert indices(desk) == ["2", "7"]


async def test_transparent_handles_leave_out_what_waits() -> None:
    clock = TurnedClock()
    shared = parts(clock=clock, tempo=Tempo(burst_ms=60_000))
    way = {"sessionResumption": {"transparent": True}}
    async with running(shared, setup(CASCADE, **way), ON_VERTEX) as desk:
        desk.write("hello")
        await desk.sees("generation_complete")
        desk.write("and then?")
        desk.write("and then?")
        await breathe()
        await desk.play(clock, 3)
        assert indices(desk) == ["1", "2", "3"]


def _patient() -> Any:
    return SETUP["realtimeInputConfig"] | {"activityHandling": "NO_INTERRUPTION"}


def indices(desk: Desk) -> list[str | None]:
    found = [m.session_resumption_update for m in desk.sent if m.session_resumption_update is not None]
    return [update.last_consumed_client_message_index for update in found if update.resumable]

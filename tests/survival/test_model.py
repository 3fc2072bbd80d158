"""Every scenario of the model's link against the real gateway: what comes of it, and what the caller is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.survival.caller import FRAME_SAMPLES, SPEECH_FRAMES, Caller
from tests.survival.place import SAID, Place, open_place
from vivavoce.gateway import notices
from vivavoce.local.faults.library import names, scenario
from vivavoce.local.faults.script import Script
from vivavoce.local.tempo import Tempo
from vivavoce.wire import caller as wire

pytestmark = [pytest.mark.slow, pytest.mark.storm]

ALONE = frozenset({
    "dropped-every-second", "service-down", "service-back", "text-ignored", "silent-after-interrupted",
    "interrupted-twice",
})  # fmt: skip
"""Scenarios in which the caller does something of their own, or cannot speak."""
OF_MODEL = [name for name in names() if scenario(name).at == "model"]
ROUNDS = 3
MOST_DROPS = 16
"""Of a line that never holds, over two minutes by the short clock of these tests."""
ALL_OF_IT = SPEECH_FRAMES * FRAME_SAMPLES


async def greeted(place: Place) -> Caller:
    _, ticket = await place.ticket()
    caller = place.caller()
    await caller.arrive(ticket)
    return caller


async def answered(place: Place, caller: Caller) -> None:
    """One thing said, heard to its last sample, and answered."""
    before = caller.agent_words
    number = await caller.speak()
    await caller.when(lambda: place.heard(number) >= ALL_OF_IT, f"utterance {number} heard by a model")
    await caller.when(lambda: caller.agent_words > before and caller.is_quiet, f"an answer to utterance {number}")


def assert_told(caller: Caller, script: Script) -> None:
    assert caller.told == script.told, "each is said once, in its order"
    for notice in caller.of(wire.Notice):
        assert notice.text, f"want words for {notice.code}"
    assert caller.wrong == []


def assert_happened(place: Place, script: Script) -> None:
    wanted = {type(fault).__name__ for fault in script.faults}
    assert wanted <= set(place.happened), "every fault of the scenario has happened"


@pytest.mark.parametrize("name", [name for name in OF_MODEL if name not in ALONE and not scenario(name).ends])
async def test_the_talk_goes_on(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = scenario(name)
    async with open_place(tmp_path, monkeypatch, script) as place:
        caller = await greeted(place)
        await caller.when(lambda: caller.agent_words >= 1 and caller.is_quiet, "the greeting")
        for number in range(ROUNDS):
            if number == 1:
                leap(place, script)
            await answered(place, caller)
        assert_happened(place, script)
        await caller.when(lambda: len(caller.told) >= len(script.told), "what is told")
        assert_told(caller, script)
        await caller.close()


def leap(place: Place, script: Script) -> None:
    """To where a fault is due by the clock, one after the other."""
    if due := [fault.when.after_s for fault in script.faults if fault.when.after_s is not None]:
        place.clock.leap(max(due))


@pytest.mark.parametrize("name", [name for name in OF_MODEL if name not in ALONE and scenario(name).ends])
async def test_the_call_ends_with_its_reason(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = scenario(name)
    async with open_place(tmp_path, monkeypatch, script) as place:
        caller = await greeted(place)
        if any(fault.when.turn for fault in script.faults):
            await caller.when(lambda: caller.agent_words >= 1 and caller.is_quiet, "the greeting")
            await caller.speak()
        ended = await caller.over()
        assert (ended.reason, ended.text) == (script.ends, notices.ENDS[script.ends])
        assert caller.heard, "the reason is heard, too"
        assert_happened(place, script)
        assert_told(caller, script)
        await caller.close()


async def test_dropped_every_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = scenario("dropped-every-second")
    async with open_place(tmp_path, monkeypatch, script, speed=10.0) as place:
        caller = await greeted(place)
        ended = await caller.over()
        assert ended.reason == script.ends
        # every link that comes up is voice again for a second; that it is said each time is what this fault costs
        assert caller.told[:2] == script.told
        assert set(caller.told[2:]) <= {"voice_again", "voice_lost"}
        assert len(place.happened) <= MOST_DROPS, "it is not dialled without end"
        await caller.close()


async def test_a_service_that_is_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = scenario("service-down")
    async with open_place(tmp_path, monkeypatch, script) as place:
        caller = await greeted(place)
        ended = await caller.over()
        assert (ended.reason, ended.text) == (script.ends, notices.ENDS[script.ends])
        assert_told(caller, script)
        assert caller.heard, "the caller hears it, too"
        assert len(place.happened) <= MOST_DROPS
        await caller.close()


async def test_a_service_that_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = scenario("service-back")
    async with open_place(tmp_path, monkeypatch, script) as place:
        caller = await greeted(place)
        await caller.when(lambda: "voice_lost" in caller.told, "to be told")
        await caller.send(wire.Typed(text=SAID[0]))
        await caller.when(lambda: "voice_again" in caller.told, "voice again")
        await caller.when(lambda: bool(caller.of(wire.Fact)), "what was typed to be understood")
        await caller.when(lambda: caller.agent_words >= 1 and caller.is_quiet, "an answer")
        await answered(place, caller)
        assert_happened(place, script)
        assert_told(caller, script)
        await caller.close()


async def test_text_that_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = scenario("text-ignored")
    async with open_place(tmp_path, monkeypatch, script) as place:
        caller = await greeted(place)
        await caller.when(lambda: caller.agent_words >= 1 and caller.is_quiet, "the greeting")
        before = len(caller.of(wire.Fact))
        await caller.send(wire.Typed(text=SAID[0]))
        await caller.when(lambda: "Lose" in place.happened, "the loss")
        await caller.when(lambda: len(caller.of(wire.Fact)) > before, "what was typed to be understood")
        await caller.when(lambda: caller.agent_words >= 2 and caller.is_quiet, "an answer")
        assert_told(caller, script)
        await caller.close()


@pytest.mark.parametrize("name", ["silent-after-interrupted", "interrupted-twice"])
async def test_the_caller_interrupts(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = scenario(name)
    async with open_place(tmp_path, monkeypatch, script, tempo=Tempo()) as place:
        caller = await greeted(place)
        caller.plays = False
        await caller.when(lambda: bool(caller.heard), "the greeting to begin")
        await caller.speak(2 * SPEECH_FRAMES, in_real_time=True)
        await caller.until(wire.Cut)
        caller.plays = True
        await caller.when(lambda: place.heard(1) >= 2 * ALL_OF_IT, "the interruption to be heard")
        await caller.when(lambda: max(caller.heard) > 1 and caller.is_quiet, "an answer to it")
        await answered(place, caller)
        assert_happened(place, script)
        assert_told(caller, script)
        await caller.close()


def test_none_is_left_out() -> None:
    assert set(OF_MODEL) >= ALONE

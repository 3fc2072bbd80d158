"""What a caller's machine measured: believed within bounds, rounded, rationed; and the gate that follows its echo."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from tests.gateway.peers import Scene, until
from vivavoce.agents.fieldtypes import MAX_TEXT, WORDS, parse_type
from vivavoce.conversation import events as ev
from vivavoce.errors import FieldValueError, WireError
from vivavoce.gateway import reports
from vivavoce.wire import caller as wire


def test_levels_are_bounded_and_rounded_to_a_tenth() -> None:
    told = wire.Levels(at=99, step=512, mic=[-33.333, -500.0, 7.0], far=[0.04, -1.0, -120.0], return_loss_db=200.0)
    assert reports.measured(told, 50) == ev.CallerMeasured(
        50, 512, (-33.3, -120.0, 0.0), (0.0, -1.0, -120.0), return_loss_db=120.0
    )
    told = wire.Levels(at=-3, step=512, mic=[], delay_ms=-5.0, noise_dbfs=3.0)
    assert reports.measured(told, 50) == ev.CallerMeasured(0, 512, (), delay_ms=0.0, noise_dbfs=0.0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(WireError):
        reports.measured(wire.Levels(at=0, step=512, mic=[value]), 0)
    with pytest.raises(WireError):
        reports.measured(wire.Levels(at=0, step=512, mic=[], noise_dbfs=value), 0)
    with pytest.raises(WireError):
        reports.disturbed(wire.Health(faults=[wire.Fault(what="gap", at=0, ms=value)]), 0)


def test_two_lists_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(WireError, match="got 1 and 2"):
        reports.measured(wire.Levels(at=0, step=512, mic=[-1.0, -2.0], far=[-1.0]), 0)


@pytest.mark.parametrize(
    "value", [None, True, 3, 10**40, "", "é" * MAX_TEXT, {"amount": 3, "currency": "EUR"}, ["Acme", "Umbra"], []]
)
def test_what_is_set_by_hand_is_kept(value: object) -> None:
    assert reports.set_by_hand(value) == value


EVERY_TYPE = [*WORDS, "0..10", "now|later", "list<text>", "list<money>", "list<email>"]


def nested(levels: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(levels):
        inner = [inner]
    return inner


@pytest.mark.parametrize(
    "value", ["x" * 10**6, ["x" * 100] * 10**4, {"amount": "9" * 10**6}, [[[["x" * 10**5]]]], nested(5000)]
)
def test_what_no_field_takes_is_no_reason_for_a_large_log(value: object) -> None:
    kept = reports.set_by_hand(value)
    assert len(msgspec.json.encode(kept)) <= 4 * MAX_TEXT
    for kind in EVERY_TYPE:
        with pytest.raises(FieldValueError):
            parse_type(kind).check(kept)


async def test_a_flood_of_long_corrections_fills_no_log() -> None:
    scene = await Scene().join()
    for _ in range(20):
        scene.socket.say(wire.Correct(field="customer", value="x" * 10**6))
    await until(lambda: [told.code for told in scene.socket.got(wire.Notice)].count("bad_value") == 20)
    await scene.end()
    kept = [event for event in logged(scene, ev.FactCorrected) if isinstance(event, ev.FactCorrected)]
    assert [len(event.value) for event in kept] == [MAX_TEXT + 1] * 20


def test_faults_are_bounded() -> None:
    told = wire.Health(faults=[wire.Fault(what="stall", at=10**9, ms=1e300, count=10**12)])
    assert reports.disturbed(told, 7).faults == (("stall", 7, reports.MAX_FAULT_MS, 1_000_000),)


def logged(scene: Scene, kind: type[ev.Event]) -> list[ev.Event]:
    return [event for event, _, _ in scene.watcher.steps if isinstance(event, kind)]


async def test_a_flood_of_reports_is_counted_and_left_out_and_ends_nothing() -> None:
    scene = await Scene().join()
    for _ in range(500):
        scene.socket.say(wire.Levels(at=0, step=512, mic=[-50.0]))
        scene.socket.say(wire.Health(faults=[wire.Fault(what="gap", at=0)]))
        scene.socket.say(wire.Doubt(reply=1, at=0))
    scene.socket.say(wire.Typed(text="still here"))
    await until(lambda: "still here" in scene.link.texts)
    kept = logged(scene, ev.CallerMeasured) + logged(scene, ev.CallerDisturbed)
    assert reports.BURST <= len(kept) < reports.BURST + 50
    assert len(logged(scene, ev.CallerDoubted)) < reports.BURST + 50
    await scene.end()
    assert scene.watcher.counts["reports_left_out"] > 1000
    assert scene.socket.got(wire.Notice) == []


async def test_the_gate_follows_the_echo() -> None:
    scene = await Scene(gate="auto").join(echo_cancelled=True)
    assert scene.call.gate_name == "duplex"
    for state in ("poor", "poor", "raw", "good"):
        scene.socket.say(wire.Echo(state=state))
    await until(lambda: len(logged(scene, ev.EchoChanged)) == 3)
    told = [(event.state, event.gate) for event in logged(scene, ev.EchoChanged) if isinstance(event, ev.EchoChanged)]
    assert told == [("poor", "two-tier"), ("raw", "two-tier"), ("good", "duplex")]
    assert scene.call.gate_name == "duplex"
    await scene.end()


async def test_a_gate_that_was_chosen_stays() -> None:
    scene = await Scene(gate="duplex").join()
    scene.socket.say(wire.Echo(state="poor"))
    await until(lambda: bool(logged(scene, ev.EchoChanged)))
    assert scene.call.gate_name == "duplex"
    await scene.end()


async def test_the_gate_does_not_change_while_the_caller_speaks() -> None:
    scene = await Scene(gate="auto").join(echo_cancelled=True)
    position = scene.socket.speak(0, level=0, frames=30)
    position = scene.socket.speak(position, level=6000, frames=10)
    await until(lambda: bool(scene.socket.got(wire.Gate)))
    scene.socket.say(wire.Echo(state="poor"))
    await until(lambda: bool(logged(scene, ev.EchoChanged)))
    assert scene.call.gate_name == "duplex"
    scene.socket.speak(position, level=0, frames=20)
    await until(lambda: len(scene.socket.got(wire.Gate)) == 2)
    assert scene.call.gate_name == "two-tier"
    await scene.end()


async def test_who_comes_back_need_not_say_again_what_they_measured() -> None:
    scene = await Scene(gate="auto").join(echo_cancelled=True)
    scene.socket.say(wire.Echo(state="poor"))
    await until(lambda: bool(logged(scene, ev.EchoChanged)))
    await scene.drop()
    await scene.come_back(echo_cancelled=True)
    assert scene.call.gate_name == "two-tier"
    await scene.drop()
    await scene.come_back(echo_cancelled=False)
    await scene.drop()
    await scene.come_back(echo_cancelled=True)
    assert scene.call.gate_name == "duplex", "another device, another echo"
    await scene.end()


async def test_reports_that_are_none_are_rubbish() -> None:
    scene = await Scene().join()
    scene.socket.say('{"kind":"levels","at":0,"step":512,"mic":[1e999]}')
    scene.socket.say('{"kind":"doubt","reply":1,"at":0,"level":2.0}')
    scene.socket.say('{"kind":"echo","state":"splendid"}')
    await until(lambda: bool(scene.socket.got(wire.Notice)))
    await scene.end()
    assert not logged(scene, ev.CallerMeasured) + logged(scene, ev.CallerDoubted) + logged(scene, ev.EchoChanged)

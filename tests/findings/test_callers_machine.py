"""What the caller's machine told of itself stands where it happened."""

from __future__ import annotations

from vivavoce.conversation import events as ev
from vivavoce.findings.callers_machine import Away, CallersMachine, Fault, cause_of, tally


def told(*events: tuple[ev.Event, float], offset_s: float = 1.0, end_s: float = 60.0) -> CallersMachine:
    machine = CallersMachine()
    for event, now in events:
        machine.take(event, now, offset_s)
    machine.close(end_s)
    return machine


def test_faults_stand_on_the_sessions_clock() -> None:
    machine = told((ev.CallerDisturbed((("underrun", 32_000, 120.0, 1), ("long_task", 30_400, 210.0, 1))), 3.5))
    assert [(fault.what, fault.start_s) for fault in machine.faults] == [("long_task", 2.9), ("underrun", 3.0)]
    assert machine.faults[1].end_s == 3.12
    assert machine.faults[1].says == "the loudspeaker ran dry for 120 ms"


def test_a_clock_that_runs_ahead_puts_nothing_after_its_report() -> None:
    machine = told((ev.CallerDisturbed((("gap", 16_000 * 3600, 5_000.0, 3),)), 4.0))
    assert (machine.faults[0].start_s, machine.faults[0].end_s) == (4.0, 4.0)
    assert machine.faults[0].says == "sound was missing, 3 times"


def test_away_until_back_and_away_for_good() -> None:
    machine = told(
        (ev.CallerDropped(1006), 10.0),
        (ev.CallerDropped(1006), 11.0),
        (ev.CallerReturned(), 15.0),
        (ev.CallerReturned(), 16.0),
        (ev.CallerDropped(1006), 50.0),
    )
    assert machine.away == [Away(10.0, 15.0, True), Away(50.0, 60.0, False)]


def test_levels_are_measured_step_by_step() -> None:
    event = ev.CallerMeasured(16_000, 1_600, (-40.0, -50.0), (-20.0,), return_loss_db=30.0, noise_dbfs=-60.0)
    first, second = told((event, 3.0)).measures
    assert (first.start_s, round(first.end_s, 3), first.mic, first.far) == (2.0, 2.1, -40.0, -20.0)
    assert (second.far, second.return_loss_db, second.noise_dbfs) == (None, 30.0, -60.0)


def test_what_stood_nearest_is_named_as_the_cause() -> None:
    dry = Fault(10.0, 10.1, "underrun", 1)
    busy, blip, later = (
        Fault(9.7, 10.0, "long_task", 1),
        Fault(10.0, 10.01, "late_frame", 1),
        Fault(11.0, 12.0, "network_gap", 1),
    )
    assert cause_of(dry, [dry, blip, busy, later]) == "long_task"
    assert cause_of(dry, [dry, later]) == ""


def test_kinds_are_counted_the_most_frequent_first() -> None:
    faults = [Fault(0, 0, "gap", 1), Fault(0, 0, "underrun", 2), Fault(1, 1, "underrun", 1), Fault(1, 1, "device", 1)]
    assert tally(faults) == (("underrun", 3), ("device", 1), ("gap", 1))

"""A failing script is made small, and still fails."""

from __future__ import annotations

from vivavoce.storm.shrink import shrink
from vivavoce.storm.world.script import Fault, Script

FAULTS = tuple(Fault(kind=kind, at_s=100.03 * (index + 1), seconds=3.33) for index, kind in enumerate("abcdefg"))
LONG = Script(seed=1, minutes=45.0, faults=FAULTS)


def kinds(script: Script) -> set[str]:
    return {fault.kind for fault in script.faults}


def test_only_the_faults_that_it_takes_are_left() -> None:
    small = shrink(LONG, lambda script: {"b", "f"} <= kinds(script))
    assert kinds(small) == {"b", "f"}


def test_a_call_that_fails_without_faults_has_none_left() -> None:
    assert shrink(LONG, lambda script: True).faults == ()


def test_the_call_ends_soon_after_its_last_fault() -> None:
    small = shrink(LONG, lambda script: "a" in kinds(script))
    assert small.minutes <= (100.03 + 3.33) / 60 + 2


def test_it_stays_as_long_as_it_must_be() -> None:
    small = shrink(LONG, lambda script: "a" in kinds(script) and script.minutes > 30)
    assert 30 < small.minutes <= 45


def test_numbers_become_round_where_that_changes_nothing() -> None:
    small = shrink(LONG, lambda script: "a" in kinds(script))
    assert small.faults[0].at_s == 100.0
    exact = shrink(LONG, lambda script: any(fault.at_s == 100.03 for fault in script.faults))
    assert exact.faults[0].at_s == 100.03

"""A failing call made as small as it can be and still fail: fewer faults, then a shorter call, then rounder numbers."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from vivavoce.storm.world.script import Fault, Script

AFTER_S = 90.0
"""What a fault breaks is seen within this after it; the call is over as soon."""

Fails = Callable[[Script], bool]


def shrink(script: Script, fails: Fails) -> Script:
    """The smallest script found that still fails.

    Args:
        fails: plays one and says whether it still breaks what it broke.
    """
    script = msgspec.structs.replace(script, faults=_fewer(script, fails))
    script = _shorter(script, fails)
    return _rounder(script, fails)


def _fewer(script: Script, fails: Fails) -> tuple[Fault, ...]:
    """Delta debugging (Zeller, 1999): leave out ever smaller parts while it still fails."""
    faults, parts = script.faults, 2
    while faults:
        size = max(1, len(faults) // parts)
        for start in range(0, len(faults), size):
            rest = faults[:start] + faults[start + size :]
            if fails(msgspec.structs.replace(script, faults=rest)):
                faults, parts = rest, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts *= 2
    return faults


def _shorter(script: Script, fails: Fails) -> Script:
    """Its end as early as can be, found by halves."""
    last = max((fault.at_s + fault.seconds for fault in script.faults), default=0.0)
    good, bad = (last + AFTER_S) / 60, script.minutes
    for minutes in (good, (good + bad) / 2, (good + 3 * bad) / 4):
        shorter = msgspec.structs.replace(script, minutes=round(minutes, 1))
        if shorter.minutes < script.minutes and fails(shorter):
            return shorter
    return script


def _rounder(script: Script, fails: Fails) -> Script:
    for index, fault in enumerate(script.faults):
        for digits in (0, 1):
            round_ = msgspec.structs.replace(
                fault, at_s=round(fault.at_s, digits), seconds=round(fault.seconds, digits)
            )
            faults = (*script.faults[:index], round_, *script.faults[index + 1 :])
            rounder = msgspec.structs.replace(script, faults=faults)
            if round_ != fault and fails(rounder):
                script = rounder
                break
    return script

"""Numbers that were set before, beside what came of them."""

from __future__ import annotations

from typing import Literal, TypeAlias

from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.outcome import Goal, Unit
from vivavoce.studies.calibration.tables import shown

Side: TypeAlias = Literal["above", "at least", "at most"]


def goal(what: str, came: Share, side: Side, bound: float, unit: Unit) -> Goal:
    """Whether the value reaches a bound, and whether its whole interval does."""
    said = f"{100 * bound:g} %" if unit == "percent" else f"{100 * bound:g}" if unit == "points" else f"{bound:g}"
    return Goal(
        wanted=f"{what}: {side} {said}",
        came=shown(came, unit) + (" points" if unit == "points" else ""),
        met=_reaches(came.value, side, bound),
        sure=all(_reaches(end, side, bound) for end in (came.low, came.high)),
    )


def _reaches(value: float, side: Side, bound: float) -> bool:
    return value > bound if side == "above" else value >= bound if side == "at least" else value <= bound

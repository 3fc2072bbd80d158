"""What a calibration says. No figure stands alone: beside it are what costs nothing, and what people reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec
import numpy as np

from vivavoce.panel.calibration.chances import Bin, Coverage
from vivavoce.panel.outcome import Share

Role: TypeAlias = Literal["model", "control", "people", "ablation", "niche", "other"]
"""Ours; who knows nothing of what is claimed; people, by whom the ceiling is set; ours, or the measure, without one of
its parts; ours in one niche alone; a figure that is no column of its task."""
Word: TypeAlias = Literal["reached", "as a point value", "not reached"]
"""`as a point value`: the interval holds what would miss it."""
Unit: TypeAlias = Literal["percent", "points", "plain", "signed"]
"""Per cent; differences of them; figures as they are; differences of these."""


class Column(msgspec.Struct, frozen=True):
    name: str
    unit: Unit


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One who was measured."""

    who: str
    role: Role
    figures: dict[str, Share]
    """By column. Without an interval, both its ends are the value: it is so by construction."""
    drawn: str = ""
    """What is drawn for its intervals, where it is not what the task says: halvings, deals, splits by other seeds."""
    floor: Share | None = None
    """Of its first figure, where the row has one of its own: another measure, one niche, no column of the task."""
    ceiling: Share | None = None
    """The same; None beside a floor: not known."""


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """A number that was set before."""

    wanted: str
    came: str
    met: bool
    """By the point value."""
    sure: bool = True
    """By the whole interval."""

    @property
    def word(self) -> Word:
        if not self.met:
            return "not reached"
        return "reached" if self.sure else "as a point value"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One body of outcomes, and everybody who was measured on it."""

    name: str
    asks: str
    """What is to be foretold."""
    counts: dict[str, int]
    """Rows, pairs, groups, people."""
    split: str
    """What is never on both sides, and how many folds."""
    interval: str
    """What is drawn."""
    columns: tuple[Column, ...]
    floor: str
    """Who knows nothing: by their row, the floor of each column they have."""
    ceiling: str
    """What people reach: by their row, the ceiling of each column they have. Empty where it is not known."""
    rows: tuple[Row, ...]
    reliability: tuple[Bin, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    leaks: dict[str, int] = {}
    """What was looked for across the split, and how much of it was left."""
    goals: tuple[Goal, ...] = ()
    doubts: tuple[str, ...] = ()
    """What the figures do not say, in sentences."""
    seconds: float = 0.0

    def row(self, who: str) -> Row:
        return next(each for each in self.rows if each.who == who)


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    seed: int
    embedder: str
    version: str
    machine: str
    day: str
    """UTC."""
    tasks: tuple[Task, ...]
    not_run: dict[str, str]
    """By name of task: why."""


VALUE = "value"
"""The one figure of a row that is no column of its task."""


def other(who: str, share: Share, *, floor: Share | None = None, ceiling: Share | None = None, drawn: str = "") -> Row:
    """A figure that is no column of its task, with its own ends."""
    return Row(who=who, role="other", figures={VALUE: share}, floor=floor, ceiling=ceiling, drawn=drawn)


def exactly(value: float) -> Share:
    """A figure that no drawing changes."""
    return Share(round(value, 4), round(value, 4), round(value, 4))


def spread_over(values: Sequence[float]) -> Share:
    """A figure that chance makes, over its tries: their mean, and where 95 of 100 of them lie."""
    return around(values, values)


def around(values: Sequence[float], drawn: Sequence[float]) -> Share:
    """The mean of tries, and where 95 of 100 lie of what they are when units are drawn again in each."""
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Share(round(float(np.mean(values)), 4), round(float(low), 4), round(float(high), 4))

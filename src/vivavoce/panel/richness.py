"""How much of a persona people said, from 0 (we made it up) to 1.

    richness = real x (points / 8 + people / 10 + groups / 5 + quotes / 5) / 4

    real    share of its weight that is real and not inferred
    points  real frustrations and goals that more than one person has
    people  different people who said any of its points
    groups  different threads, apps or calls they said it in; each insight without one is its own
    quotes  verbatim quotes

Each part in the brackets is at most 1. A persona we inferred altogether has 0 however much it fills a page, and one
made of a single thread stays below 1 however long that thread is. Who said a point counts whether or not this member
cites them: members who vote cite fewer than those who are read, and have no less behind them. The targets (8, 10, 5, 5)
are ours and not tuned: richness says how much is behind a persona, never how well it predicts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from vivavoce.panel.evidence import person_of
from vivavoce.panel.insights import Insight
from vivavoce.panel.personas import Point

POINTS, PEOPLE, GROUPS, QUOTES = 8, 10, 5, 5
"""Of each, what is as good as more."""


def richness(points: Sequence[Point], quotes: int, behind: Sequence[Insight], people: int) -> float:
    """Of a persona with these frustrations and goals, to three decimals.

    Args:
        quotes: how many it has.
        behind: all that was said of its points, cited or not.
        people: who there are in all, of whom `Point.reach` is a share.
    """
    real = [point for point in points if point.origin == "real"]
    speakers = len({person_of(insight) for insight in behind})
    groups = len({(insight.source, insight.group or insight.id) for insight in behind})
    shared = sum(round(point.reach * people) > 1 for point in real)
    share = math.fsum(point.weight for point in real)
    parts = (shared / POINTS, speakers / PEOPLE, groups / GROUPS, quotes / QUOTES)
    return round(min(1.0, share) * math.fsum(min(1.0, part) for part in parts) / len(parts), 3)

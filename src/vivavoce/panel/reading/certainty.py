"""How sure a reading is, told by how far what it says leads the next best."""

from __future__ import annotations

from collections.abc import Sequence


def sure(lead: float, rates: Sequence[tuple[float, float]]) -> float:
    """The share that is right at such a lead, from measured points that rise; between them a straight line."""
    below = rates[0]
    for above in rates:
        if lead < above[0]:
            share = (lead - below[0]) / (above[0] - below[0]) if above[0] > below[0] else 0.0
            return round(below[1] + share * (above[1] - below[1]), 2)
        below = above
    return below[1]

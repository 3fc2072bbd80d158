"""Gabor-Granger: to how many each price is not too much, and which of the tested prices brings in most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from vivavoce.errors import InputError
from vivavoce.panel.intervals import Z, share_of
from vivavoce.panel.outcome import PricePoint
from vivavoce.panel.pricing.points import check

FLAT = 0.1
"""A share that falls by less over all that was tested hardly depends on the price. Not tuned."""


def gabor_granger(points: Sequence[float], rows: Sequence[Sequence[bool]]) -> tuple[PricePoint, ...]:
    """From people's answers. Who would pay more and not less is left out, see `consistent`.

    Args:
        points: the tested prices, rising.
        rows: one a person: would they take it at each of the points?
    Raises:
        InputError: no such points, or a row that has not an answer to each.
    """
    check(points)
    for row in rows:
        if len(row) != len(points):
            raise InputError(f"want {len(points)} answers of each person, one a price; got {len(row)}")
    kept = [row for row in rows if consistent(row)]
    shares = [sum(row[at] for row in kept) / len(kept) if kept else 0.0 for at in range(len(points))]
    return priced_points(points, shares, len(kept))


def consistent(row: Sequence[bool]) -> bool:
    """Whether nobody who says yes to a price says no to a lower one."""
    return all(lower or not higher for lower, higher in pairwise(row))


def priced_points(points: Sequence[float], shares: Sequence[float], people: float) -> tuple[PricePoint, ...]:
    """Of shares of as many independent people."""
    return tuple(
        PricePoint(price=price, would=share_of(share, people), revenue=round(price * share, 4))
        for price, share in zip(points, shares, strict=True)
    )


def best_price(points: Sequence[PricePoint], people: float) -> float | None:
    """The tested price with the highest revenue; None where it cannot be told from every other one at 95 %.

    The same people were asked all prices, and whoever takes the higher takes the lower: of a pair of prices each person
    brings in more at the one by a sum that the two shares alone say. That difference is tested, not two intervals,
    which would be blind to what they have in common.

    Args:
        people: independent ones behind the shares.
    """
    ranked = sorted(points, key=lambda point: (-point.revenue, point.price))
    told = bool(ranked) and all(_more(ranked[0], other, people) for other in ranked[1:])
    return ranked[0].price if told else None


def _more(one: PricePoint, other: PricePoint, people: float) -> bool:
    """Whether one brings in more than the other, beyond chance."""
    low, high = sorted((one, other), key=lambda point: point.price)
    both, only = high.would.value, low.would.value - high.would.value
    gains = ((high.price - low.price, both), (-low.price, only))
    mean = math.fsum(gain * share for gain, share in gains)
    spread = math.sqrt(max(0.0, math.fsum(gain * gain * share for gain, share in gains) - mean * mean))
    # nobody's answer differs: with few people that is luck, and no interval can be had of it
    return people > 0 and spread > 0 and abs(mean) > Z * spread / math.sqrt(people)


def doubts(points: Sequence[PricePoint], best: float | None) -> tuple[str, ...]:
    """Why not to rely on it: keys of `doubts.DOUBTS`."""
    revenues = [point.revenue for point in points]
    top = revenues.index(max(revenues))
    found = {
        "few": best is None,
        # where none can be told to be the best, none of them lies anywhere
        "beyond": best is not None and top in (0, len(points) - 1),
        "flat": points[0].would.value - points[-1].would.value < FLAT,
    }
    return tuple(name for name, holds in found.items() if holds)

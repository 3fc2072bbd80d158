"""Demand of a panel: how many would pay how much, from what each member would pay at most."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vivavoce.panel.reasoner import Reservation

STEPS = 40
"""Of the curve, even in the logarithm of the price."""
WIDER = 2.0
"""How many times below the lowest tested price it begins, and above the highest it ends."""
LEAST_SHARE = 1e-4
"""Below it there is no demand of which to say how it changes."""


def share_at(price: float, members: Sequence[Reservation | None]) -> float:
    """Mean chance that a price is not too much. None is who does not mind what it costs."""
    return math.fsum(1.0 if member is None else member.chance(price) for member in members) / len(members)


def demand(low: float, high: float, members: Sequence[Reservation | None]) -> tuple[tuple[float, float], ...]:
    """Prices and shares, the lower price first, over and around a range of prices."""
    first, whole = math.log(low / WIDER), math.log(high / low) + 2 * math.log(WIDER)
    prices = [math.exp(first + whole * step / STEPS) for step in range(STEPS + 1)]
    return tuple((float(f"{price:.4g}"), round(share_at(price, members), 4)) for price in prices)


def elasticity(price: float, members: Sequence[Reservation | None]) -> float | None:
    """By how many percent demand changes when the price rises by one, at a price; None where there is no demand."""
    share = share_at(price, members)
    if share < LEAST_SHARE:
        return None
    slopes = (_density((math.log(price) - each.middle) / each.spread) / each.spread for each in members if each)
    return round(0.0 - math.fsum(slopes) / len(members) / share, 3)  # and not -0.0


def _density(at: float) -> float:
    return math.exp(-at * at / 2) / math.sqrt(2 * math.pi)

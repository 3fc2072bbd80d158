"""The prices of a test."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from vivavoce.errors import InputError
from vivavoce.panel.ballots import check_price

LEAST_POINTS, MOST_POINTS = 3, 20
"""Two points are a line and never a curve; more than twenty tell no more."""


def check(points: Sequence[float]) -> None:
    """That these are prices to test.

    Raises:
        InputError: too few or too many, one that nobody asks (`ballots.check_price`), or not rising.
    """
    if not LEAST_POINTS <= len(points) <= MOST_POINTS:
        raise InputError(f"want {LEAST_POINTS} to {MOST_POINTS} prices to test, got {len(points)}")
    for price in points:
        check_price(price, "price to test")
    for lower, higher in pairwise(points):
        if not lower < higher:
            raise InputError(f"want prices that rise, got {higher:g} after {lower:g}")

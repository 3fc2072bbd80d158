"""The prices of a test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from vivavoce.errors import InputError

LEAST_POINTS, MOST_POINTS = 3, 20
"""Two points are a line and never a curve; more than twenty tell no more."""


def check(points: Sequence[float]) -> None:
    """That these are prices to test.

    Raises:
        InputError: too few or too many, one that is not above 0, or not rising.
    """
    if not LEAST_POINTS <= len(points) <= MOST_POINTS:
        raise InputError(f"want {LEAST_POINTS} to {MOST_POINTS} prices to test, got {len(points)}")
    for price in points:
        if not 0 < price < math.inf:
            raise InputError(f"want prices above 0 to test, got {price:g}")
    for lower, higher in pairwise(points):
        if not lower < higher:
            raise InputError(f"want prices that rise, got {higher:g} after {lower:g}")

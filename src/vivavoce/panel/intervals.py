"""How far a share may be off by the chance of who was asked."""

from __future__ import annotations

import math
from collections.abc import Sequence

from vivavoce.panel.outcome import Share
from vivavoce.panel.overlap import effective_size
from vivavoce.panel.posterior import incomplete_beta

Z = 1.959964
"""Standard deviations to either side that hold 95 % of a normal."""


def wilson(right: float, of: float, z: float = Z) -> tuple[float, float]:
    """Interval of a share, 95 % without `z` (Wilson 1927); from nothing nothing is known.

    Args:
        right: of `of`; neither need be whole where people count as the independent ones they are worth.
        z: standard deviations to either side.
    """
    if of <= 0:
        return 0.0, 1.0
    share = right / of
    # not divided by `of`, whose square may be nothing
    scale = of + z * z
    middle = (right + z * z / 2) / scale
    half = z * math.sqrt(max(0.0, right * (1.0 - share)) + z * z / 4) / scale
    # rounding must not push the share itself out
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def share_of(value: float, of: float) -> Share:
    """A share with its interval, to four places.

    Args:
        value: from 0 to 1.
        of: independent people behind it.
    """
    low, high = wilson(value * of, of)
    return Share(round(value, 4), round(low, 4), round(high, 4))


def mean_of(values: Sequence[float], rho: float, *, low: float, high: float) -> Share:
    """A mean with its interval (Student's), to four places; of fewer than two values everything is possible.

    Args:
        values: from `low` to `high`.
        rho: how alike any two of them are. They then spread less than people do, by 1 - rho, and count as fewer.
    """
    count = len(values)
    middle = math.fsum(values) / count if count else (low + high) / 2
    if count < 2 or rho >= 1:
        return Share(round(middle, 4), low, high)
    spread = math.fsum((value - middle) ** 2 for value in values) / (count - 1) / (1 - rho)
    half = _student(count - 1) * math.sqrt(spread / effective_size(count, rho))
    return Share(round(middle, 4), round(max(low, middle - half), 4), round(min(high, middle + half), 4))


def _student(freedom: int) -> float:
    """What Student's t with as many degrees of freedom stays below, to either side, in 95 of 100."""
    under, over = 0.0, 1_000.0
    for _ in range(60):
        middle = (under + over) / 2
        outside = incomplete_beta(freedom / 2, 0.5, freedom / (freedom + middle * middle))
        under, over = (middle, over) if outside > 0.05 else (under, middle)
    return over

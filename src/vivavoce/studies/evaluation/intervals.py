"""How far a figure may be off by the chance of which texts were there: 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Z = 1.959964
DRAWS = 1_000


def wilson(right: int, of: int) -> tuple[float, float]:
    """Of a share (Wilson 1927); from nothing nothing is known."""
    if of == 0:
        return 0.0, 1.0
    share = right / of
    scale = 1.0 + Z * Z / of
    middle = (share + Z * Z / (2 * of)) / scale
    half = Z * math.sqrt(share * (1.0 - share) / of + Z * Z / (4 * of * of)) / scale
    # rounding must not push the share itself out
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def bootstrap(
    groups: Sequence[NDArray[np.float64]], figure: Callable[[list[NDArray[np.float64]]], float], seed: int
) -> tuple[float, float]:
    """Of any figure of groups of rows: rows are drawn again within each group (Efron's percentiles)."""
    chance = np.random.default_rng(seed)
    drawn = sorted(
        figure([group[chance.integers(0, len(group), len(group))] for group in groups]) for _ in range(DRAWS)
    )
    return drawn[int(DRAWS * 0.025)], drawn[int(DRAWS * 0.975) - 1]

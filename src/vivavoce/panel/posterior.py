"""How sure votes make one: the posterior probability that a variant is what most people would choose.

Shares of preference have a Dirichlet prior (for two variants a Beta), to which votes are added. For two variants the
probability is a value of the incomplete beta function, for more an integral on a fixed grid. Nothing is drawn by lot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from vivavoce.errors import InputError

PRIOR = 3.0
"""Votes that each variant has before anybody votes: shares near a half are likelier than shares near all or nothing.
Chosen, not fitted: five people find what most prefer in 75 of 100 such worlds, and found it for 80 of 100 pairs of real
ideas that differ clearly, which not all pairs do. Five strangers who agree are then sure at .945, six at .967.
"""
_STEPS = 4_001
"""Of the grid, even in the logarithm: as near to the exact value for two variants as 1e-5."""
_TINY = 1e-300


def best(votes: Sequence[float]) -> list[float]:
    """Probability of each variant to have the largest share of all who prefer something.

    Args:
        votes: of independent people, by variant; fractions are taken.
    Returns:
        They sum to 1; without variants or with one there is nothing to be best of, and they are 0.
    Raises:
        InputError: a vote that is no number from 0 on.
    """
    if any(not 0 <= vote < math.inf for vote in votes):
        raise InputError(f"want votes from 0 on, got {list(votes)}")
    if len(votes) < 2:
        return [0.0] * len(votes)
    counts = [PRIOR + vote for vote in votes]
    if len(counts) == 2:
        second = incomplete_beta(counts[0], counts[1], 0.5)  # the first one's share is below a half
        return [1.0 - second, second]
    return _of_many(counts)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function: the chance that a share with the distribution Beta(a, b) is below x.

    Source: continued fraction of the NIST Handbook of Mathematical Functions, 8.17.22, by Lentz's method.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # where the fraction converges fast
        return 1.0 - incomplete_beta(b, a, 1.0 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    c, d = 1.0, 1.0 / _off_zero(1.0 - (a + b) * x / (a + 1))
    fraction = d
    for step in range(1, 10_000):  # some square root of a + b is enough
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        change = 1.0
        for term in (even, odd):
            d, c = 1.0 / _off_zero(1.0 + term * d), _off_zero(1.0 + term / c)
            change = d * c
            fraction *= change
        if abs(change - 1.0) < 1e-14:
            break
    return min(1.0, max(0.0, front * fraction / a))


def _off_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _of_many(counts: Sequence[float]) -> list[float]:
    """Shares with a Dirichlet distribution are gamma variables over their sum, so that the largest share is the largest
    of independent gammas: each one's density times the chance that all others are below, over all values.
    """
    # the largest of all is not below where any of them hardly ever is
    low = max(_least(count) for count in counts)
    high = math.log(max(count + 9 * math.sqrt(count) + 30 for count in counts))
    at = np.linspace(low, high, _STEPS)
    wide = float(at[1] - at[0])
    # of the logarithm of a gamma variable, so that small counts have no peak at 0
    densities = np.array([np.exp(count * at - np.exp(at) - math.lgamma(count)) for count in counts])
    pieces = (densities[:, 1:] + densities[:, :-1]) * (wide / 2)
    below = np.ones_like(densities)
    below[:, :-1] -= np.cumsum(pieces[:, ::-1], axis=1)[:, ::-1]  # from above, for small ones reach below the grid
    below = below.clip(0.0, 1.0)
    chances = [
        float((densities[each] * np.prod(np.delete(below, each, axis=0), axis=0)).sum()) * wide
        for each in range(len(counts))
    ]
    whole = math.fsum(chances)
    return [chance / whole for chance in chances]


def _least(count: float) -> float:
    """The logarithm below which that of a gamma variable is with a chance of 1e-13 at most: it is under x with one of
    less than x to the power of the count, over the factorial of the count.
    """
    return (math.log(1e-13) + math.lgamma(count + 1)) / count

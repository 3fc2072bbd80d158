"""How far two accounts of the same choice agree, and how far as many other people would."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.calibration.likeness import spearman
from vivavoce.panel.intervals import Z, wilson
from vivavoce.panel.outcome import Share
from vivavoce.panel.posterior import PRIOR

DRAWS = 2_000
"""Of other people: the second digit of a percentage stands still from there."""
SEED = 47
"""The same answers give the same figures."""
LEAST_CHANCE = 0.001
"""Below which no prediction is believed to have been: the log of 0 would drown all others."""


class Others(msgspec.Struct, frozen=True, kw_only=True):
    """As many other people, asked instead of a prediction: what they would say of these. Who knew what everybody thinks
    would do better still.
    """

    people: int
    agree: float
    """How often they would choose the same one most; those that are level draw lots, so it is never below chance."""
    error: float
    """Mean absolute error of their shares, taken as a prediction of these people's."""


def others(counts: Sequence[int]) -> Others | None:
    """What everybody may think is drawn from the posterior by which a tally decides, then as many people of those who
    think so. Two halves of the same people will not do: nearer to a tie than they are, one half has what the other
    lacks. Nor will these people drawn again, among whom whoever leads by luck leads for good.

    Args:
        counts: people by variant.
    Returns:
        None where nobody chose, or there is one variant.
    """
    total = sum(counts)
    if not total or len(counts) < 2:
        return None
    these = np.asarray([counts])
    chance = np.random.default_rng(SEED)
    drawn = chance.multinomial(total, chance.dirichlet(these[0] + PRIOR, size=DRAWS))
    return Others(
        people=total,
        agree=round(float((_winners(drawn) * _winners(these)).sum(axis=1).mean()), 4),
        error=round(float(np.abs(drawn - these).mean()) / total, 4),
    )


def error(expected: Mapping[str, float], counts: Mapping[str, int]) -> Share | None:
    """Mean absolute error of shares, and its 95 % interval over who was asked; None where nobody chose.

    The error is what a set of variants got over what it was expected to, for the set where that is most: some are above
    and the rest as much below. So the interval is had of each set's (Wilson's). Its low end is the largest of many low
    ends, and each of those is held to as many tests (Bonferroni); a high end needs no such care. Drawing people again
    would not do: what was expected rightly is missed in every draw, and 0 would never lie in the interval.
    """
    total = sum(counts.values())
    if not total:
        return None
    names = list(counts)
    off = sum(abs(counts[name] / total - expected.get(name, 0.0)) for name in names) / len(names)
    sets = [held for size in range(1, len(names)) for held in combinations(names, size)]
    strict = NormalDist().inv_cdf(1 - 0.025 / (len(sets) // 2)) if sets else Z
    low = high = 0.0
    for held in sets:
        got, wanted = sum(counts[name] for name in held), math.fsum(expected.get(name, 0.0) for name in held)
        low = max(low, wilson(got, total, strict)[0] - wanted)
        high = max(high, wilson(got, total)[1] - wanted)
    ends = min(off, 2 * low / len(names)), max(off, 2 * high / len(names))
    return Share(round(off, 4), round(ends[0], 4), round(ends[1], 4))


def rank(one: Mapping[str, float], other: Mapping[str, float]) -> float | None:
    """Spearman's correlation, ties by their mean rank; None for fewer than three variants, or where one side puts all
    level. Of two variants it would say no more than who won.
    """
    if len(one) < 3:
        return None
    a, b = (np.array([each[name] for name in one], np.float64) for each in (one, other))
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return round(spearman(a, b), 4)


def brier(chances: Mapping[str, float], truth: Mapping[str, float]) -> float:
    """Expected Brier score of a prediction of the winner, from 0 to 1; half the sum over variants, as with two of them
    it is the square of the one error.

    Args:
        truth: how sure it is, of each variant, that it won: people settle that only so far.
    """
    return round(
        sum(
            sure * sum((chances.get(name, 0.0) - (name == won)) ** 2 for name in truth) / 2
            for won, sure in truth.items()
        ),
        4,
    )


def log_score(chances: Mapping[str, float], truth: Mapping[str, float]) -> float:
    """Expected logarithmic score in nats, 0 the best; two even chances are worth .693."""
    return round(-sum(sure * math.log(max(LEAST_CHANCE, chances.get(won, 0.0))) for won, sure in truth.items()), 4)


def _winners(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """By row, the chance of each to be called the winner when those that are level draw lots."""
    top = counts == counts.max(axis=1, keepdims=True)
    chances: NDArray[np.float64] = top / top.sum(axis=1, keepdims=True)
    return chances

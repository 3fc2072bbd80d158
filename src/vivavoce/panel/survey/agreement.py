"""How far two accounts of the same choice agree, and how far two halves of the same people do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.calibration.likeness import spearman
from vivavoce.panel.outcome import Share

DRAWS = 2_000
"""Of the bootstrap and of halves: the second digit of a percentage stands still from there."""
SEED = 47
"""The same answers give the same figures."""
LEAST_CHANCE = 0.001
"""Below which no prediction is believed to have been: the log of 0 would drown all others."""


class Halves(msgspec.Struct, frozen=True, kw_only=True):
    """How people agree with people: what no prediction can be expected to beat. Each half is half as many as were
    asked, so all of them agree somewhat better.
    """

    people: int
    """In the smaller half."""
    agree: float
    """How often both halves have the same winner; halves that are level agree by as much as chance would have it."""
    error: float
    """Mean absolute error of one half's shares, taken as a prediction of the other's."""


def halves(counts: Sequence[int]) -> Halves | None:
    """Random halves of those who chose.

    Args:
        counts: people by variant.
    Returns:
        None for fewer than two people, or one variant.
    """
    total = sum(counts)
    if total < 2 or len(counts) < 2:
        return None
    drawn = np.random.default_rng(SEED).multivariate_hypergeometric(counts, total // 2, size=DRAWS)
    others = np.asarray(counts) - drawn
    one, two = _winners(drawn), _winners(others)
    shares = drawn / drawn.sum(axis=1, keepdims=True), others / others.sum(axis=1, keepdims=True)
    return Halves(
        people=total // 2,
        agree=round(float((one * two).sum(axis=1).mean()), 4),
        error=round(float(np.abs(shares[0] - shares[1]).mean()), 4),
    )


def error(expected: Mapping[str, float], counts: Mapping[str, int]) -> Share | None:
    """Mean absolute error of shares, and its 95 % interval over who was asked (bootstrap); None where nobody chose."""
    total = sum(counts.values())
    if not total:
        return None
    wanted = np.array([expected.get(each, 0.0) for each in counts])
    shares = np.array(list(counts.values())) / total
    drawn = np.random.default_rng(SEED).multinomial(total, shares, size=DRAWS) / total
    low, high = np.quantile(np.abs(drawn - wanted).mean(axis=1), (0.025, 0.975))
    return Share(round(float(np.abs(shares - wanted).mean()), 4), round(float(low), 4), round(float(high), 4))


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

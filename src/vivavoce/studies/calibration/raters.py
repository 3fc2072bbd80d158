"""Raters of ideas against raters: panels of them held against what all the others say, and two halves of them."""

from __future__ import annotations

import numpy as np

from vivavoce.panel.calibration.drawing import Floats, Rows
from vivavoce.panel.calibration.likeness import correlation
from vivavoce.panel.calibration.pairs import right
from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.concepts import Ideas, clear_pairs
from vivavoce.studies.calibration.outcome import around, exactly

TRIES = 200
"""Deals of raters, each with one draw of ideas: the ends of an interval wobble by a tenth of its width."""


def panel(found: Ideas, source: str, size: int, seed: int, orders: Floats | None = None) -> Share:
    """How often a panel of raters puts right what is clear to all the others: who is on it has no say in what is true
    of it. An idea that has fewer than two others is left out.

    Args:
        orders: shape (ideas, ideas), from -1 to 1 how one stands to another, in place of the panel's, on the same
            pairs.
    """
    chance = np.random.default_rng([seed, size])
    its = np.array([at for at in found.of(source) if len(found.ratings[at]) > size + 1], np.intp)
    shares: list[float] = []
    drawn: list[float] = []
    for _ in range(TRIES):
        said, means, errors = (np.zeros(len(found.ratings)) for _ in range(3))
        for at in its:
            dealt = chance.permutation(found.ratings[at])
            said[at], rest = dealt[:size].mean(), dealt[size:]
            means[at], errors[at] = rest.mean(), rest.var(ddof=1) / len(rest)
        times = _times(found.kin[its], chance)
        one, other = clear_pairs(its, means, errors).T
        truth = np.sign(means[one] - means[other])
        hits = right(said[one] - said[other], truth) if orders is None else 0.5 + 0.5 * orders[one, other] * truth
        weights = times[found.kin[one]] * times[found.kin[other]]
        if weights.any():
            shares.append(float(hits.mean()))
            drawn.append(float(weights @ hits / weights.sum()))
    return around(shares, drawn) if shares else exactly(0.5)


def halves(found: Ideas, source: str, seed: int) -> Share:
    """Correlation of two halves of the raters, for all of them (Spearman and Brown)."""
    chance = np.random.default_rng(seed)
    its = found.of(source)
    values, drawn = [], []
    for _ in range(TRIES):
        dealt = [chance.permutation(found.ratings[at]) for at in its]
        one, other = (np.array([each[start::2].mean() for each in dealt]) for start in (0, 1))
        rows = np.repeat(np.arange(len(its)), _times(found.kin[its], chance)[found.kin[its]])
        values.append(_whole(correlation(one, other)))
        drawn.append(_whole(correlation(one[rows], other[rows])))
    return around(values, drawn)


def _times(groups: Rows, chance: np.random.Generator) -> Rows:
    """How often each group is drawn, by its number."""
    there = np.unique(groups)
    return np.bincount(chance.choice(there, len(there)), minlength=int(groups.max(initial=-1)) + 1)


def _whole(half: float) -> float:
    return 2 * half / (1 + half)

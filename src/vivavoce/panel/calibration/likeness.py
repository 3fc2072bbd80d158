"""How alike two accounts are: the same order, the same shares, the same spread."""

from __future__ import annotations

import numpy as np

from vivavoce.errors import InputError
from vivavoce.panel.calibration.drawing import Floats


def ranks(values: Floats) -> Floats:
    """From 0 on; those that are level share their mean rank.

    Raises:
        InputError: a value that is no number, which has no place among others.
    """
    if np.isnan(values).any():
        raise InputError("want numbers to rank, got one that is none")
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    found: Floats = ((2 * ends - counts - 1) / 2)[at]
    return found


def spearman(one: Floats, other: Floats) -> float:
    """Correlation of ranks; 0 where one side puts all level.

    Raises:
        InputError: a value that is no number.
    """
    return correlation(ranks(one), ranks(other))


def correlation(one: Floats, other: Floats) -> float:
    """Pearson's; 0 where one side is constant: who says the same of all says nothing about who differs.

    Raises:
        InputError: a value that is no number.
    """
    one, other = _apart(one), _apart(other)
    if not (one.any() and other.any()):
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def kolmogorov(one: Floats, other: Floats) -> float:
    """Kolmogorov and Smirnov's distance of two samples: the most by which their shares below any value differ."""
    places = np.concatenate([one, other])
    below = [np.searchsorted(np.sort(each), places, side="right") / len(each) for each in (one, other)]
    return float(np.abs(below[0] - below[1]).max())


def wasserstein(one: Floats, other: Floats) -> float:
    """How far, on average, one sample must be moved to be the other, in their unit."""
    places = np.sort(np.concatenate([one, other]))
    below = [np.searchsorted(np.sort(each), places[:-1], side="right") / len(each) for each in (one, other)]
    return float((np.abs(below[0] - below[1]) * np.diff(places)).sum())


def divergence(one: Floats, other: Floats) -> float:
    """Jensen and Shannon's, of two sets of shares, in bits: 0 for the same ones, 1 for those with nothing in common. So
    shares of nothing are as far from others as can be, and like each other.
    """
    wholes = float(one.sum()), float(other.sum())
    if not all(wholes):
        return float(any(wholes))
    one, other = one / wholes[0], other / wholes[1]
    middle = (one + other) / 2
    return max(0.0, (_bits(one, middle) + _bits(other, middle)) / 2)


def spread_ratio(said: Floats, true: Floats) -> float:
    """Spread (SD) of what was said over that of what is true: below 1, a panel is more alike than people are."""
    spread = float(true.std())
    return float(said.std()) / spread if spread > 0 else 0.0


def _apart(values: Floats) -> Floats:
    """How far each lies from their mean, from -1 to 1: differences of any size can be squared then. Zeros where all are
    the same.
    """
    if not np.isfinite(values).all():
        raise InputError("want numbers to correlate, got one that is none")
    if len(values) < 2 or values.min() == values.max():
        return np.zeros(len(values))
    scaled = values / np.abs(values).max()
    far = scaled - scaled.mean()
    found: Floats = far / np.abs(far).max()
    return found


def _bits(shares: Floats, of: Floats) -> float:
    there = shares > 0
    return float((shares[there] * np.log2(shares[there] / of[there])).sum())

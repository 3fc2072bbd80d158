"""Pairs as truth: of two, which one won, and was that chance?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.calibration.drawing import Floats, Rows
from vivavoce.panel.intervals import Z


def pairs_within(groups: Rows) -> Rows:
    """Every pair of rows of one group, shape (pairs, 2), the later row first."""
    order = np.argsort(groups, kind="stable")
    found: list[Rows] = []
    for rows in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1):
        later, earlier = np.tril_indices(len(rows), -1)
        found.append(np.stack([rows[later], rows[earlier]], axis=1))
    return np.concatenate(found) if found else np.zeros((0, 2), np.intp)


def of_rates(hits: Floats, of: Floats, pairs: Rows) -> Floats:
    """How many standard errors the rate of each pair's first is above that of its second (pooled)."""
    one, other = pairs.T
    pooled = (hits[one] + hits[other]) / (of[one] + of[other])
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-12) * (1 / of[one] + 1 / of[other]))
    found: Floats = (hits[one] / of[one] - hits[other] / of[other]) / error
    return found


def of_means(means: Floats, errors: Floats, pairs: Rows) -> Floats:
    """The same of means.

    Args:
        errors: squared standard error of each mean.
    """
    one, other = pairs.T
    found: Floats = (means[one] - means[other]) / np.sqrt(np.maximum(errors[one] + errors[other], 1e-12))
    return found


def clear(standard_errors: Floats) -> NDArray[np.bool_]:
    """Which pairs differ by more than chance would have it in 19 of 20."""
    found: NDArray[np.bool_] = np.abs(standard_errors) > Z
    return found


def right(differences: Floats, truth: Floats) -> Floats:
    """1 for a pair put in the right order, 0 in the wrong one, .5 where it is put level."""
    found: Floats = 0.5 + 0.5 * np.sign(differences) * np.sign(truth)
    return found

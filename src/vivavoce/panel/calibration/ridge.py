"""Sums that are learned: least squares and logistic, both held back by a ridge, and both weighted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.panel.calibration.chances import logistic
from vivavoce.panel.calibration.drawing import Floats, Rows

FLAT = 1e-9
"""A column that spreads less than this says nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """A learned sum."""

    middle: Floats
    weights: Floats
    """By unit of each column."""
    level: float

    def __call__(self, columns: Floats) -> Floats:
        found: Floats = self.level + (columns - self.middle) @ self.weights
        return found


def line(columns: Floats, values: Floats, weights: Floats, ridge: float) -> Line:
    """Weighted least squares on columns of equal spread.

    Raises:
        InputError: a ridge that is not above 0.
    """
    _check(ridge)
    whole = float(weights.sum())
    middle = np.asarray(weights @ columns / whole, np.float64)
    level = float(weights @ values) / whole
    spread = _not_flat(columns.std(axis=0))
    even = (columns - middle) / spread
    found = solved((even * weights[:, None]).T @ even, even.T @ (weights * (values - level)), ridge)
    return Line(middle, found / spread, level)


def solved(curve: Floats, slope: Floats, ridge: float) -> Floats:
    """Weights of least squares from its sums: X'WX and X'Wy."""
    return np.asarray(np.linalg.solve(curve + ridge * np.eye(len(slope)), slope), np.float64)


def logit(columns: Floats, won: Floats, ridge: float) -> Floats:
    """Weights of a logistic without a level, by Newton's method: who turns each row round gets the same chances turned
    round.

    Args:
        won: 1 or 0.
    Raises:
        InputError: a ridge that is not above 0; without one, outcomes that are told apart without error have no end.
    """
    _check(ridge)
    found = np.zeros(columns.shape[1])
    for _ in range(50):
        chances = logistic(columns @ found)
        curve = (columns * (chances * (1 - chances))[:, None]).T @ columns
        step = solved(curve, columns.T @ (won - chances) - ridge * found, ridge)
        found = found + step
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    return found


def within(columns: Floats, weights: Floats, groups: Rows) -> Floats:
    """Columns less their weighted mean of the group, so that only what differs within one counts.

    Args:
        columns: shape (rows, columns).
        groups: whole numbers from 0 on.
    """
    whole = np.bincount(groups, weights)
    means = np.stack([np.bincount(groups, weights * column) for column in columns.T], axis=1)
    found: Floats = columns - (means / np.where(whole == 0, 1.0, whole)[:, None])[groups]
    return found


def spread_within(columns: Floats, groups: Rows) -> Floats:
    """Of each column within groups; 1 for one that does not differ there."""
    return _not_flat(np.sqrt((within(columns, np.ones(len(columns)), groups) ** 2).mean(axis=0)))


def _not_flat(spread: NDArray[np.floating]) -> Floats:
    return np.where(spread < FLAT, 1.0, spread).astype(np.float64)


def _check(ridge: float) -> None:
    if not ridge > 0:
        raise InputError(f"want a ridge above 0, got {ridge}")

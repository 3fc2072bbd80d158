"""Rates that differ within groups, learned by least squares: all folds, inner folds and ridges from one pass over the
rows, for the sums of a fold are all that is needed of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vivavoce.panel.calibration.chances import LEAST, logistic
from vivavoce.panel.calibration.drawing import Floats, Rows
from vivavoce.panel.calibration.ridge import logit, solved, spread_within, within

TRUE_SPREAD = 0.05
"""Variance of the logarithm of rates that no count explains: what keeps a large test from drowning all others. Tuned on
nothing; results are the same from .02 to .15.
"""


HARDLY = 1e-3
"""Ridge of a scale: outcomes that are told apart without error would have none, and thousands of pairs do not feel it.
"""


def scale(differences: Floats, won: Floats) -> float:
    """k of: chance = logistic(k * difference), the likeliest."""
    return float(logit(differences[:, None], won, HARDLY)[0])


def log_rates(hits: Floats, of: Floats) -> tuple[Floats, Floats]:
    """Logarithms of rates, and how much each weighs."""
    values: Floats = np.log((hits + 0.5) / (of + 1))
    weights: Floats = 1 / (1 / (hits + 0.5) + TRUE_SPREAD)
    return values, weights


@dataclass(frozen=True, slots=True)
class Folded:
    """Sums of each fold."""

    curves: Floats
    """X'WX by fold, of columns over their spread within groups."""
    slopes: Floats
    """X'Wy by fold."""
    columns: Floats
    spread: Floats

    def weights(self, folds: Sequence[int], ridge: float) -> Floats:
        """By column over its spread, fitted on some folds."""
        return solved(self.curves[folds].sum(axis=0), self.slopes[folds].sum(axis=0), ridge)

    @property
    def count(self) -> int:
        return len(self.curves)


def folded(columns: Floats, values: Floats, weights: Floats, groups: Rows, folds: Rows) -> Folded:
    """
    Args:
        groups: within which alone things are compared; none lies in two folds.
    """
    spread = spread_within(columns, groups)
    apart = within(columns, weights, groups) / spread
    target = within(values[:, None], weights, groups)[:, 0]
    curves, slopes = [], []
    for fold in range(int(folds.max(initial=-1)) + 1):
        rows = folds == fold
        heavy = apart[rows] * weights[rows, None]
        curves.append(heavy.T @ apart[rows])
        slopes.append(heavy.T @ target[rows])
    return Folded(np.stack(curves), np.stack(slopes), columns / spread, spread)


@dataclass(frozen=True, slots=True)
class Foretold:
    """Pairs by weights that were fitted without them."""

    differences: Floats
    """Score of the first less that of the second."""
    chances: Floats
    """That the first has the higher rate."""
    ridges: tuple[float, ...]
    scales: tuple[float, ...]
    """By fold, what inner folds picked."""


def foretell(sums: Folded, pairs: Rows, won: Floats, folds: Rows, ridges: Sequence[float]) -> Foretold:
    """For each fold, ridge and scale are those that do best when each other fold is left out in turn of what is left.

    Args:
        won: whether each pair's first has the higher rate.
        folds: of rows.
    """
    of_pair = folds[pairs[:, 0]]
    apart = sums.columns[pairs[:, 0]] - sums.columns[pairs[:, 1]]
    differences, chances = np.zeros(len(pairs)), np.zeros(len(pairs))
    picked: list[tuple[float, float]] = []
    for fold in range(sums.count):
        others = [each for each in range(sums.count) if each != fold]
        seen = of_pair != fold
        best = (-np.inf, ridges[0], 0.0)
        for ridge in ridges:
            inner = np.zeros(len(pairs))
            for left_out in others:
                rows = of_pair == left_out
                inner[rows] = apart[rows] @ sums.weights([each for each in others if each != left_out], ridge)
            size = scale(inner[seen], won[seen])
            said = np.clip(logistic(size * inner[seen]), LEAST, 1 - LEAST)
            likely = float(np.log(np.where(won[seen] > 0.5, said, 1 - said)).sum())
            best = max(best, (likely, ridge, size))
        _, ridge, size = best
        rows = of_pair == fold
        differences[rows] = apart[rows] @ sums.weights(others, ridge)
        chances[rows] = logistic(size * differences[rows])
        picked.append((ridge, size))
    return Foretold(differences, chances, tuple(each for each, _ in picked), tuple(each for _, each in picked))

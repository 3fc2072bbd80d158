"""How far a figure may be off by the chance of who was there: 95 % intervals by drawing again (Efron's percentiles).

What hangs together is drawn together: pairs of one story, answers of one person. Pairs drawn as if they were strangers
make intervals that are far too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.panel.outcome import Share

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.intp]
"""Places of rows."""

DRAWS = 1_000
FEWER = 300
"""Draws of figures that are slow to make; the ends of an interval then wobble by a twentieth of its width."""


def mean_by(values: Floats, groups: Rows, *, seed: int = 0, draws: int = DRAWS) -> Share:
    """The mean of values, whole groups drawn.

    Args:
        groups: which group each value is of.
    Raises:
        InputError: there are no values.
    """
    if not len(values):
        raise InputError("want values to take the mean of, got none")
    _, at = np.unique(groups, return_inverse=True)
    sums, counts = np.bincount(at, values), np.bincount(at)
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        taken = chance.integers(0, len(sums), len(sums))
        found.append(sums[taken].sum() / counts[taken].sum())
    return _share(float(values.mean()), found)


def figure_by(figure: Callable[[Rows], float], groups: Rows, *, seed: int = 0, draws: int = FEWER) -> Share:
    """Any figure of rows, whole groups drawn; a row may be drawn several times.

    Args:
        figure: of places in `groups`; draws for which it is not finite are left out.
    """
    _, at = np.unique(groups, return_inverse=True)
    members = np.split(np.argsort(at, kind="stable"), np.cumsum(np.bincount(at))[:-1])
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        taken = chance.integers(0, len(members), len(members))
        value = figure(np.concatenate([members[each] for each in taken]))
        if np.isfinite(value):
            found.append(value)
    return _share(float(figure(np.arange(len(groups)))), found)


def mean_by_ends(
    values: Floats, pairs: Rows, groups: Rows | None = None, *, seed: int = 0, draws: int = DRAWS
) -> Share:
    """The mean over pairs of things, the things drawn: a pair counts as often as both its ends were drawn together.

    Args:
        pairs: shape (len(values), 2), places of things.
        groups: which group each thing is of, drawn whole; each is its own without.
    Raises:
        InputError: there are no pairs.
    """
    if not len(values):
        raise InputError("want pairs to take the mean of, got none")
    _, ends = np.unique(pairs if groups is None else groups[pairs], return_inverse=True)
    one, other = ends.reshape(pairs.shape).T
    count = int(ends.max()) + 1
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        times = np.bincount(chance.integers(0, count, count), minlength=count)
        weights = times[one] * times[other]
        if weights.any():
            found.append(float(weights @ values / weights.sum()))
    return _share(float(values.mean()), found)


def bootstrap(groups: Sequence[Floats], figure: Callable[[list[Floats]], float], seed: int) -> tuple[float, float]:
    """Of any figure of groups of rows: rows are drawn again within each group."""
    chance = np.random.default_rng(seed)
    drawn = sorted(
        figure([group[chance.integers(0, len(group), len(group))] for group in groups]) for _ in range(DRAWS)
    )
    return drawn[int(DRAWS * 0.025)], drawn[int(DRAWS * 0.975) - 1]


def _share(value: float, drawn: Sequence[float]) -> Share:
    low, high = np.percentile(drawn, [2.5, 97.5]) if drawn else (value, value)
    return Share(round(value, 4), round(float(low), 4), round(float(high), 4))

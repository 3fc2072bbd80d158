"""Ways of foretelling which of two headlines is clicked more: learned from columns, copied from the nearest, or learned
from outcomes that say nothing. None of them sees the fold that it is asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from vivavoce.panel.calibration.drawing import Floats, Rows
from vivavoce.panel.calibration.middles import middles, unit
from vivavoce.panel.calibration.rates import Foretold, folded, foretell, log_rates
from vivavoce.panel.calibration.ridge import within
from vivavoce.panel.headlines.model import NEAR
from vivavoce.studies.calibration.clicks import Clicks

RIDGES = (3_000.0, 10_000.0, 30_000.0, 100_000.0)
OPAQUE_RIDGES = (100_000.0, 300_000.0)
"""Of columns that nobody can read, of which there are many more."""
TOPICS = 8
NEIGHBOURS = 50
NEIGHBOUR_WIDTH = 0.1
"""Of nearness: a headline that much farther counts e times less. Not tuned."""
RANDOM_TRIES = 3
DEALS = 20


def learned(
    clicks: Clicks, columns: Floats, ridges: Sequence[float] | None = None, *, folds: Rows | None = None
) -> Foretold:
    """Pairs by weights of columns that were fitted on other folds."""
    folds = clicks.folds if folds is None else folds
    sums = folded(columns, *log_rates(clicks.hits, clicks.shown), clicks.tests, folds)
    return foretell(sums, clicks.pairs, clicks.won, folds, ridges or RIDGES)


def nearest(clicks: Clicks) -> Floats:
    """No model: how the headlines nearest in meaning did, of other stories, each against its own test."""
    values, weights = log_rates(clicks.hits, clicks.shown)
    apart = within(values[:, None], weights, clicks.tests)[:, 0]
    found = np.zeros(len(apart))
    for fold in range(int(clicks.folds.max()) + 1):
        seen, rows = clicks.folds != fold, clicks.folds == fold
        if not (rows.any() and seen.any()):
            continue
        cosines = clicks.vectors[rows] @ clicks.vectors[seen].T
        many = min(NEIGHBOURS, cosines.shape[1])
        near = np.argpartition(-cosines, many - 1, axis=1)[:, :many]
        share = np.exp(np.take_along_axis(cosines, near, 1) / NEIGHBOUR_WIDTH) * weights[seen][near]
        found[rows] = (share * apart[seen][near]).sum(axis=1) / share.sum(axis=1)
    return found


def topics(clicks: Clicks) -> Rows:
    """Folds of subjects in place of stories: of each headline, that which its story is nearest to."""
    sums = np.zeros((int(clicks.stories.max()) + 1, clicks.vectors.shape[1]))
    np.add.at(sums, clicks.stories, clicks.vectors)
    rows = np.stack([unit(each) for each in sums])
    found: Rows = (rows @ middles(rows, TOPICS).T).argmax(axis=1)[clicks.stories]
    return found


def random_directions(clicks: Clicks, seed: int) -> Iterator[Floats]:
    """Nearness to as many directions as there are statements, drawn by lot, some times."""
    for at in range(RANDOM_TRIES):
        drawn = np.random.default_rng([seed, at]).normal(size=(clicks.vectors.shape[1], len(NEAR)))
        yield clicks.vectors @ (drawn / np.linalg.norm(drawn, axis=0))


def dealt_anew(clicks: Clicks, columns: Floats, seed: int) -> Iterator[Floats]:
    """How right one is who learned from outcomes that were dealt out anew within each test, by pair, some times. One
    deal says nothing: its weights are one draw. Over deals they must come out at a half.
    """
    chance = np.random.default_rng(seed)
    tests = np.split(np.argsort(clicks.tests, kind="stable"), np.cumsum(np.bincount(clicks.tests))[:-1])
    for _ in range(DEALS):
        dealt = np.arange(len(clicks.tests))
        for rows in tests:
            dealt[rows] = chance.permutation(rows)
        values, weights = log_rates(clicks.hits[dealt], clicks.shown[dealt])
        sums = folded(columns, values, weights, clicks.tests, clicks.folds)
        yield clicks.right(foretell(sums, clicks.pairs, clicks.won, clicks.folds, RIDGES[2:3]).differences)

"""What clicks say of themselves: how far the same headline comes apart from itself, how often one half of the readers
says what the other said, and how often somebody who knew the true rates would be right.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vivavoce.panel.calibration import deconvolved
from vivavoce.panel.calibration.deconvolved import Truth
from vivavoce.panel.calibration.drawing import FEWER, Floats, Rows, mean_by
from vivavoce.panel.calibration.pairs import clear, of_rates
from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.clicks import Clicks
from vivavoce.studies.calibration.outcome import around

HALVINGS = 20
LEAST_TWINS = 20
"""Pairs with the same headline, below which nothing is said of them."""


class Halved(NamedTuple):
    """One half of the readers by the other."""

    clear: Share
    """Of pairs that are clear in one half: fewer than are clear in all readers, and farther apart."""
    all: Share


class Known(NamedTuple):
    """Somebody who knew the true rates, on the pairs that everybody else is measured on."""

    clear: Share
    all: Share
    gain: Share
    """Over somebody else, on clear pairs."""
    brier: Share
    """On all pairs."""
    halves: Share
    """How often two halves of the readers would agree on all pairs: what `halved` counts."""


class Twins(NamedTuple):
    """Pairs with the same headline."""

    differ: Share
    """How many of them differ clearly; chance alone has 1 of 20 do so."""
    noise: Share
    """Variance of their difference in that of counting: 1 if clicks were all there is."""


def halved(clicks: Clicks, seed: int) -> Halved:
    """Readers split in two by lot, some times; stories are drawn over all of these."""
    chance = np.random.default_rng(seed)
    same, seen = [], []
    for _ in range(HALVINGS):
        half = chance.binomial(clicks.hits.astype(np.int64), 0.5).astype(np.float64)
        one, other = (of_rates(hits, clicks.shown / 2, clicks.pairs) for hits in (half, clicks.hits - half))
        same.append(0.5 + 0.5 * np.sign(one) * np.sign(other))
        seen.append(clear(one))
    agree, told = np.concatenate(same), np.concatenate(seen)
    stories = np.tile(clicks.story, HALVINGS)
    return Halved(mean_by(agree[told], stories[told], seed=seed), mean_by(agree, stories, seed=seed))


def twins(clicks: Clicks, seed: int) -> Twins | None:
    """None where there are too few of them."""
    if len(clicks.twins) < LEAST_TWINS:
        return None
    apart, stories = _twins(clicks)
    differ = clear(apart).astype(np.float64)
    return Twins(mean_by(differ, stories, seed=seed), mean_by(apart**2, stories, seed=seed))


def known(clicks: Clicks, over: Floats, seed: int, *, as_twins: bool) -> Known:
    """Who names the side with the higher true rate, as often as that side has the higher rate that came. Its interval
    draws stories, and fits the spread of true differences, and the noise, anew in each draw.

    With noise no more than counting, whatever else moves clicks passes for true: nobody can be right more often.
    With noise as between identical headlines, it passes for chance: that is as far as wording can be known, if other
    things differ between two wordings as much as they do between two of the same.

    Args:
        over: how right somebody else is, by pair.
        as_twins: which of the two; want `twins`.
    """
    count = int(clicks.stories.max()) + 1
    counts = np.zeros((count, len(deconvolved.EDGES)))
    np.add.at(counts, (clicks.story, deconvolved.bins(clicks.truth)), 1)
    others = np.bincount(clicks.story[clicks.clear], over[clicks.clear], count)
    apart, stories = _twins(clicks)
    squares, pairs = np.bincount(stories, apart**2, count), np.bincount(stories, minlength=count)

    def fitted(times: Floats, near: Truth | None = None) -> Truth:
        # no noise is less than counting's
        noise = max(1.0, float(times @ squares / (times @ pairs))) if as_twins else 1.0
        return deconvolved.fitted(times @ counts, noise, near)

    def figures(times: Floats, truth: Truth) -> tuple[float, ...]:
        drawn = times @ counts
        on_clear = drawn * deconvolved.CLEAR
        right = deconvolved.known(truth)
        said = float(right @ on_clear / on_clear.sum())
        gain = said - float(times @ others / on_clear.sum())
        return said, float(right @ drawn / drawn.sum()), gain, deconvolved.brier(truth), deconvolved.halves(truth)

    once = np.ones(count)
    whole = fitted(once)
    draws = np.random.default_rng(seed).multinomial(count, once / count, size=FEWER).astype(np.float64)
    drawn = [figures(times, fitted(times, whole)) for times in draws]
    values = figures(once, whole)
    return Known(*(around([value], each) for value, each in zip(values, zip(*drawn, strict=True), strict=True)))


def _twins(clicks: Clicks) -> tuple[Floats, Rows]:
    """How many standard errors identical headlines are apart, and of which story they are."""
    return of_rates(clicks.hits, clicks.shown, clicks.twins), clicks.stories[clicks.twins[:, 0]]

"""Whether chances that were said come true: how sharp, how honest, and what is won by keeping silent when unsure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.calibration.drawing import DRAWS, Floats, Rows, mean_by
from vivavoce.panel.outcome import Share

LEAST = 1e-9
"""Below which no chance is believed to have been said: the log of 0 would drown all others."""
LEAST_IN_BAND = 100
"""Answers of a band, or it is joined to the next: of fewer the share that is right is not known to 10 points either
side. Not tuned.
"""


class Bin(msgspec.Struct, frozen=True):
    """Predictions about as sure as each other."""

    said: float
    """Mean chance that was said for the likelier side."""
    came: Share
    """How often it was that side."""
    count: int


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """What is right of those answers that are about so sure."""

    least: float
    """Least chance of the likelier side."""
    below: float
    """Chance that it does not reach; 1 for the last band, which has no end."""
    count: int
    right: Share
    """Of all pairs in it."""


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What is right of those answers that are at least so sure."""

    sure: float
    """Least chance of the likelier side."""
    answers: float
    """Share of all that is answered."""
    right: Share
    """Of all pairs that are answered."""
    clear: Share
    """Of those among them whose outcome is no chance."""
    band: Band
    """Of the answers that reach this bar and not the next. Who is only just sure enough is right as often as these, and
    not as often as all who are at least as sure.
    """


def brier(chances: Floats, won: Floats) -> float:
    """Mean squared error of chances, 0 the best; .25 is what "even" always gets."""
    return float(((chances - won) ** 2).mean())


def log_loss(chances: Floats, won: Floats) -> float:
    """Mean negative log of the chance of what came, in nats; .693 is what "even" always gets."""
    found = np.where(won > 0.5, chances, 1 - chances)
    return float(-np.log(np.clip(found, LEAST, 1.0)).mean())


def reliability(chances: Floats, won: Floats, groups: Rows, *, seed: int = 0, bins: int = 10) -> list[Bin]:
    """Predictions in bins of as many each, from the least to the most sure; whole groups are drawn for the interval."""
    sure, right = _likelier(chances, won)
    return [
        Bin(round(float(sure[part].mean()), 4), mean_by(right[part], groups[part], seed=seed), len(part))
        for part in _parts(sure, bins)
        if len(part)
    ]


def ece(chances: Floats, won: Floats, bins: int = 10) -> float:
    """Expected calibration error: how far bins are off, on average. It never comes out below 0, so with few rows it is
    too large: `ece_by` takes off what chance adds.
    """
    sure, right = _likelier(chances, won)
    off = sum(abs(float((sure[part] - right[part]).sum())) for part in _parts(sure, bins))
    return off / max(1, len(chances))


def ece_by(chances: Floats, won: Floats, groups: Rows, *, seed: int = 0, draws: int = DRAWS, bins: int = 10) -> Share:
    """Expected calibration error without what chance adds to it, whole groups drawn, bins held fixed.

    Bins of honest chances are off by luck, and no error averages to nothing: so the plain error is too large, and that
    of a bootstrap, which has the luck of the data and its own, larger still. Luck and error add up in squares, nearly:
    the square of what draws scatter is taken off once from the value, and twice from each draw. On made-up chances,
    honest and boasting, such an interval holds the true error in at least 95 of 100 tries; plain percentiles of honest
    ones never reach 0 (`tests/panel/calibration/test_chances.py`).
    """
    off, counts = _off(chances, won, groups, bins)
    whole, many = off.sum(axis=0), len(off)
    times = np.random.default_rng(seed).multinomial(many, np.full(many, 1 / many), size=draws)
    drawn = times @ off
    luck = float((np.abs(drawn - whole).sum(axis=1) / len(chances)).mean())
    value = float(np.abs(whole).sum() / len(chances))
    squares = (np.abs(drawn).sum(axis=1) / (times @ counts)) ** 2
    low, high = np.percentile(np.sqrt(np.maximum(squares - 2 * luck**2, 0)), [2.5, 97.5])
    return Share(round(max(value**2 - luck**2, 0) ** 0.5, 4), round(float(low), 4), round(float(high), 4))


def _off(chances: Floats, won: Floats, groups: Rows, bins: int) -> tuple[Floats, Floats]:
    """By group and bin, the sum of chances said less that of what came; and by group how many it has."""
    sure, right = _likelier(chances, won)
    bin_of = np.zeros(len(sure), np.intp)
    for at, part in enumerate(_parts(sure, bins)):
        bin_of[part] = at
    _, group_of = np.unique(groups, return_inverse=True)
    counts = np.bincount(group_of).astype(np.float64)
    off = np.zeros((len(counts), bins))
    np.add.at(off, (group_of, bin_of), sure - right)
    return off, counts


def _likelier(chances: Floats, won: Floats) -> tuple[Floats, Floats]:
    """The chance of the likelier side, and whether it was that side."""
    return np.maximum(chances, 1 - chances), np.where(chances >= 0.5, won, 1 - won)


def _parts(sure: Floats, bins: int) -> list[Rows]:
    return np.array_split(np.argsort(sure, kind="stable"), bins)


def logistic(values: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(values, -500, 500)))
    return found


def coverage(
    chances: Floats, right: Floats, clear: NDArray[np.bool_], groups: Rows, sures: Sequence[float], *, seed: int = 0
) -> list[Coverage]:
    """Accuracy by how much is answered.

    Args:
        right: 1, 0, or .5 where it names nobody.
        clear: which outcomes are no chance.
        sures: least chances, from .5 on; one that nothing reaches is left out.
    """
    sure = np.maximum(chances, 1 - chances)
    reached = [least for least in sures if ((sure >= least) & clear).any()]
    bands = _bands(sure, right, groups, reached, seed)
    found = []
    for least in reached:
        said = sure >= least
        found.append(
            Coverage(
                sure=least,
                answers=round(float(said.mean()), 4),
                right=mean_by(right[said], groups[said], seed=seed),
                clear=mean_by(right[said & clear], groups[said & clear], seed=seed),
                band=next(each for each in reversed(bands) if each.least <= least),
            )
        )
    return found


def _bands(sure: Floats, right: Floats, groups: Rows, leasts: Sequence[float], seed: int) -> list[Band]:
    """From each bar to the next, rising. One of too few answers is joined to the band below it, whose answers are less
    sure, so that what is told is rather too low; the lowest, to the one above.
    """
    ends = [*leasts, np.inf]

    def within(at: int) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (sure >= ends[at]) & (sure < ends[at + 1])
        return found

    for at in range(len(leasts) - 1, 0, -1):
        if within(at).sum() < LEAST_IN_BAND:
            del ends[at]
    if len(ends) > 2 and within(0).sum() < LEAST_IN_BAND:
        del ends[1]
    return [
        Band(
            least=ends[at],
            below=min(ends[at + 1], 1.0),
            count=int(within(at).sum()),
            right=mean_by(right[within(at)], groups[within(at)], seed=seed),
        )
        for at in range(len(ends) - 1)
    ]

"""Whether chances that were said come true: how sharp, how honest, and what is won by keeping silent when unsure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.calibration.drawing import Floats, Rows, mean_by
from vivavoce.panel.outcome import Share

LEAST = 1e-9
"""Below which no chance is believed to have been said: the log of 0 would drown all others."""


class Bin(msgspec.Struct, frozen=True):
    """Predictions about as sure as each other."""

    said: float
    """Mean chance that was said for the likelier side."""
    true: float
    """How often it was that side."""
    count: int


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


def brier(chances: Floats, won: Floats) -> float:
    """Mean squared error of chances, 0 the best; .25 is what "even" always gets."""
    return float(((chances - won) ** 2).mean())


def log_loss(chances: Floats, won: Floats) -> float:
    """Mean negative log of the chance of what came, in nats; .693 is what "even" always gets."""
    found = np.where(won > 0.5, chances, 1 - chances)
    return float(-np.log(np.clip(found, LEAST, 1.0)).mean())


def reliability(chances: Floats, won: Floats, bins: int = 10) -> list[Bin]:
    """Predictions in bins of as many each, from the least to the most sure."""
    sure = np.maximum(chances, 1 - chances)
    right = np.where(chances >= 0.5, won, 1 - won)
    order = np.argsort(sure, kind="stable")
    return [
        Bin(round(float(sure[part].mean()), 4), round(float(right[part].mean()), 4), len(part))
        for part in np.array_split(order, bins)
        if len(part)
    ]


def ece(chances: Floats, won: Floats, bins: int = 10) -> float:
    """Expected calibration error: how far bins are off, on average. It never comes out below 0, so with few rows, and
    in a bootstrap, it is too large.
    """
    found = reliability(chances, won, bins)
    return sum(each.count * abs(each.said - each.true) for each in found) / max(1, len(chances))


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
    found = []
    for least in sures:
        said = sure >= least
        if (said & clear).any():
            found.append(
                Coverage(
                    sure=least,
                    answers=round(float(said.mean()), 4),
                    right=mean_by(right[said], groups[said], seed=seed),
                    clear=mean_by(right[said & clear], groups[said & clear], seed=seed),
                )
            )
    return found

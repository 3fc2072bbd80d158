"""From scores to choices. Temperature is the noise of choosing: the same scores, chosen among more or less surely.

Nothing is drawn by lot. Where a model says one word, the reasoner says how likely each word is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from vivavoce.panel.ballots import Would

LEAST_NOISE = 0.01
"""Stands for a temperature of 0: a score that is a tenth higher is taken always."""
STAY = 0.0
"""A score of 0 is what people do today. Below it "would not" is likelier than not."""
TAKE = 0.8
"""From here on "would" is likelier than not: what is merely a little better is left alone, and people say "I would"
more easily than they do. Prior, not tuned.
"""
SURE = 0.5
"""A chance from which on one word is said for it."""
SMOOTH = 0.2
"""Of the yardstick: offers whose scores differ by less are nearly the same mark. Not tuned."""


def shares(scores: Sequence[float], temperature: float) -> list[float]:
    """Chance of each to be chosen, in the order of the scores; equal scores have equal chances."""
    noise = max(temperature, LEAST_NOISE)
    best = max(scores)
    odds = [math.exp((score - best) / noise) for score in scores]
    # sorted, so that the sum is the same in whatever order the scores come
    whole = math.fsum(sorted(odds))
    return [each / whole for each in odds]


def chances(score: float, temperature: float) -> dict[Would, float]:
    """Ordered logit on a score over what people do today."""
    noise = max(temperature, LEAST_NOISE)
    would, would_not = _logistic((score - TAKE) / noise), _logistic((STAY - score) / noise)
    return {"would": would, "might": max(0.0, 1 - would - would_not), "would_not": would_not}


def word(found: dict[Would, float]) -> Would:
    """One word for three chances: what is at least as likely as not, otherwise "might". The likeliest of the three
    would be "would" at a chance of .35, and never "might" for whoever chooses with much noise.
    """
    if found["would_not"] >= SURE:
        return "would_not"
    return "would" if found["would"] >= SURE else "might"


def appeal(score: float, yardstick: Sequence[tuple[float, float]]) -> float:
    """From 1 to 10: the share of the yardstick that a score is above.

    Args:
        yardstick: scores and weights of other offers, as the same persona sees them.
    """
    below = math.fsum(weight * _logistic((score - other) / SMOOTH) for other, weight in yardstick)
    return round(1 + 9 * below / math.fsum(weight for _, weight in yardstick), 2)


def _logistic(at: float) -> float:
    return 1 / (1 + math.exp(-at)) if at >= 0 else 1 - 1 / (1 + math.exp(at))

"""Whether what is said of a survey holds: made-up people of whom it is known what all of them think.

Run: python -m bench surveys
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.results import Row
from vivavoce.panel.posterior import PRIOR
from vivavoce.panel.pricing.gabor import best_price, priced_points
from vivavoce.panel.survey.agreement import error, others

SEED = 47
SURVEYS = 2_000
LEVEL = ((5.0, 10.0, 20.0), (0.8, 0.4, 0.2))
"""Prices, and the share of all people who would pay each: they bring in the same."""
TOLD = ((10.0, 15.0, 20.0, 25.0, 30.0), (0.9, 0.78, 0.64, 0.46, 0.3))
"""The middle one brings in 9.4 % more than the next."""
MIXED = (
    ("a clear favourite", (0.8, 0.2)),
    ("level", (0.5, 0.5)),
    ("three", (0.5, 0.3, 0.2)),
    ("six level", (1 / 6,) * 6),
)
Chance = np.random.Generator


def called_best(
    chance: Chance, prices: Sequence[float], shares: Sequence[float], people: int, surveys: int
) -> tuple[float, float]:
    """Share of surveys in which a best price is named, and of those the share in which it is the one that is."""
    most = prices[int(np.argmax(np.multiply(prices, shares)))]
    # who would pay a price would pay every lower one
    highest = chance.multinomial(people, -np.diff([1.0, *shares, 0.0]), size=surveys)
    would = highest[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:] / people
    named = [best_price(priced_points(prices, row.tolist(), people), people) for row in would]
    given = [price for price in named if price is not None]
    return len(given) / surveys, given.count(most) / len(given) if given else 0.0


def asked_again(chance: Chance, people: int, variants: int, surveys: int) -> tuple[float, float]:
    """Worlds as a tally expects them: how often as many others are said to choose the same one most, and how often they
    do.
    """
    said, did = [], []
    for world in chance.dirichlet([PRIOR] * variants, size=surveys):
        these, those = chance.multinomial(people, world, size=2)
        found = others(these.tolist())
        said.append(found.agree if found is not None else 0.0)
        tops = [np.flatnonzero(each == each.max()) for each in (these, those)]
        did.append(len(np.intersect1d(tops[0], tops[1])) / len(tops[0]) / len(tops[1]))
    return float(np.mean(said)), float(np.mean(did))


def held(chance: Chance, world: Sequence[float], wanted: Sequence[float], people: int, surveys: int) -> float:
    """Share of the intervals of a prediction's error that hold the true one."""
    true = float(np.abs(np.subtract(wanted, world)).mean())
    names = "abcdef"[: len(world)]
    expected = dict(zip(names, wanted, strict=True))
    inside = 0
    for row in chance.multinomial(people, world, size=surveys).tolist():
        found = error(expected, dict(zip(names, row, strict=True)))
        inside += found is not None and found.low - 1e-4 <= true <= found.high + 1e-4
    return inside / surveys


def rows(*, brief: bool = False) -> list[Row]:
    surveys, chance = 20 if brief else SURVEYS, np.random.default_rng(SEED)
    named, _ = called_best(chance, *LEVEL, 100, surveys)
    found = [_share("best price named where three bring in the same, 100 people", named)]
    for people in (100, 300, 1_000):
        named, right = called_best(chance, *TOLD, people, surveys)
        found.append(_share(f"best price named where one brings in 9 % more, {people:,} people", named))
        found.append(_share(f"and it is the right one, {people:,} people", right))
    for people, variants in ((10, 2), (40, 2), (200, 2), (40, 3)):
        said, did = asked_again(chance, people, variants, surveys)
        found.append(
            Row(what=f"others choose the same most, {people} people and {variants} variants",
                value=round(100 * did, 1), unit="%", beside=round(100 * said, 1), than="as is said")
        )  # fmt: skip
    for what, world in MIXED:
        for how, wanted in (
            ("right", world),
            ("the other way round", world[::-1]),
            ("even", (1 / len(world),) * len(world)),
        ):
            if how == "right" or wanted != world:
                share = held(chance, world, wanted, 40, surveys)
                found.append(_share(f"intervals that hold the error of a prediction, {what}, {how}, 40 people", share))
    return found


def _share(what: str, value: float) -> Row:
    return Row(what=what, value=round(100 * value, 1), unit="%")

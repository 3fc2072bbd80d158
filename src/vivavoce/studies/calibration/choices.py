"""Choices of one car of three, and the multinomial logit that foretells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vivavoce.errors import InputError
from vivavoce.panel.calibration.chances import LEAST
from vivavoce.panel.calibration.drawing import Floats, Rows
from vivavoce.panel.calibration.splits import folds, numbered
from vivavoce.studies.calibration.files import number, table

FILE = "conjoint_cars_us.csv"
ATTRIBUTES = (
    *("hev", "phev10", "phev20", "phev40", "bev75", "bev100", "bev150", "phevFastcharge", "bevFastcharge"),
    *("opCost", "accelTime", "american", "japanese", "chinese", "skorean"),
)
OPTIONS = 3
FOLDS = 10
RIDGE = 1e-3
"""So that a fold in which nobody saw some attribute still has an answer."""
PARTS = 3
"""Of a person's choices: each is foretold by the other two."""
HOLDS = (1.0, 3.0, 10.0, 30.0, 100.0)
"""How much everybody's weights hold a person's."""


@dataclass(frozen=True, slots=True)
class Choices:
    options: Floats
    """Shape (tasks, 3, attributes + 1), minus the logarithm of the price last."""
    chosen: Rows
    people: Rows
    folds: Rows


def load(folder: Path, seed: int) -> Choices:
    """
    Raises:
        NotHereError, InputError: the file is not there, or is another.
    """
    rows = table(folder, FILE, ("id", "choice", "price", *ATTRIBUTES))
    if len(rows) % OPTIONS:
        raise InputError(f"want {OPTIONS} rows for each choice in {FILE}, got {len(rows)} rows")
    prices = np.array([number(row, "price", FILE) for row in rows])
    if (prices <= 0).any():
        raise InputError(f"want prices above 0 in {FILE}, got another")
    values = [[number(row, name, FILE) for name in ATTRIBUTES] for row in rows]
    options = np.column_stack([values, -np.log(prices)]).reshape(-1, OPTIONS, len(ATTRIBUTES) + 1)
    chosen = np.array([row["choice"] == "1" for row in rows]).reshape(-1, OPTIONS)
    people = numbered([row["id"] for row in rows]).reshape(-1, OPTIONS)
    held = (chosen.sum(axis=1) == 1) & (people == people[:, :1]).all(axis=1)
    if not held.any():
        raise InputError(f"want one choice of {OPTIONS} rows in {FILE}, got none")
    whose = numbered(people[held, 0].tolist())
    return Choices(options[held], chosen[held].argmax(axis=1), whose, folds(whose, FOLDS, seed))


def fitted(options: Floats, chosen: Rows, *, start: Floats | None = None, hold: Floats | float = RIDGE) -> Floats:
    """Weights of a multinomial logit, by Newton's method.

    Args:
        start: what they are held to; nothing without.
        hold: how much, by attribute.
    """
    middle = np.zeros(options.shape[2]) if start is None else start
    weights, held = middle.copy(), np.broadcast_to(hold, options.shape[2])
    for _ in range(30):
        chances = softmax(options @ weights)
        means = np.einsum("ta,taf->tf", chances, options)
        slope = (options[np.arange(len(options)), chosen] - means).sum(axis=0) - held * (weights - middle)
        apart = options - means[:, None, :]
        curve = np.einsum("ta,taf,tag->fg", chances, apart, apart, optimize=True) + np.diag(held)
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def foretold(found: Choices, columns: Sequence[int]) -> Floats:
    """Chance of each option, by weights of other people."""
    options = found.options[:, :, list(columns)]
    chances = np.full((len(found.chosen), OPTIONS), 1 / OPTIONS)
    for fold in range(FOLDS):
        seen, rows = found.folds != fold, found.folds == fold
        if seen.any() and rows.any():
            chances[rows] = softmax(options[rows] @ fitted(options[seen], found.chosen[seen]))
    return chances


def scored(found: Choices, chances: Floats) -> tuple[Floats, Floats]:
    """By choice: right, level ones sharing it, and the log loss."""
    best = chances == chances.max(axis=1, keepdims=True)
    rows = np.arange(len(found.chosen))
    right = best[rows, found.chosen] / best.sum(axis=1)
    return right, _losses(found, rows, chances)


def by_place(found: Choices) -> Floats:
    chances = np.full((len(found.chosen), OPTIONS), 1 / OPTIONS)
    for fold in range(FOLDS):
        seen = found.folds != fold
        if seen.any():
            chances[~seen] = np.bincount(found.chosen[seen], minlength=OPTIONS) / seen.sum()
    return chances


def dealt_anew(found: Choices, seed: int) -> Choices:
    chance = np.random.default_rng(seed)
    options = found.options.copy()
    options[:, :, -1] = chance.permuted(options[:, :, -1], axis=1)
    return Choices(options, found.chosen, found.people, found.folds)


def by_own(found: Choices) -> Floats:
    """Chance of each option, by weights between everybody's and those of the person's own other choices. How much
    everybody's hold theirs is picked on the people of the next fold, by weights that were fitted on neither.
    """
    chances = np.full((len(found.chosen), OPTIONS), 1 / OPTIONS)
    spread = found.options.reshape(-1, found.options.shape[2]).var(axis=0)
    for fold in range(FOLDS):
        rows, inner = (np.flatnonzero(found.folds == each) for each in (fold, (fold + 1) % FOLDS))
        seen = ~np.isin(np.arange(len(found.chosen)), rows)
        others = seen & ~np.isin(np.arange(len(found.chosen)), inner)
        if not (len(rows) and len(inner) and others.any()):
            continue
        everybody = fitted(found.options[others], found.chosen[others])
        losses = {
            hold: _losses(found, inner, _personal(found, inner, everybody, hold * spread)).sum() for hold in HOLDS
        }
        best = min(losses, key=lambda hold: losses[hold])
        everybody = fitted(found.options[seen], found.chosen[seen])
        chances[rows] = _personal(found, rows, everybody, best * spread)
    return chances


def _personal(found: Choices, rows: Rows, everybody: Floats, hold: Floats) -> Floats:
    """Chances of some people's choices, each by two thirds of their own in which it is not."""
    chances = np.zeros((len(rows), OPTIONS))
    for person in np.unique(found.people[rows]):
        its = np.flatnonzero(found.people[rows] == person)
        for part in range(PARTS):
            out = its[part::PARTS]
            seen = rows[np.setdiff1d(its, out)]
            weights = everybody
            if len(seen):
                weights = fitted(found.options[seen], found.chosen[seen], start=everybody, hold=hold + RIDGE)
            chances[out] = softmax(found.options[rows[out]] @ weights)
    return chances


def _losses(found: Choices, rows: Rows, chances: Floats) -> Floats:
    return -np.log(np.maximum(chances[np.arange(len(rows)), found.chosen[rows]], LEAST))


def softmax(values: Floats) -> Floats:
    odds = np.exp(values - values.max(axis=1, keepdims=True))
    found: Floats = odds / odds.sum(axis=1, keepdims=True)
    return found

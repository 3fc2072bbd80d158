"""Which of three cars people choose: what price weighs, and what the reasoner's prior for it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vivavoce.errors import InputError
from vivavoce.panel.calibration.chances import LEAST
from vivavoce.panel.calibration.drawing import Floats, Rows, mean_by
from vivavoce.panel.calibration.splits import folds, numbered
from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.files import number, table
from vivavoce.studies.calibration.outcome import Column, Goal, Role, Row, Task, exactly
from vivavoce.studies.port import Embedder

FILE = "conjoint_cars_us.csv"
ATTRIBUTES = (
    *("hev", "phev10", "phev20", "phev40", "bev75", "bev100", "bev150", "phevFastcharge", "bevFastcharge"),
    *("opCost", "accelTime", "american", "japanese", "chinese", "skorean"),
)
OPTIONS = 3
FOLDS = 10
RIDGE = 1e-3
"""So that a fold in which nobody saw some attribute still has an answer."""
PRIOR = 2.62
"""The archetypes' sensitivity to price over their temperature, in its middle: nothing of it is fitted."""
OWN = 2 / 3
"""Of a person's choices, that may be seen where their own weights are learned."""
OWN_RIDGE = 10.0
"""How much everybody's weights hold a person's. Seen on the choices it is tested on: an upper mark."""
FLOOR, CEILING, OURS = "guess", "with two thirds of a person's own choices", "all attributes and price, learned"
RIGHT, LOSS, GAIN = "right", "log loss", "over no price"
COLUMNS = (Column(RIGHT, "percent"), Column(GAIN, "points"), Column(LOSS, "plain"))


@dataclass(frozen=True, slots=True)
class Choices:
    options: Floats
    """Shape (tasks, 3, attributes + 1), minus the logarithm of the price last."""
    chosen: Rows
    people: Rows
    folds: Rows


async def cars(folder: Path, _embedder: Embedder, seed: int) -> Task:
    """
    Raises:
        NotHereError, InputError: the file is not there, or is another.
    """
    found = _load(folder, seed)
    last = len(ATTRIBUTES)
    every, no_price = list(range(last + 1)), list(range(last))
    rows: list[Row] = []
    base = _foretold(found, no_price)

    def show(who: str, role: Role, chances: Floats) -> Row:
        right, loss = _scored(found, chances)
        figures = {RIGHT: mean_by(right, found.people, seed=seed), LOSS: mean_by(loss, found.people, seed=seed)}
        if chances is not base:
            figures[GAIN] = mean_by(right - _scored(found, base)[0], found.people, seed=seed)
        rows.append(Row(who=who, role=role, figures=figures))
        return rows[-1]

    rows.append(Row(who=FLOOR, role="control", figures={RIGHT: exactly(1 / OPTIONS), LOSS: exactly(float(np.log(3)))}))
    show("place in the list", "control", _by_place(found))
    show("cheapest", "control", _softmax(found.options[:, :, last] * 3))
    show("all but the price, learned", "control", base)
    show("prices dealt out anew in each task, learned", "control", _foretold(_shuffled(found, seed), every))
    show("price alone, learned", "ablation", _foretold(found, [last]))
    show("the reasoner's prior slope alone (p), not learned", "ablation", _softmax(PRIOR * found.options[:, :, last]))
    linear = Choices(found.options.copy(), found.chosen, found.people, found.folds)
    linear.options[:, :, last] = -np.exp(-found.options[:, :, last]) / 10
    show("price itself in place of its logarithm", "ablation", _foretold(linear, every))
    ours = show(OURS, "model", _foretold(found, every))
    rows.append(Row(who=CEILING, role="people", figures=_own(found, seed)))
    slope = fitted(found.options, found.chosen)[-1]
    error = _ece(_foretold(found, every), found.chosen)
    gain = ours.figures[GAIN]
    return Task(
        name="cars",
        asks="which of three cars somebody chooses",
        counts={"choices": len(found.chosen), "people": int(found.people.max()) + 1},
        split=f"{FOLDS} folds of people",
        interval="people drawn",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=tuple(rows),
        figures={"slope of ln price, fitted on all": exactly(float(slope)), "ECE over options, ours": exactly(error)},
        goals=(
            Goal(
                wanted="what the price adds: above 0",
                came=f"{100 * gain.value:+.1f} [{100 * gain.low:.1f}, {100 * gain.high:.1f}] points",
                met=gain.low > 0,
            ),
        ),
        doubts=(
            "Without fitted outcomes the reasoner knows that cheaper is better and no more: as good as always naming "
            "the cheapest.",
            "Cars are no software, and a choice on a page is no purchase.",
            "How much a person's own choices are held by everybody's was seen on the choices tested: an upper mark, "
            "and of other choices than the other rows.",
        ),
    )


def _load(folder: Path, seed: int) -> Choices:
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
        chances = _softmax(options @ weights)
        means = np.einsum("ta,taf->tf", chances, options)
        slope = (options[np.arange(len(options)), chosen] - means).sum(axis=0) - held * (weights - middle)
        apart = options - means[:, None, :]
        curve = np.einsum("ta,taf,tag->fg", chances, apart, apart, optimize=True) + np.diag(held)
        step = np.linalg.solve(curve, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _foretold(found: Choices, columns: Sequence[int]) -> Floats:
    """Chance of each option, by weights of other people."""
    options = found.options[:, :, list(columns)]
    chances = np.full((len(found.chosen), OPTIONS), 1 / OPTIONS)
    for fold in range(FOLDS):
        seen, rows = found.folds != fold, found.folds == fold
        if seen.any() and rows.any():
            chances[rows] = _softmax(options[rows] @ fitted(options[seen], found.chosen[seen]))
    return chances


def _scored(found: Choices, chances: Floats) -> tuple[Floats, Floats]:
    """By choice: right, level ones sharing it, and the log loss."""
    best = chances == chances.max(axis=1, keepdims=True)
    rows = np.arange(len(found.chosen))
    right = best[rows, found.chosen] / best.sum(axis=1)
    return right, -np.log(np.maximum(chances[rows, found.chosen], LEAST))


def _by_place(found: Choices) -> Floats:
    chances = np.full((len(found.chosen), OPTIONS), 1 / OPTIONS)
    for fold in range(FOLDS):
        seen = found.folds != fold
        if seen.any():
            chances[~seen] = np.bincount(found.chosen[seen], minlength=OPTIONS) / seen.sum()
    return chances


def _shuffled(found: Choices, seed: int) -> Choices:
    chance = np.random.default_rng(seed)
    options = found.options.copy()
    options[:, :, -1] = chance.permuted(options[:, :, -1], axis=1)
    return Choices(options, found.chosen, found.people, found.folds)


def _own(found: Choices, seed: int) -> dict[str, Share]:
    """The last third of each person's choices, by weights between their own and everybody's."""
    spread = found.options.reshape(-1, found.options.shape[2]).var(axis=0)
    right: list[float] = []
    losses: list[float] = []
    whose: list[int] = []
    for fold in range(FOLDS):
        if not (found.folds != fold).any():
            continue
        everybody = fitted(found.options[found.folds != fold], found.chosen[found.folds != fold])
        for person in np.unique(found.people[found.folds == fold]):
            rows = np.flatnonzero(found.people == person)
            first, rest = rows[: int(len(rows) * OWN)], rows[int(len(rows) * OWN) :]
            hold = OWN_RIDGE * spread + RIDGE
            weights = fitted(found.options[first], found.chosen[first], start=everybody, hold=hold)
            chances = _softmax(found.options[rest] @ weights)
            right += (chances.argmax(axis=1) == found.chosen[rest]).tolist()
            losses += (-np.log(np.maximum(chances[np.arange(len(rest)), found.chosen[rest]], LEAST))).tolist()
            whose += [int(person)] * len(rest)
    people = np.array(whose, np.intp)
    return {RIGHT: mean_by(np.array(right), people, seed=seed), LOSS: mean_by(np.array(losses), people, seed=seed)}


def _ece(chances: Floats, chosen: Rows) -> float:
    """How far chances of options are off, on average of ten bins."""
    true = np.zeros_like(chances)
    true[np.arange(len(chosen)), chosen] = 1
    order = np.argsort(chances, axis=None, kind="stable")
    parts = [part for part in np.array_split(order, 10) if len(part)]
    off = [len(part) * abs(chances.ravel()[part].mean() - true.ravel()[part].mean()) for part in parts]
    return float(sum(off) / chances.size)


def _softmax(values: Floats) -> Floats:
    odds = np.exp(values - values.max(axis=1, keepdims=True))
    found: Floats = odds / odds.sum(axis=1, keepdims=True)
    return found

"""Which of three cars people choose: what price weighs, and what the reasoner's prior for it is worth."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from vivavoce.panel.calibration.chances import ece_by
from vivavoce.panel.calibration.drawing import Floats, figure_by, mean_by
from vivavoce.studies.calibration.choices import (
    ATTRIBUTES,
    FOLDS,
    OPTIONS,
    Choices,
    by_own,
    by_place,
    dealt_anew,
    fitted,
    foretold,
    load,
    scored,
    softmax,
)
from vivavoce.studies.calibration.goals import goal
from vivavoce.studies.calibration.measured import Measured
from vivavoce.studies.calibration.outcome import Column, Role, Task, exactly, other
from vivavoce.studies.port import Embedder

PRIOR = 2.62
"""The archetypes' sensitivity to price over their temperature, in its middle: nothing of it is fitted."""
SLOPES = 200
"""Draws for the slope, each of which fits all weights again."""
FLOOR, CEILING, OURS = "guess", "people's own other choices, two thirds of them", "all attributes and price, learned"
NO_PRICE = "all but the price, learned"
RIGHT, LOSS, GAIN = "right", "log loss", "over no price"
COLUMNS = (Column(RIGHT, "percent"), Column(GAIN, "points"), Column(LOSS, "plain"))


async def cars(folder: Path, _embedder: Embedder, seed: int) -> Task:
    """
    Raises:
        NotHereError, InputError: the file is not there, or is another.
    """
    found = load(folder, seed)
    last = len(ATTRIBUTES)
    price, every, no_price = found.options[:, :, last], list(range(last + 1)), list(range(last))
    draw = partial(mean_by, groups=found.people, seed=seed)
    base = _columns(found, foretold(found, no_price))
    measured = Measured({RIGHT: draw, LOSS: draw}, {GAIN: RIGHT}, base)

    def show(who: str, role: Role, chances: Floats) -> None:
        measured.row(who, role, _columns(found, chances))

    ours = foretold(found, every)
    show(FLOOR, "control", np.full(price.shape, 1 / OPTIONS))
    show("place in the list", "control", by_place(found))
    show("cheapest", "control", softmax(price * 3))
    measured.row(NO_PRICE, "control", base)
    show("prices dealt out anew in each task, learned", "control", foretold(dealt_anew(found, seed), every))
    show("price alone, learned", "ablation", foretold(found, [last]))
    show("the reasoner's prior slope alone (p), not learned", "ablation", softmax(price * PRIOR))
    linear = Choices(found.options.copy(), found.chosen, found.people, found.folds)
    linear.options[:, :, last] = -np.exp(-price) / 10
    show("price itself in place of its logarithm", "ablation", foretold(linear, every))
    show(OURS, "model", ours)
    show(CEILING, "people", by_own(found))
    rows = {row.who: row for row in measured.rows}
    slope = figure_by(
        lambda at: float(fitted(found.options[at], found.chosen[at])[-1]), found.people, seed=seed, draws=SLOPES
    )
    named = np.eye(OPTIONS)[found.chosen]
    error = ece_by(ours.ravel(), named.ravel(), np.repeat(found.people, OPTIONS), seed=seed)
    return Task(
        name="cars",
        asks="which of three cars somebody chooses",
        counts={"choices": len(found.chosen), "people": int(found.people.max()) + 1},
        split=f"{FOLDS} folds of people; the ceiling's, by people and then by thirds of their choices",
        interval="people drawn",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=(
            *measured.rows,
            other("slope of ln price, fitted on all", slope, floor=exactly(0.0)),
            other("ECE over options, debiased, ours", error, floor=exactly(0.0), ceiling=exactly(0.0)),
        ),
        goals=(goal("what the price adds", rows[OURS].figures[GAIN], "above", 0, "points"),),
        doubts=(
            "Without fitted outcomes the reasoner knows that cheaper is better and no more: as good as always naming "
            "the cheapest.",
            "Cars are no software, and a choice on a page is no purchase.",
            "The ceiling is what ten of a person's choices tell of five others by the same sum. Nobody was asked the "
            "same twice, so how near a person comes to themselves is not known.",
            "Chances that come true (ECE 0) are no knowledge: who guesses is as honest.",
        ),
    )


def _columns(found: Choices, chances: Floats) -> dict[str, Floats]:
    right, loss = scored(found, chances)
    return {RIGHT: right, LOSS: loss}

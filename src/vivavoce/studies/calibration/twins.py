"""What people answer in studies: language models that play these very people, beside what knows none of them
(Twin-2K-500)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.panel.calibration.drawing import Floats, Rows, mean_by
from vivavoce.panel.calibration.likeness import correlation, kolmogorov, spread_ratio, wasserstein
from vivavoce.panel.calibration.ridge import solved
from vivavoce.panel.calibration.splits import folds, numbered
from vivavoce.studies.calibration.files import number, table
from vivavoce.studies.calibration.measured import Measured
from vivavoce.studies.calibration.outcome import Column, Task
from vivavoce.studies.port import Embedder

PEOPLE, MODELS, RANGES = "twin2k_dv_human.csv", "twin2k_dv_llm.csv", "twin2k_dv_ranges.csv"
FOLDS = 10
LEAST_PEOPLE = 30
"""Who answered, below which an outcome is left out."""
RIDGE = 30.0
FLOOR, CEILING, OURS = "median of others", "as many other people, drawn", "model that plays the person"
RIGHT, GAIN, R, SPREAD, KS, MOVE = "accuracy", "over median", "r", "SD ratio", "KS", "Wasserstein"
COLUMNS = (
    Column(RIGHT, "plain"), Column(GAIN, "signed"), Column(R, "plain"), Column(SPREAD, "plain"), Column(KS, "plain"),
    Column(MOVE, "plain"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answers:
    """By person and outcome, 0 and 1 the ends of the scale; not a number where either has no answer."""

    true: Floats
    model: Floats
    there: NDArray[np.bool_]
    studies: Rows
    """Of each outcome."""
    folds: Rows
    """Of each person."""


Guess = Callable[[NDArray[np.bool_], NDArray[np.bool_], int], Floats]
"""From who is fitted on, who is tested and the outcome to answers."""


async def twins(folder: Path, _embedder: Embedder, seed: int) -> Task:
    """
    Raises:
        NotHereError, InputError: a file is not there, or is another.
    """
    found = _load(folder, seed)
    true, model = found.true, found.model
    chance = np.random.default_rng(seed)
    median = _told_alike(found, _folded(found, lambda seen, out, at: np.full(out.sum(), np.median(true[seen, at]))))
    draw = partial(mean_by, groups=found.studies, seed=seed)
    measured = Measured(dict.fromkeys((RIGHT, R, SPREAD, KS, MOVE), draw), {GAIN: RIGHT}, median)

    def alike(who: str, guess: Guess) -> None:
        measured.row(who, "control", _told_alike(found, _folded(found, guess)))

    def control(who: str, guess: Guess) -> None:
        measured.row(who, "control", _told(found, _folded(found, guess)))

    control("random: even over the scale", lambda seen, out, at: chance.random(int(out.sum())))
    alike("middle of the scale", lambda seen, out, at: np.full(out.sum(), 0.5))
    measured.row(FLOOR, "control", median)
    alike("niche mean: mean of others", lambda seen, out, at: np.full(out.sum(), true[seen, at].mean()))
    control("wrong person: the model of somebody else", lambda seen, out, at: chance.permutation(model[out, at]))
    control(
        "verbatim: the answer of somebody else", lambda seen, out, at: chance.choice(true[seen, at], int(out.sum()))
    )
    measured.row(OURS, "model", _told(found, model))
    measured.row(
        "the same, stretched to people's spread", "model", _told(found, _folded(found, partial(_stretched, found)))
    )
    measured.row("people's own answers in other studies, no model", "people", _told(found, _from_others(found)))
    measured.row(CEILING, "people", _twice(found, chance), drawn="studies, and people once")
    return Task(
        name="twins",
        asks="what a person answers in a study",
        counts={
            "people": len(true),
            "outcomes": true.shape[1],
            "studies": int(found.studies.max()) + 1,
        },
        split=f"{FOLDS} folds of people",
        interval="studies drawn",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=tuple(measured.rows),
        doubts=(
            "The median of other people is at least as near to a person as a model that was told 500 of their answers; "
            "it says nothing of who differs (r 0), and all alike (SD ratio 0).",
            "Drawing people's answers gives their distribution (KS), and not the person: a panel without a model can "
            "do that, and no more.",
            "How near a person comes to themselves on another day is not in the data: there is no ceiling of accuracy.",
            "Studies of one paper, and models of its time.",
        ),
    )


def _load(folder: Path, seed: int) -> Answers:
    ranges = {
        row["DV_variable"]: (float(row["DV_min"]), float(row["DV_max"]), row["study_name"])
        for row in table(folder, RANGES, ("study_name", "DV_variable", "DV_min", "DV_max"))
        if row["DV_min"] and row["DV_max"] and _numbers(row)
    }
    people = table(folder, PEOPLE, ("TWIN_ID",))
    models = {row["TWIN_ID"]: row for row in table(folder, MODELS, ("TWIN_ID",))}
    names = [name for name in people[0] if name in ranges and ranges[name][1] > ranges[name][0]]
    if missing := [name for name in names if name not in next(iter(models.values()))]:
        raise InputError(f"want the outcomes of {PEOPLE} in {MODELS} too, {len(missing)} missing")
    if not names:
        raise InputError(f"want outcomes of {RANGES} as columns of {PEOPLE}, got none")
    low, high = (np.array([ranges[name][end] for name in names]) for end in (0, 1))
    true = (np.array([[_answer(row[name]) for name in names] for row in people]) - low) / (high - low)
    said = [[_answer(models.get(row["TWIN_ID"], {}).get(name, "")) for name in names] for row in people]
    model = (np.array(said) - low) / (high - low)
    there = ~np.isnan(true) & ~np.isnan(model)
    used = [at for at in range(len(names)) if there[:, at].sum() >= LEAST_PEOPLE and np.ptp(true[there[:, at], at]) > 0]
    if not used:
        raise InputError(f"want outcomes that {LEAST_PEOPLE} people and their models answered in {PEOPLE}, got none")
    there = there[:, used]
    return Answers(
        true=np.where(there, true[:, used], np.nan),
        model=np.where(there, model[:, used], np.nan),
        there=there,
        studies=numbered([ranges[names[at]][2] for at in used]),
        folds=folds(np.arange(len(people)), FOLDS, seed),
    )


def _numbers(row: dict[str, str]) -> bool:
    """Raises InputError where a range is none."""
    return number(row, "DV_min", RANGES) <= number(row, "DV_max", RANGES)


def _answer(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def _folded(found: Answers, guess: Guess) -> Floats:
    said = np.full(found.true.shape, np.nan)
    for fold in range(FOLDS):
        for at in range(found.true.shape[1]):
            seen, out = ((found.folds == fold) == which for which in (False, True))
            seen, out = seen & found.there[:, at], out & found.there[:, at]
            if out.any() and seen.any():
                said[out, at] = guess(seen, out, at)
    return said


def _stretched(found: Answers, seen: NDArray[np.bool_], out: NDArray[np.bool_], at: int) -> Floats:
    """A model's place among models as a place among people."""
    models = np.sort(found.model[seen, at])
    places = [np.searchsorted(models, found.model[out, at], side) for side in ("left", "right")]
    share = (places[0] + places[1]) / 2 / len(models)
    stretched: Floats = np.quantile(found.true[seen, at], np.clip(share, 0, 1))
    return stretched


def _from_others(found: Answers) -> Floats:
    """From what the same person answered in other studies, by ridge over other people."""
    means = np.nanmean(found.true, axis=0)
    known = np.where(found.there, found.true - means, 0.0)

    def guess(seen: NDArray[np.bool_], out: NDArray[np.bool_], at: int) -> Floats:
        columns = found.studies != found.studies[at]
        if not columns.any():
            return np.full(out.sum(), found.true[seen, at].mean())
        values = found.true[seen, at]
        rows = known[seen][:, columns]
        weights = solved(rows.T @ rows, rows.T @ (values - values.mean()), RIDGE)
        said: Floats = values.mean() + known[out][:, columns] @ weights
        return said

    return _folded(found, guess)


def _accuracies(found: Answers, said: Floats) -> Floats:
    """By outcome, 1 less the mean distance in shares of the scale."""
    off = np.abs(np.clip(said, 0, 1) - found.true)
    return np.array([1 - np.nanmean(off[found.there[:, at], at]) for at in range(off.shape[1])])


def _told(found: Answers, said: Floats) -> dict[str, Floats]:
    """By column, a figure of each outcome."""
    values: dict[str, list[float]] = {R: [], SPREAD: [], KS: [], MOVE: []}
    for at in range(found.true.shape[1]):
        there = found.there[:, at] & ~np.isnan(said[:, at])
        one, true = said[there, at], found.true[there, at]
        values[R].append(correlation(one, true))
        values[SPREAD].append(spread_ratio(one, true))
        values[KS].append(kolmogorov(one, true))
        values[MOVE].append(wasserstein(one, true))
    return {RIGHT: _accuracies(found, said)} | {name: np.array(each) for name, each in values.items()}


def _told_alike(found: Answers, said: Floats) -> dict[str, Floats]:
    """The same where everybody is told the same: in each fold it is a little different, which is no knowledge of who
    differs.
    """
    nothing = np.zeros(found.true.shape[1])
    return _told(found, said) | {R: nothing, SPREAD: nothing}


def _twice(found: Answers, chance: np.random.Generator) -> dict[str, Floats]:
    """How alike two samples of as many people are, drawn from these: what a sample of other people of the same kind
    would reach. Two halves would be less alike, for each is half as large.
    """
    values: dict[str, list[float]] = {SPREAD: [], KS: [], MOVE: []}
    for at in range(found.true.shape[1]):
        there = found.true[found.there[:, at], at]
        one, other = (chance.choice(there, len(there)) for _ in range(2))
        values[SPREAD].append(spread_ratio(one, other))
        values[KS].append(kolmogorov(one, other))
        values[MOVE].append(wasserstein(one, other))
    return {name: np.array(each) for name, each in values.items()}

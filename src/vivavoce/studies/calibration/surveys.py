"""Predictions that were made before people answered the same study: surveys of the Reality Check, as exported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from vivavoce.errors import InputError, NotHereError
from vivavoce.panel.calibration.drawing import Floats, mean_by
from vivavoce.panel.outcome import Share
from vivavoce.panel.survey.form import Form
from vivavoce.panel.survey.lines import read
from vivavoce.panel.survey.score import Beside, Score, scored
from vivavoce.studies.calibration.measured import Measured
from vivavoce.studies.calibration.outcome import Column, Role, Task

AGREES, GAIN, SURE, BRIER, ERROR = (
    "names whom people choose",
    "over even",
    "how sure people are of that",
    "Brier score",
    "error of shares",
)
COLUMNS = (
    Column(AGREES, "percent"),
    Column(GAIN, "points"),
    Column(SURE, "percent"),
    Column(BRIER, "plain"),
    Column(ERROR, "plain"),
)
FLOOR, CEILING = "even", "as many other people"


def surveys(file: Path, seed: int) -> Task:
    """Every respondent over all surveys of a file.

    Raises:
        NotHereError: there is no such file.
        InputError: it is none that was exported, or holds no survey with answers that count.
    """
    try:
        with file.open("rb") as lines:
            found = [(survey, answers) for survey, answers in read(lines)]
    except FileNotFoundError:
        raise NotHereError(f"want {file.name}, as `viva study survey export` writes it; it is not there") from None
    except OSError as error:
        raise InputError(f"{file.name} cannot be read: {type(error).__name__}") from error
    scores = [(survey.form, scored(survey.form, survey.prediction, answers)) for survey, answers in found]
    used = [(form, each) for form, each in scores if each.people is not None]
    if not used:
        raise InputError(f"want surveys with answers that count in {file.name}, got {len(found)} without")
    said = _said(used)
    draw = partial(_mean, seed=seed)
    measured = Measured(
        {column.name: draw for column in COLUMNS if column.name != GAIN}, {GAIN: AGREES}, said[FLOOR][1]
    )
    for who, (role, values) in said.items():
        measured.row(who, role, {name: each for name, each in values.items() if not np.isnan(each).all()})
    return Task(
        name="surveys",
        asks="whom people choose who answer the same study",
        counts={
            "surveys": len(found),
            "with answers that count": len(used),
            "answers that count": sum(each.counted for _, each in used),
        },
        split="predictions were written down before the first answer",
        interval="surveys drawn",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=tuple(measured.rows),
        doubts=(
            "Whoever surveys their own audience learns about that audience.",
            "Few surveys make wide intervals; of one there is none.",
            "Who names nobody counts as right as often as by lot; surveys in which people are level are left out of "
            "that, and whoever gave no answer is left out of all.",
        ),
    )


def _said(used: Sequence[tuple[Form, Score]]) -> dict[str, tuple[Role, dict[str, Floats]]]:
    """By who: their role, and by column a figure of each survey, not a number where there is none."""
    found: dict[str, tuple[Role, dict[str, Floats]]] = {}

    def put(who: str, role: Role, at: int, figures: Mapping[str, float | None]) -> None:
        _, values = found.setdefault(who, (role, {}))
        for name, value in figures.items():
            values.setdefault(name, np.full(len(used), np.nan))[at] = np.nan if value is None else value

    for at, (form, score) in enumerate(used):
        roles: tuple[tuple[Role, Sequence[Beside]], ...] = (("control", score.floors), ("model", score.predictions))
        for role, one in ((role, one) for role, all_ in roles for one in all_ if one.predicts):
            error = None if one.error is None else one.error.value
            named = _named(one, score, len(form.study.variants))
            put(one.respondent, role, at, {AGREES: named, SURE: one.agrees_sure, BRIER: one.brier, ERROR: error})
        if score.others is not None:
            put(CEILING, "people", at, {AGREES: score.others.agree, ERROR: score.others.error})
    return found


def _named(one: Beside, score: Score, count: int) -> float | None:
    """Whether it names whom people choose: as often as by lot where it names nobody, and None where people are level or
    there was nothing to choose from.
    """
    most = max((share.value for share in score.shares.values()), default=0.0)
    if count < 2 or sum(share.value == most for share in score.shares.values()) != 1:
        return None
    return 1 / count if one.agrees is None else float(one.agrees)


def _mean(values: Floats, *, seed: int) -> Share:
    """Over surveys that have a figure; one of them makes no interval."""
    there = values[~np.isnan(values)]
    return mean_by(there, np.arange(len(there)), seed=seed)

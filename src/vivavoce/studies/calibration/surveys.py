"""Predictions that were made before people answered the same study: surveys of the Reality Check, as exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from vivavoce.errors import InputError, NotHereError
from vivavoce.panel.calibration.drawing import Floats, mean_by
from vivavoce.panel.outcome import Share
from vivavoce.panel.survey.form import Form
from vivavoce.panel.survey.lines import read
from vivavoce.panel.survey.score import Beside, Score, scored
from vivavoce.studies.calibration.measured import Measured
from vivavoce.studies.calibration.outcome import Column, Role, Row, Task

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
GAINS = {GAIN: AGREES}
FLOOR, CEILING = "even", "as many other people"
Said: TypeAlias = dict[str, tuple[Role, dict[str, Floats]]]
"""By who: their role, and by column a figure of each survey, not a number where there is none."""


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
    measured = Measured({column.name: draw for column in COLUMNS if column.name not in GAINS}, GAINS, said[FLOOR][1])
    for who, (role, values) in said.items():
        measured.row(who, role, {name: each for name, each in values.items() if not np.isnan(each).all()})
    return Task(
        name="surveys",
        asks="whom people choose who answer the same study",
        counts={
            "surveys": len(found),
            "with answers that count": len(used),
            "in which people settle whom they choose": sum(_settled(each) for _, each in used),
            "answers that count": sum(each.counted for _, each in used),
        },
        split="predictions were written down before the first answer",
        interval="surveys drawn" if len(used) > 1 else "none, there is one survey",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=tuple(measured.rows),
        doubts=(
            "Whoever surveys their own audience learns about that audience.",
            "Few surveys make wide intervals; of one there is none.",
            "Surveys alone in which people settle whom they choose (95 % sure) tell whether that one is named; for the "
            "rest all count. Who names nobody counts as right as often as by lot; who gave no answer is left out.",
            *_unspread(said),
            *_upside_down(measured.rows),
        ),
    )


def _unspread(said: Said) -> Iterator[str]:
    """A word on figures without an interval that are not so by construction: a table cannot tell them apart."""
    single, alike = [], []
    for column in COLUMNS:
        of = GAINS.get(column.name, column.name)
        made = () if of == ERROR else (FLOOR,)  # by the number of variants, whatever people say
        held = {who: _there(values[of]) for who, (_, values) in said.items() if of in values and who not in made}
        if found := [who for who, values in held.items() if values.size == 1]:
            single.append(f"{column.name} ({', '.join(found)})")
        if found := [who for who, values in held.items() if values.size > 1 and np.ptp(values) == 0]:
            alike.append(f"{column.name} ({', '.join(found)})")
    if single:
        yield f"Of one survey, and so without an interval: {'; '.join(single)}."
    if alike:
        yield f"Alike in all surveys, so that drawing them shows no spread: {'; '.join(alike)}."


def _upside_down(rows: Sequence[Row]) -> Iterator[str]:
    """A word on a ceiling that is worse than its floor."""
    found = {row.who: row.figures for row in rows}
    floor, ceiling = (found[who].get(ERROR) if who in found else None for who in (FLOOR, CEILING))
    if floor is not None and ceiling is not None and ceiling.value > floor.value:
        yield (
            f"The ceiling of the {ERROR} is worse than its floor: people are so nearly level here that even shares "
            "miss them by less than as many others would. It is no bound."
        )


def _said(used: Sequence[tuple[Form, Score]]) -> Said:
    found: Said = {}

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
            agree = score.others.agree if _settled(score) else None
            put(CEILING, "people", at, {AGREES: agree, ERROR: score.others.error})
    return found


def _settled(score: Score) -> bool:
    """Whether people's own answers are enough to say whom they choose."""
    return score.people is not None and bool(score.people.decision.variant)


def _named(one: Beside, score: Score, count: int) -> float | None:
    """Whether it names whom people choose: as often as by lot where it names nobody, and None where people leave that
    open or there was nothing to choose from.
    """
    if count < 2 or not _settled(score):
        return None
    return 1 / count if one.agrees is None else float(one.agrees)


def _mean(values: Floats, *, seed: int) -> Share:
    """Over surveys that have a figure; one of them makes no interval."""
    there = _there(values)
    return mean_by(there, np.arange(len(there)), seed=seed)


def _there(values: Floats) -> Floats:
    found: Floats = values[~np.isnan(values)]
    return found

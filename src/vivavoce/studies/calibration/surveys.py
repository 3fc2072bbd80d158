"""Predictions that were made before people answered the same study: surveys of the Reality Check, as exported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vivavoce.errors import InputError, NotHereError
from vivavoce.panel.calibration.drawing import mean_by
from vivavoce.panel.outcome import Share
from vivavoce.panel.survey.lines import read
from vivavoce.panel.survey.score import Beside, scored
from vivavoce.studies.calibration.outcome import Column, Role, Row, Task, exactly

AGREES, SURE, BRIER, ERROR = "names whom people choose", "how sure people are of that", "Brier score", "error of shares"
COLUMNS = (Column(AGREES, "percent"), Column(SURE, "percent"), Column(BRIER, "plain"), Column(ERROR, "plain"))
FLOOR, CEILING = "even", "half of the people for the other half"


def surveys(file: Path) -> Task:
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
    scores = [scored(survey.form, survey.prediction, answers) for survey, answers in found]
    used = [each for each in scores if each.people is not None]
    if not used:
        raise InputError(f"want surveys with answers that count in {file.name}, got {len(found)} without")
    figures: dict[tuple[str, Role], list[tuple[int, dict[str, float]]]] = {}
    for at, each in enumerate(used):
        by_role: tuple[tuple[Role, Sequence[Beside]], ...] = (("control", each.floors), ("model", each.predictions))
        for role, all_ in by_role:
            for one in all_:
                said = {AGREES: 0.5 if one.agrees is None else float(one.agrees), SURE: one.agrees_sure}
                said |= {
                    name: value for name, value in ((BRIER, one.brier), (ERROR, _value(one.error))) if value is not None
                }
                figures.setdefault((one.respondent, role), []).append((at, said))
    rows = [
        Row(
            who=who,
            role=role,
            figures={column.name: share for column in COLUMNS if (share := _mean(said, column.name))},
        )
        for (who, role), said in figures.items()
    ]
    halves = [
        (at, {AGREES: each.halves.agree, ERROR: each.halves.error}) for at, each in enumerate(used) if each.halves
    ]
    if halves:
        people = {name: share for name in (AGREES, ERROR) if (share := _mean(halves, name))}
        rows.append(Row(who=CEILING, role="people", figures=people))
    return Task(
        name="surveys",
        asks="whom people choose who answer the same study",
        counts={
            "surveys": len(found),
            "with answers that count": len(used),
            "answers that count": sum(each.counted for each in used),
        },
        split="predictions were written down before the first answer",
        interval="surveys drawn",
        columns=COLUMNS,
        floor=FLOOR,
        ceiling=CEILING,
        rows=tuple(rows),
        doubts=(
            "Whoever surveys their own audience learns about that audience.",
            "Few surveys make wide intervals; of one there is none.",
        ),
    )


def _value(share: Share | None) -> float | None:
    return None if share is None else share.value


def _mean(said: Sequence[tuple[int, dict[str, float]]], name: str) -> Share | None:
    there = [(at, each[name]) for at, each in said if name in each]
    if not there:
        return None
    if len({at for at, _ in there}) < 2:
        return exactly(float(np.mean([value for _, value in there])))
    return mean_by(np.array([value for _, value in there]), np.array([at for at, _ in there], np.intp))

"""What people answered to a survey, as a file for programs (`panel.survey.lines`) and for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Literal, TypeAlias

from vivavoce.app.insight_files import cell
from vivavoce.panel.survey import lines
from vivavoce.panel.survey.checks import LEFT_OUT, flagged
from vivavoce.panel.survey.form import PersonAnswer
from vivavoce.panel.survey.lines import SurveyLine
from vivavoce.store.surveys import StoredSurvey

FileKind: TypeAlias = Literal["csv", "jsonl"]
FOUR = ("too_cheap", "bargain", "expensive", "too_expensive")


def as_jsonl(survey: StoredSurvey, answers: Sequence[PersonAnswer]) -> str:
    """One line with what was asked and predicted, then one for each answer: what `lines.read` takes."""
    about = SurveyLine(
        id=survey.id,
        name=survey.name,
        opened_at=survey.opened_at,
        form=survey.form,
        prediction=survey.prediction,
    )
    return b"".join(lines.write(about, answers)).decode()


def as_csv(survey: StoredSurvey, answers: Sequence[PersonAnswer]) -> str:
    """A table with a header, one row an answer; a cell that a spreadsheet would run has an apostrophe before it."""
    out = StringIO()
    rows = csv.writer(out, lineterminator="\n")
    flags = flagged(answers)
    ids = [variant.id for variant in survey.form.study.variants]
    claims = range(len(survey.form.study.claims))
    header = ["number", "answered_at", "took_s", "counted", "flags", "order", "choice"]
    header += [f"{what}_{id_}" for id_ in ids for what in ("appeal", "would")]
    header += ["why", *(f"claim_{at + 1}" for at in claims), "pays", *(f"price_{name}" for name in FOUR)]
    rows.writerow([cell(name) for name in header])
    for each in answers:
        opinion, said = each.opinion, flags[each.number]
        row: list[object] = [
            each.number,
            datetime.fromtimestamp(each.answered_at, UTC).isoformat(),
            each.took_s,
            not LEFT_OUT.intersection(said),
            said,
            opinion.order,
            opinion.choice,
        ]
        row += [value for id_ in ids for value in (opinion.appeal.get(id_), opinion.would.get(id_))]
        row.append(opinion.why)
        row += [opinion.claims[at] if at < len(opinion.claims) else None for at in claims]
        row += [opinion.pays, *(opinion.four or (None,) * len(FOUR))]
        rows.writerow([cell(value) for value in row])
    return out.getvalue()


WRITERS: dict[FileKind, Callable[[StoredSurvey, Sequence[PersonAnswer]], str]] = {"csv": as_csv, "jsonl": as_jsonl}

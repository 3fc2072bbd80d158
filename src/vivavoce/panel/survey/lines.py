"""Surveys as JSON lines, for programs: one line with what was asked and predicted, then one for each answer. Files of
several surveys may be put one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from vivavoce.errors import InputError
from vivavoce.panel.studying import checked
from vivavoce.panel.survey.checks import LEFT_OUT, flagged
from vivavoce.panel.survey.form import Form, PersonAnswer, fits
from vivavoce.panel.survey.prediction import Prediction


class SurveyLine(msgspec.Struct, frozen=True, kw_only=True, tag_field="line", tag="survey"):
    """What was asked, and what had been predicted by then. Moments are Unix seconds."""

    id: str
    name: str
    opened_at: float
    form: Form
    prediction: Prediction


class AnswerLine(PersonAnswer, frozen=True, kw_only=True, tag_field="line", tag="answer"):
    survey: str
    counted: bool
    """Whether the score counts it; `flags` say why not."""


def write(survey: SurveyLine, answers: Sequence[PersonAnswer]) -> Iterator[bytes]:
    """The lines of one survey, each with its newline."""
    flags = flagged(answers)
    yield msgspec.json.encode(survey) + b"\n"
    for each in answers:
        plain = msgspec.structs.asdict(each) | {"flags": flags[each.number]}
        line = AnswerLine(**plain, survey=survey.id, counted=not LEFT_OUT.intersection(flags[each.number]))
        yield msgspec.json.encode(line) + b"\n"


def read(lines: Iterable[bytes]) -> Iterator[tuple[SurveyLine, list[AnswerLine]]]:
    """Surveys with all their answers; `AnswerLine.counted` says which to count.

    Raises:
        InputError: a line that is none of these, an answer to another survey than the one above it or to what that did
            not ask, or a survey or an answer that stands there twice.
    """
    survey: SurveyLine | None = None
    answers: list[AnswerLine] = []
    seen: set[str] = set()
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = msgspec.json.decode(text, type=SurveyLine | AnswerLine)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            raise InputError(f"line {number}: want a survey or an answer as they are exported, got {error}") from None
        if isinstance(line, SurveyLine):
            if survey is not None:
                yield survey, answers
            _check(line, seen, number)
            survey, answers = line, []
        elif survey is None or line.survey != survey.id:
            raise InputError(f"line {number}: want an answer below its survey, got one of another")
        elif not fits(survey.form, line.opinion) or (answers and line.number <= answers[-1].number):
            raise InputError(f"line {number}: want an answer to what was asked, each once; got another")
        else:
            answers.append(line)
    if survey is not None:
        yield survey, answers


def _check(survey: SurveyLine, seen: set[str], number: int) -> None:
    """That it can be scored, and counts once: of two exports the newer has all that the older had."""
    if survey.id in seen:
        raise InputError(f"line {number}: want each survey once, got {survey.id[:64]!a} again; keep its newest export")
    seen.add(survey.id)
    try:
        study = checked(survey.form.study)
    except InputError as error:
        raise InputError(f"line {number}: {error}") from None
    ids = {each.id for each in study.variants}
    for each in survey.prediction.by:
        if any(said and said.keys() != ids for said in (each.shares, each.best, each.appeal)):
            raise InputError(f"line {number}: want predictions of {', '.join(sorted(ids))}, got others")
        if each.leader and each.leader not in ids:
            raise InputError(f"line {number}: want a prediction that names one of them, got {each.leader[:64]!a}")

"""Surveys as JSON lines, for programs: one line with what was asked and predicted, then one for each answer. Files of
several surveys may be put one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from vivavoce.errors import InputError
from vivavoce.panel.survey.checks import LEFT_OUT, flagged
from vivavoce.panel.survey.form import Form, PersonAnswer
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
        InputError: a line that is none of these, or an answer to another survey than the one above it.
    """
    survey: SurveyLine | None = None
    answers: list[AnswerLine] = []
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
            survey, answers = line, []
        elif survey is None or line.survey != survey.id:
            raise InputError(f"line {number}: want an answer below its survey, got one of another")
        else:
            answers.append(line)
    if survey is not None:
        yield survey, answers

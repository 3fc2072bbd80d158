"""What is exported is read again."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.panel.survey.asked import FORM, STUDY, answered, guess, opinion, prediction
from vivavoce.errors import InputError
from vivavoce.panel.survey import lines
from vivavoce.panel.survey.form import Form

ABOUT = lines.SurveyLine(id="s1", name="", opened_at=1.0, form=FORM, prediction=prediction(guess("approves", 0.7)))


def test_surveys_one_after_the_other() -> None:
    other = msgspec.structs.replace(ABOUT, id="s2")
    text = [
        *lines.write(ABOUT, answered(opinion(why="a\nb"), opinion("automatic", why="x"))),
        b"\n",
        *lines.write(other, []),
    ]
    (one, answers), (two, none) = lines.read(text)
    assert (one, two, none) == (ABOUT, other, [])
    assert [(each.survey, each.number, each.counted, each.opinion.choice) for each in answers] == [
        ("s1", 1, True, "approves"),
        ("s1", 2, True, "automatic"),
    ]
    assert all(each.count(b"\n") == 1 for each in text), "one document a line, whatever people wrote"


def test_what_the_score_leaves_out_is_marked() -> None:
    ((_, answers),) = lines.read(lines.write(ABOUT, answered(opinion(), flags=("honeypot",))))
    assert [(each.counted, each.flags) for each in answers] == [(False, ("honeypot",))]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ([b"{}"], "line 1: want a survey or an answer"),
        ([b"\xff"], "line 1: want a survey or an answer"),
        ([*lines.write(ABOUT, answered(opinion()))][1:], "line 1: want an answer below its survey"),
    ],
)
def test_what_is_no_export(text: list[bytes], says: str) -> None:
    with pytest.raises(InputError, match=says):
        list(lines.read(text))


def test_each_survey_and_each_answer_counts_once() -> None:
    one = [*lines.write(ABOUT, answered(opinion()))]
    with pytest.raises(InputError, match="line 3: want each survey once, got 's1' again; keep its newest export"):
        list(lines.read([*one, *one]))
    with pytest.raises(InputError, match="line 3: want an answer to what was asked, each once"):
        list(lines.read([*one, one[1]]))


@pytest.mark.parametrize(
    "more",
    [
        {"order": ("approves",)},
        {"order": ("approves", "approves")},
        {"appeal": {"approves": 5}},
        {"appeal": {"approves": 5, "automatic": 11}},
        {"would": {"approves": "would", "other": "would"}},
        {"choice": "other"},
        {"claims": ("agree", "agree")},
        {"pays": 11.0},
        {"four": (1.0, 2.0, 3.0, 4.0)},
    ],
)
def test_an_answer_to_something_else_is_refused_and_nothing_breaks(more: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="line 2: want an answer to what was asked"):
        list(lines.read(lines.write(ABOUT, answered(opinion(**more)))))
    assert list(lines.read(lines.write(ABOUT, answered(opinion(pays=20.0), opinion(claims=())))))


def test_a_survey_that_cannot_be_scored_is_refused() -> None:
    nothing = msgspec.structs.replace(ABOUT, form=Form(study=msgspec.structs.replace(STUDY, variants=()), seed=1))
    with pytest.raises(InputError, match="line 1: want 1 to 6 variants"):
        list(lines.read(lines.write(nothing, [])))
    for shares in ({"approves": 1.0}, {"approves": 0.5, "automatic": 0.4, "other": 0.1}):
        other = prediction(msgspec.structs.replace(guess("approves", 0.7), shares=shares))
        with pytest.raises(InputError, match="line 1: want predictions of approves, automatic"):
            list(lines.read(lines.write(msgspec.structs.replace(ABOUT, prediction=other), [])))
    named = prediction(msgspec.structs.replace(guess("approves", 0.7), leader="other"))
    with pytest.raises(InputError, match="names one of them, got 'other'"):
        list(lines.read(lines.write(msgspec.structs.replace(ABOUT, prediction=named), [])))

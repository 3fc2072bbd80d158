"""What is exported is read again."""

from __future__ import annotations

import msgspec
import pytest

from tests.panel.survey.asked import FORM, answered, guess, opinion, prediction
from vivavoce.errors import InputError
from vivavoce.panel.survey import lines

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

from __future__ import annotations

import pytest

from vivavoce.panel.insights import Kind
from vivavoce.panel.reading.feelings import feelings_of
from vivavoce.panel.reading.kinds import kind_of
from vivavoce.panel.reading.said import said


def kind(text: str) -> Kind | None:
    sentences = said(text)
    return kind_of(sentences, feelings_of(sentences))[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It crashes every time I export, and I lost my work.", "pain"),
        ("The support never answers and I am fed up with it.", "pain"),
        ("I spend four hours a week chasing clients, it is a nightmare.", "pain"),
        ("I wish it had a dark theme.", "need"),
        ("Please add an option to sort by date.", "need"),
        ("We are looking for an alternative to spreadsheets.", "need"),
        ("I love this, it saves me an hour a day!", "praise"),
        ("Easy to use and the staff is wonderful.", "praise"),
        ("How do I export my data?", "question"),
        ("Does anyone know a tool for this?", "question"),
        ("As a freelancer I want to see what is overdue so that I can remind people.", "goal"),
        ("We need roles, so that we can see who did what.", "goal"),  # said as a need, too: the two do not compete
        ("My goal is to get paid within two weeks.", "goal"),
        ("The invoice has three pages.", None),
        ("", None),
        ("The food was great but the waiter was rude.", "pain"),
        ("The food was good and the place was noisy.", None),
    ],
)
def test_kinds(text: str, expected: Kind | None) -> None:
    assert kind(text) == expected


def test_a_phrase_does_not_reach_over_a_full_stop() -> None:
    assert kind("That is where I was looking. For a year it rained.") is None


def test_a_question_in_a_long_text_is_one_vote_of_several() -> None:
    assert kind("It crashes, it is not working, and it lost my files. Why?") == "pain"

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.agents import vague


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("Many companies need it", "how many?"),
        ("Many companies, about forty of them", None),
        ("It is much faster", "than what?"),
        ("It is faster than the spreadsheet", None),
        ("We will launch soon", "when?"),
        ("We will launch soon, in March", None),
        ("Everyone has this", "who exactly?"),
        ("Experts say so", "who says?"),
        ("There are no competitors", "what do they use today?"),
        ("It is a huge market", "which figure, from where?"),
        ("We just need one percent", "how to reach them?"),
        ("The product is seamless", "measured how?"),
        ("Acme pays us 300 dollars", None),
        ("it depends", "what exactly?"),
        ("um, honestly, I don't know", "what exactly?"),
        ("", "what exactly?"),
    ],
)
def test_hints_name_the_missing_anchor(said: str, hint: str | None) -> None:
    assert vague.hint(said) == hint


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("yesterday the export broke and cost us a day", None),
        ("three weeks ago a customer called about it", None),
        ("in March 2024 we lost the account", None),
        ("the export breaks and then we all suffer", "when?"),
        ("it broke", "what happened?"),
        ("it depends", "what happened?"),
    ],
)
def test_a_story_needs_its_day(said: str, hint: str | None) -> None:
    assert vague.story_hint(said) == hint


@given(st.text(max_size=200))
def test_hints_are_short(text: str) -> None:
    for hint in (vague.hint(text), vague.story_hint(text)):
        assert hint is None or len(hint.split()) <= 6


def test_clauses() -> None:
    assert vague.clauses("It is slow, but cheap. We like it; mostly") == ["It is slow", "cheap", "We like it", "mostly"]

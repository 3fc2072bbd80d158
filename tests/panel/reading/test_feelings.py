from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.panel.reading.feelings import feelings_of
from vivavoce.panel.reading.said import said


def felt(text: str) -> float | None:
    return feelings_of(said(text)).sentiment()


def sure(text: str) -> float:
    found = felt(text)
    assert found is not None
    return found


@pytest.mark.parametrize("text", ["", "The invoice has three pages", "Das ist eine Rechnung", "42", "It would be nice"])
def test_nothing_to_go_by_is_none(text: str) -> None:
    assert felt(text) is None


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ("it is terrible", "it is bad"),
        ("it is bad", "it is good"),
        ("it is good", "it is excellent"),
        ("it is not good", "it is good"),
        ("it is bad", "it is not bad"),
        ("it is very bad", "it is bad"),
        ("it is somewhat good", "it is good"),
        ("it is good", "it is really good"),
        ("it is good", "it is good!"),
        ("it is bad!", "it is bad"),
        ("it is good but slow", "it is slow but good"),
        ("isn't helpful", "helpful"),
        ("isn’t helpful", "helpful"),
    ],
)
def test_what_changes_a_feeling(weaker: str, stronger: str) -> None:
    assert sure(weaker) < sure(stronger)


def test_no_is_not_heard_across_a_full_stop() -> None:
    assert sure("Did it fail? No. Good.") > sure("No good.")


def test_more_than_three_marks_are_three() -> None:
    assert felt("good!!!") == felt("good!!!!!!!!!!!!")


@given(st.text(max_size=300))
def test_it_stays_within_its_bounds(text: str) -> None:
    found = felt(text)
    assert found is None or -1.0 <= found <= 1.0

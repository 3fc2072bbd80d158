"""How far accounts of a choice agree: against figures worked out by hand."""

from __future__ import annotations

import math

import pytest

from vivavoce.panel.survey.agreement import brier, error, halves, log_score, rank


def test_an_error_is_the_mean_over_variants_with_the_peoples_interval() -> None:
    found = error({"a": 0.8, "b": 0.2}, {"a": 50, "b": 50})
    assert found is not None
    assert found.value == 0.3
    assert 0.18 < found.low < 0.23
    assert 0.37 < found.high < 0.42, "100 people are some 10 points off to either side"
    assert error({"a": 0.8, "b": 0.2}, {"a": 0, "b": 0}) is None


def test_more_people_narrow_it() -> None:
    few, many = (error({"a": 0.8, "b": 0.2}, {"a": n, "b": n}) for n in (20, 2_000))
    assert few is not None
    assert many is not None
    assert (many.high - many.low) < (few.high - few.low) / 5


def test_ranks() -> None:
    up = {"a": 1.0, "b": 2.0, "c": 3.0}
    assert rank(up, {"a": 10.0, "b": 20.0, "c": 21.0}) == 1.0
    assert rank(up, {"a": 3.0, "b": 2.0, "c": 1.0}) == -1.0
    assert rank(up, {"a": 1.0, "b": 1.0, "c": 2.0}) == pytest.approx(math.sqrt(3) / 2, abs=1e-4)
    assert rank({"a": 1.0, "b": 1.0, "c": 2.0, "d": 3.0}, {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}) == 0.9487
    assert rank(up, dict.fromkeys("abc", 5.0)) is None
    assert rank({"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.0}) is None, "of two it says no more than who won"


def test_scores_of_chances() -> None:
    sure = {"a": 1.0, "b": 0.0}
    assert brier({"a": 0.9, "b": 0.1}, sure) == pytest.approx(0.01)
    assert brier({"a": 0.5, "b": 0.5}, sure) == pytest.approx(0.25)
    assert brier({"a": 0.9, "b": 0.1}, {"a": 0.5, "b": 0.5}) == pytest.approx((0.01 + 0.81) / 2)
    assert log_score({"a": 0.5, "b": 0.5}, sure) == pytest.approx(0.6931)
    assert log_score({"a": 0.0, "b": 1.0}, sure) == pytest.approx(-math.log(0.001), abs=1e-4)


def test_halves_of_the_same_people() -> None:
    clear, level = halves([95, 5]), halves([50, 50])
    assert clear is not None
    assert level is not None
    assert (clear.people, clear.agree) == (50, 1.0)
    assert level.agree < 0.15, "of 50 and 50 one half's winner is the other's loser, but where halves are level"
    assert level.error > clear.error
    assert halves([95, 5]) == clear, "the same answers, the same figures"
    assert halves([1, 0]) is None
    assert halves([9]) is None
    three = halves([3, 0, 0])
    assert three is not None
    assert (three.people, three.agree, three.error) == (1, 1.0, 0.0)

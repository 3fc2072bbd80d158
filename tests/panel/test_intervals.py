from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.panel.intervals import mean_of, share_of, wilson


@pytest.mark.parametrize(
    ("right", "of", "expected"),
    [(0, 10, (0.0, 0.2775)), (5, 10, (0.2366, 0.7634)), (10, 10, (0.7225, 1.0)), (0, 0, (0.0, 1.0))],
)
def test_wilson_as_in_the_tables(right: int, of: int, expected: tuple[float, float]) -> None:
    assert wilson(right, of) == pytest.approx(expected, abs=1e-4)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_lies_in_its_interval(right: int, wrong: int) -> None:
    low, high = wilson(right, right + wrong)
    if right + wrong:
        assert 0.0 <= low <= right / (right + wrong) <= high <= 1.0


def test_the_ends_are_not_missed_by_rounding() -> None:
    assert {(wilson(0, of)[0], wilson(of, of)[1]) for of in range(1, 500)} == {(0.0, 1.0)}


def test_people_count_as_the_independent_ones_they_are_worth() -> None:
    many, few = share_of(0.5, 200), share_of(0.5, 6.5)
    assert many.value == few.value == 0.5
    assert few.low < many.low < 0.5 < many.high < few.high
    assert share_of(1.0, 3.0).high == 1.0
    assert share_of(0.5, 5e-324).low < 1e-9  # next to nobody


def test_a_mean_has_students_interval() -> None:
    marks = [4.0, 5.0, 6.0, 7.0, 8.0]
    found = mean_of(marks, 0.0, low=1.0, high=10.0)
    half = 2.7764 * math.sqrt(2.5 / 5)  # 4 degrees of freedom
    assert (found.value, found.low, found.high) == pytest.approx((6.0, 6 - half, 6 + half), abs=1e-3)
    assert mean_of(marks * 60, 0.0, low=1.0, high=10.0).high == pytest.approx(
        6 + 1.968 * math.sqrt(2.0067 / 300), abs=1e-3
    )


@pytest.mark.parametrize(("marks", "rho"), [((), 0.0), ((7.0,), 0.0), ((7.0, 7.0, 7.0), 1.0)])
def test_of_one_opinion_anything_is_possible(marks: tuple[float, ...], rho: float) -> None:
    found = mean_of(marks, rho, low=1.0, high=10.0)
    assert (found.low, found.high) == (1.0, 10.0)
    assert found.value == (7.0 if marks else 5.5)


@pytest.mark.parametrize("rho", [0.0, 0.2, 0.6])
def test_95_of_100_intervals_hold_the_mean_of_people_who_are_as_alike(rho: float) -> None:
    chance = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        marks = 50 + 10 * (math.sqrt(rho) * chance.normal() + math.sqrt(1 - rho) * chance.normal(size=12))
        found = mean_of(marks.tolist(), rho, low=-1_000.0, high=1_000.0)
        held += found.low <= 50 <= found.high
    assert 0.92 <= held / 400 <= 0.985

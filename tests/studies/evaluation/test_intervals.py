from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.studies.evaluation.intervals import bootstrap, wilson


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


def test_a_bootstrap_is_the_same_for_the_same_seed_and_about_as_wide_as_it_should_be() -> None:
    rows = np.random.default_rng(0).random(100)
    low, high = bootstrap([rows], lambda drawn: float(drawn[0].mean()), 1)
    assert bootstrap([rows], lambda drawn: float(drawn[0].mean()), 1) == (low, high)
    assert bootstrap([rows], lambda drawn: float(drawn[0].mean()), 2) != (low, high)
    assert (low, high) == pytest.approx((rows.mean() - 0.0566, rows.mean() + 0.0566), abs=0.01)  # 1.96 standard errors


def test_rows_are_drawn_within_their_group() -> None:
    groups = [np.zeros(5), np.ones(5)]
    assert bootstrap(groups, lambda drawn: float(drawn[1].mean() - drawn[0].mean()), 1) == (1.0, 1.0)

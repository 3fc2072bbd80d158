"""Intervals by drawing again: as wide as theory has them, and of whole groups."""

from __future__ import annotations

import numpy as np
import pytest

from vivavoce.errors import InputError
from vivavoce.panel.calibration.drawing import bootstrap, figure_by, mean_by, mean_by_ends


def test_a_bootstrap_is_the_same_for_the_same_seed_and_about_as_wide_as_it_should_be() -> None:
    rows = np.random.default_rng(0).random(100)
    low, high = bootstrap([rows], lambda drawn: float(drawn[0].mean()), 1)
    assert bootstrap([rows], lambda drawn: float(drawn[0].mean()), 1) == (low, high)
    assert bootstrap([rows], lambda drawn: float(drawn[0].mean()), 2) != (low, high)
    assert (low, high) == pytest.approx((rows.mean() - 0.0566, rows.mean() + 0.0566), abs=0.01)  # 1.96 standard errors


def test_rows_are_drawn_within_their_group() -> None:
    groups = [np.zeros(5), np.ones(5)]
    assert bootstrap(groups, lambda drawn: float(drawn[1].mean() - drawn[0].mean()), 1) == (1.0, 1.0)


def test_a_mean_over_groups_is_as_wide_as_that_of_as_many_groups() -> None:
    """100 groups of ten rows that all say the same are worth 100 rows."""
    said = np.random.default_rng(0).random(100)
    found = mean_by(np.repeat(said, 10), np.repeat(np.arange(100), 10))
    assert found.value == pytest.approx(said.mean(), abs=1e-4)
    assert found.high - found.low == pytest.approx(2 * 0.0566, abs=0.02)
    alone = mean_by(np.repeat(said, 10), np.arange(1_000))
    assert (alone.high - alone.low) < (found.high - found.low) / 2, "rows as strangers would be far too sure"


def test_any_figure_over_groups_is_that_of_the_mean() -> None:
    values, groups = np.random.default_rng(1).random(60), np.repeat(np.arange(20), 3)
    by_figure = figure_by(lambda rows: float(values[rows].mean()), groups, seed=3, draws=1_000)
    by_mean = mean_by(values, groups, seed=3)
    assert (by_figure.low, by_figure.high) == pytest.approx((by_mean.low, by_mean.high), abs=1e-4)


def test_pairs_are_as_sure_as_their_ends() -> None:
    """Of ten things there are 45 pairs, and they are not worth 45 strangers."""
    one, other = np.triu_indices(10, 1)
    pairs = np.stack([one, other], axis=1)
    worth = np.random.default_rng(2).random(10)
    values = (worth[one] + worth[other]) / 2
    found, alone = mean_by_ends(values, pairs, draws=1_000), mean_by(values, np.arange(45))
    assert found.value == alone.value
    assert (found.high - found.low) > 1.5 * (alone.high - alone.low)


def test_ends_that_hang_together_are_drawn_together() -> None:
    """Twenty things in ten pairs that are the same are worth ten."""
    one, other = np.triu_indices(20, 1)
    pairs = np.stack([one, other], axis=1)
    worth = np.repeat(np.random.default_rng(2).random(10), 2)
    values = (worth[one] + worth[other]) / 2
    alone, together = mean_by_ends(values, pairs), mean_by_ends(values, pairs, np.repeat(np.arange(10), 2))
    assert together.value == alone.value
    assert (together.high - together.low) > 1.2 * (alone.high - alone.low)


def test_of_nothing_there_is_no_mean() -> None:
    with pytest.raises(InputError, match="got none"):
        mean_by(np.zeros(0), np.zeros(0, np.intp))
    with pytest.raises(InputError, match="got none"):
        mean_by_ends(np.zeros(0), np.zeros((0, 2), np.intp))

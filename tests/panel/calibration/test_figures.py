"""Figures of predictions: against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.panel.calibration import pairs, splits
from vivavoce.panel.calibration.chances import brier, coverage, ece, log_loss, logistic, reliability
from vivavoce.panel.calibration.likeness import (
    correlation,
    divergence,
    kolmogorov,
    ranks,
    spearman,
    spread_ratio,
    wasserstein,
)
from vivavoce.panel.calibration.middles import middles
from vivavoce.panel.calibration.rates import folded, foretell, log_rates, scale
from vivavoce.panel.calibration.ridge import line, logit, within


def test_scores_of_chances() -> None:
    said, won = np.array([0.9, 0.2]), np.array([1.0, 1.0])
    assert brier(said, won) == pytest.approx((0.01 + 0.64) / 2)
    assert log_loss(said, won) == pytest.approx(-(math.log(0.9) + math.log(0.2)) / 2)
    assert brier(np.full(4, 0.5), np.array([1.0, 0, 1, 0])) == 0.25
    assert math.isfinite(log_loss(np.array([0.0]), np.array([1.0])))


def test_honest_chances_have_little_error_and_boasted_ones_much() -> None:
    chance = np.random.default_rng(0)
    said = chance.uniform(0.05, 0.95, 20_000)
    won = (chance.random(20_000) < said).astype(float)
    assert ece(said, won) < 0.01
    assert ece(np.where(said > 0.5, 0.95, 0.05), won) > 0.15
    bins = reliability(said, won, np.arange(20_000))
    assert sum(each.count for each in bins) == 20_000
    assert sum(each.came.low <= each.said <= each.came.high for each in bins) >= 8
    assert [each.said for each in bins] == sorted(each.said for each in bins)


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_which_of_two_is_called_the_first_does_not_matter(said: list[float]) -> None:
    chances = np.array([each for each in said if each != 0.5] or [0.6])
    won = (np.arange(len(chances)) % 2).astype(float)
    assert brier(chances, won) == pytest.approx(brier(1 - chances, 1 - won))
    assert ece(chances, won, 3) == pytest.approx(ece(1 - chances, 1 - won, 3), abs=1e-3)


def test_a_scale_is_found_again() -> None:
    chance = np.random.default_rng(1)
    apart = chance.normal(size=20_000)
    won = (chance.random(20_000) < logistic(3 * apart)).astype(float)
    assert scale(apart, won) == pytest.approx(3, abs=0.15)
    assert scale(np.zeros(3), np.ones(3)) == 0


def test_silence_wins_where_chances_mean_something() -> None:
    chance = np.random.default_rng(2)
    said = chance.uniform(0.5, 1, 2_000)
    right = (chance.random(2_000) < said).astype(float)
    found = coverage(said, right, right > -1, np.arange(2_000), (0.5, 0.9, 1.01))
    assert [each.sure for each in found] == [0.5, 0.9], "what nothing reaches is left out"
    assert found[0].answers == 1
    assert found[1].answers == pytest.approx(0.2, abs=0.03)
    assert found[1].right.value > found[0].right.value + 0.1


def test_ranks_and_what_they_say() -> None:
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [2.5, 0, 2.5, 1]
    assert spearman(np.array([1.0, 2, 3]), np.array([1.0, 8, 27])) == pytest.approx(1)
    assert spearman(np.array([1.0, 2, 3]), np.array([5.0, 5, 5])) == 0, "who puts all level says nothing"
    assert correlation(np.array([1.0]), np.array([2.0])) == 0


def test_distances_of_samples() -> None:
    one, other = np.array([0.0, 0, 1, 1]), np.array([1.0, 1, 2, 2])
    assert kolmogorov(one, other) == 0.5
    assert wasserstein(one, other) == pytest.approx(1)
    assert kolmogorov(one, one) == wasserstein(one, one) == 0
    assert divergence(np.array([1.0, 0]), np.array([0.0, 1])) == pytest.approx(1)
    assert divergence(np.array([1.0, 3]), np.array([2.0, 6])) == 0
    assert spread_ratio(one, 2 * one) == 0.5
    assert spread_ratio(one, np.ones(4)) == 0


def test_lines_and_logits_find_what_made_the_data() -> None:
    chance = np.random.default_rng(3)
    columns = chance.normal(size=(4_000, 2)) * np.array([1, 10])
    found = line(columns, columns @ np.array([2.0, -0.1]) + 5, np.ones(4_000), 1e-6)
    assert found(np.array([[1.0, 10.0]]))[0] == pytest.approx(6, abs=1e-3)
    won = (chance.random(4_000) < logistic(columns @ np.array([1.0, -0.2]))).astype(float)
    assert logit(columns, won, 1.0) == pytest.approx([1, -0.2], abs=0.12)
    assert logit(-columns, 1 - won, 1.0) == pytest.approx(logit(columns, won, 1.0)), "turned round it is the same"
    assert np.abs(logit(columns, won, 1e6)).max() < 0.1, "a ridge holds back"
    for fit in (lambda: line(columns, won, won + 1, 0), lambda: logit(columns, won, 0)):
        with pytest.raises(InputError, match="ridge above 0"):
            fit()


def test_within_groups_only_what_differs_there_is_left() -> None:
    groups = np.array([0, 0, 1, 1])
    found = within(np.array([[1.0, 7], [3, 7], [10, 9], [20, 9]]), np.ones(4), groups)
    assert found.tolist() == [[-1, 0], [1, 0], [-5, 0], [5, 0]]


def test_pairs_of_rates() -> None:
    found = pairs.pairs_within(np.array([0, 1, 0, 1, 0]))
    assert sorted(map(tuple, found.tolist())) == [(2, 0), (3, 1), (4, 0), (4, 2)]
    z = pairs.of_rates(np.array([100.0, 200.0]), np.array([1_000.0, 1_000.0]), np.array([[1, 0]]))
    assert z[0] == pytest.approx(0.1 / math.sqrt(0.15 * 0.85 * 2 / 1_000))
    assert pairs.clear(np.array([1.9, -2.0])).tolist() == [False, True]
    assert pairs.right(np.array([1.0, -1, 0]), np.array([5.0, 5, 5])).tolist() == [1, 0, 0.5]


def test_rates_are_foretold_for_groups_nobody_was_fitted_on() -> None:
    chance = np.random.default_rng(4)
    groups = np.repeat(np.arange(200), 3)
    columns = chance.normal(size=(600, 4))
    shown = np.full(600, 5_000.0)
    hits = chance.binomial(5_000, 0.02 * np.exp(0.3 * columns[:, 0])).astype(float)
    two = pairs.pairs_within(groups)
    won = (hits[two[:, 0]] > hits[two[:, 1]]).astype(float)
    dealt = splits.folds(groups, 5, 1)
    found = foretell(folded(columns, *log_rates(hits, shown), groups, dealt), two, won, dealt, (1.0, 100.0))
    assert ((found.chances > 0.5) == (won > 0.5)).mean() > 0.7
    assert ece(found.chances, won) < 0.06
    back = foretell(folded(columns, *log_rates(hits, shown), groups, dealt), two[:, ::-1], 1 - won, dealt, (1.0, 100.0))
    assert back.chances == pytest.approx(1 - found.chances), "turned round, chances are turned round"


def test_no_group_is_on_two_sides() -> None:
    groups = np.repeat(np.arange(50), 4)
    dealt = splits.folds(groups, 10, 3)
    assert all(len(set(dealt[groups == each].tolist())) == 1 for each in range(50))
    assert sorted(np.bincount(dealt, minlength=10).tolist()) == [20] * 10
    assert (splits.folds(groups, 10, 4) != dealt).any()


def test_what_says_the_same_is_found_and_kept_together() -> None:
    vectors = np.array([[1, 0], [0.99, 0.141], [0, 1], [0, 1]], np.float32)
    assert splits.near(vectors).tolist() == [[0, 1], [2, 3]]
    assert splits.alike(["An idea", "another", "an  IDEA", "an idea"]).tolist() == [[0, 2], [0, 3]]
    kin = splits.families(4, [(0, 1), (1, 3)])
    assert kin.tolist() == [0, 0, 1, 0]
    assert splits.families(3, [(0, 1), (2, 1)]).tolist() == [0, 0, 0], "who joins takes along whom it was with"
    assert splits.crossing(np.array([[0, 1], [2, 3]]), np.array([0, 0, 0, 1])) == 1
    assert splits.crossing(np.zeros((0, 2), np.intp), kin) == 0


def test_groups_of_meaning_are_told_apart() -> None:
    chance = np.random.default_rng(5)
    rows = np.repeat(np.eye(3, 8), 10, axis=0) + chance.normal(size=(30, 8)) * 0.05
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    nearest = (rows @ middles(rows, 3).T).argmax(axis=1)
    assert all(len(set(nearest[at : at + 10].tolist())) == 1 for at in (0, 10, 20))
    assert len(set(nearest.tolist())) == 3
    assert len(middles(rows[:2], 5)) == 2, "no more groups than rows"

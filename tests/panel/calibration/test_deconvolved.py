"""True differences behind noisy ones, where the true ones are known."""

from __future__ import annotations

import numpy as np
import pytest

from vivavoce.panel.calibration import deconvolved
from vivavoce.panel.calibration.drawing import Floats
from vivavoce.panel.calibration.pairs import clear

PAIRS = 40_000
CHANCE = np.random.default_rng(3)
SHAPES = {
    "normal": CHANCE.normal(0, 1.6, PAIRS),
    "with tails": CHANCE.laplace(0, 1.2, PAIRS),
    "mostly nothing": CHANCE.normal(0, 3, PAIRS) * (CHANCE.random(PAIRS) < 0.3) + CHANCE.normal(0, 0.05, PAIRS),
}
"""True differences, in standard errors."""


def counts(apart: Floats) -> Floats:
    return np.bincount(deconvolved.bins(apart), minlength=len(deconvolved.EDGES)).astype(float)


@pytest.mark.parametrize("noise", [1.0, 1.8])
@pytest.mark.parametrize("shape", SHAPES)
def test_how_often_the_truth_has_the_sign_that_came(shape: str, noise: float) -> None:
    true = SHAPES[shape]
    came = true + np.random.default_rng(4).normal(0, noise**0.5, PAIRS)
    same = (true > 0) == (came > 0)
    found = counts(came)
    known = deconvolved.known(deconvolved.fitted(found, noise))
    on_clear = found * deconvolved.CLEAR
    assert known @ found / found.sum() == pytest.approx(same.mean(), abs=0.015)
    assert known @ on_clear / on_clear.sum() == pytest.approx(same[clear(came)].mean(), abs=0.01)


def test_what_was_fitted_to_nearly_the_same_is_as_good_to_begin_with() -> None:
    chance = np.random.default_rng(8)
    came = SHAPES["with tails"] + chance.normal(size=PAIRS)
    drawn = counts(chance.choice(came, PAIRS))
    near = deconvolved.fitted(drawn, 1.1, deconvolved.fitted(counts(came), 1.0))
    anew = deconvolved.fitted(drawn, 1.1)
    assert deconvolved.halves(near) == pytest.approx(deconvolved.halves(anew), abs=0.003)
    assert deconvolved.brier(near) == pytest.approx(deconvolved.brier(anew), abs=0.001)


@pytest.mark.parametrize("shape", SHAPES)
def test_two_halves_agree_as_often_as_it_says(shape: str) -> None:
    chance = np.random.default_rng(5)
    true = SHAPES[shape]
    one, other = (true + chance.normal(0, 2**0.5, PAIRS) for _ in "12")
    # the mean of two halves has half of their variance
    truth = deconvolved.fitted(counts((one + other) / 2), 1.0)
    assert deconvolved.halves(truth) == pytest.approx(((one > 0) == (other > 0)).mean(), abs=0.01)


def test_the_least_brier_score_is_that_of_who_says_the_true_chance() -> None:
    true = SHAPES["normal"]
    came = true + np.random.default_rng(6).normal(size=PAIRS)
    honest = deconvolved._below(true)
    least = deconvolved.brier(deconvolved.fitted(counts(came), 1.0))
    assert least == pytest.approx(((honest - (came > 0)) ** 2).mean(), abs=0.005)


def test_where_nothing_is_true_nobody_knows_anything() -> None:
    truth = deconvolved.fitted(counts(np.random.default_rng(7).normal(size=PAIRS)), 1.0)
    assert deconvolved.halves(truth) == pytest.approx(0.5, abs=0.03)
    assert deconvolved.brier(truth) == pytest.approx(0.25, abs=0.01)


def test_an_edge_of_the_bins_is_where_a_difference_is_clear() -> None:
    apart = np.array([-30.0, -1.97, -1.95, 0.0, 1.95, 1.97, 5.0, 30.0])
    assert deconvolved.CLEAR[deconvolved.bins(apart)].tolist() == clear(apart).tolist()

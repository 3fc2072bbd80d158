"""Chances and how often they come true: honest ones have no error left, and who only just passes a bar is told so."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from vivavoce.panel.calibration.chances import LEAST_IN_BAND, coverage, ece, ece_by, logistic
from vivavoce.panel.calibration.drawing import Floats, Rows, figure_by

TRIES = 40


class Said(NamedTuple):
    """Chances that were said, what came, and the error that they truly have."""

    chances: Floats
    won: Floats
    groups: Rows
    error: float


def said(seed: int, boasting: float, size: int = 2_000) -> Said:
    """Chances whose logits are too large by so much, six of a group; a third of a group's luck is shared."""
    chance = np.random.default_rng(seed)
    groups = np.repeat(np.arange(size // 6 + 1), 6)[:size]
    logits = np.abs(chance.normal(0, 0.5, size))
    true = logistic(logits / boasting)
    luck = chance.normal(size=groups.max() + 1)[groups] * np.sqrt(1 / 3) + chance.normal(size=size) * np.sqrt(2 / 3)
    # of each row the rank of its luck, so that it is even over 0 to 1
    won = (luck.argsort().argsort() / size < true).astype(float)
    return Said(logistic(logits), won, groups, float(np.abs(logistic(logits) - true).mean()))


@pytest.mark.parametrize("boasting", [1.0, 1.2, 2.0])
def test_the_interval_holds_the_true_error(boasting: float) -> None:
    held = 0
    for seed in range(TRIES):
        made = said(seed, boasting)
        found = ece_by(made.chances, made.won, made.groups, seed=seed, draws=200)
        held += found.low <= made.error <= found.high
    assert held >= 0.95 * TRIES


def test_of_honest_chances_nothing_is_left_that_percentiles_would_report() -> None:
    made = [said(seed, 1.0) for seed in range(TRIES)]
    found = [ece_by(each.chances, each.won, each.groups, draws=200) for each in made]
    plain = [ece(each.chances, each.won) for each in made]
    assert np.mean([each.value for each in found]) < np.mean(plain) / 2
    one = made[0]
    drawn = figure_by(lambda rows: ece(one.chances[rows], one.won[rows]), one.groups, draws=50)
    assert drawn.low > 0.01, "the percentiles of honest chances lie above nothing"
    assert found[0].low == 0


def test_great_errors_are_hardly_touched() -> None:
    made = said(0, 4.0)
    found = ece_by(made.chances, made.won, made.groups)
    assert found.value == pytest.approx(ece(made.chances, made.won), rel=0.1)
    assert found.value == pytest.approx(made.error, abs=0.03)
    assert found.low < found.value < found.high


def test_which_of_two_is_called_the_first_does_not_matter_to_the_interval() -> None:
    made = said(1, 1.5)
    assert ece_by(made.chances, made.won, made.groups) == ece_by(1 - made.chances, 1 - made.won, made.groups)


def test_a_band_is_of_those_about_as_sure_and_not_of_all_who_are_surer() -> None:
    chances = np.repeat([0.6, 0.7, 0.8], 1_000)
    right = np.concatenate([np.arange(1_000) < 1_000 * each for each in (0.55, 0.7, 0.9)]).astype(float)
    found = coverage(chances, right, right > -1, np.arange(3_000), (0.6, 0.7, 0.8))
    assert [each.band.right.value for each in found] == [0.55, 0.7, 0.9]
    assert found[0].right.value == pytest.approx(0.7167, abs=1e-3), "all of them are right more often"
    assert [(each.band.least, each.band.below, each.band.count) for each in found] == [
        (0.6, 0.7, 1_000), (0.7, 0.8, 1_000), (0.8, 1.0, 1_000)
    ]  # fmt: skip
    assert all(each.band.right.low < each.band.right.value < each.band.right.high for each in found)


def test_a_thin_band_joins_the_one_below_and_the_lowest_the_one_above() -> None:
    few = LEAST_IN_BAND - 1

    def bands(*counts: int) -> list[tuple[float, float, int]]:
        chances = np.repeat([0.5, 0.6, 0.7, 0.8], counts)
        right = np.ones(len(chances))
        found = coverage(chances, right, right > 0, np.arange(len(chances)), (0.5, 0.6, 0.7, 0.8, 0.9))
        return [(each.band.least, each.band.below, each.band.count) for each in found]

    assert bands(200, 200, 200, few) == [(0.5, 0.6, 200), (0.6, 0.7, 200), *[(0.7, 1.0, 200 + few)] * 2]
    assert bands(200, few, 200, 200)[:2] == [(0.5, 0.7, 200 + few)] * 2
    assert bands(few, 200, 200, 200)[:3] == [*[(0.5, 0.7, 200 + few)] * 2, (0.7, 0.8, 200)]
    assert bands(1, 1, 1, 1) == [(0.5, 1.0, 4)] * 4, "all of them are one"

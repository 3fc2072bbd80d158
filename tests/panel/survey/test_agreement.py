"""How far accounts of a choice agree: against figures worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vivavoce.panel.intervals import wilson
from vivavoce.panel.survey.agreement import brier, error, log_score, others, rank


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


WORLDS = [(0.5, 0.5), (0.8, 0.2), (0.97, 0.03), (0.4, 0.3, 0.3), (0.5, 0.1, 0.1, 0.1, 0.1, 0.1)]


@pytest.mark.parametrize("people", [15, 120])
@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_the_interval_of_an_error_holds_the_true_one(world: tuple[float, ...], people: int) -> None:
    """Also of a prediction that is right, whose true error is 0: no survey shows one, for shares of people vary."""
    chance = np.random.default_rng(5)
    for wanted in (world, tuple(reversed(world)), (1 / len(world),) * len(world)):
        true = float(np.abs(np.subtract(wanted, world)).mean())
        expected = dict(zip("abcdef", wanted, strict=False))
        held = 0
        for row in chance.multinomial(people, world, size=200):
            found = error(expected, dict(zip(expected, row.tolist(), strict=True)))
            assert found is not None
            assert 0 <= found.low <= found.value <= found.high <= 1
            held += found.low - 1e-4 <= true <= found.high + 1e-4
        assert held / 200 > 0.88, (wanted, held)  # Wilson's holds 9 of 10 where fifteen people are nearly of one mind


def test_the_error_of_one_share_is_as_sure_as_the_share() -> None:
    found = error({"a": 0.19, "b": 0.81}, {"a": 26, "b": 10})
    assert found is not None
    low, high = wilson(26, 36)
    assert (found.value, found.low, found.high) == pytest.approx((26 / 36 - 0.19, low - 0.19, high - 0.19), abs=1e-4)
    alone = error({"a": 1.0}, {"a": 7})
    assert alone is not None
    assert (alone.value, alone.low, alone.high) == (0.0, 0.0, 0.0)


def test_other_people_are_what_a_prediction_stands_in_for() -> None:
    clear, level = others([95, 5]), others([50, 50])
    assert clear is not None
    assert level is not None
    assert (clear.people, clear.agree) == (100, 1.0)
    assert level.agree == pytest.approx(0.5, abs=0.02), "as chance would have it, and never below"
    assert level.error > clear.error
    assert others([95, 5]) == clear, "the same answers, the same figures"
    assert (others([0, 0]), others([9])) == (None, None)
    one = others([1, 0, 0])
    assert one is not None
    assert 1 / 3 < one.agree < 0.6, "one person settles little"


@pytest.mark.parametrize(("people", "variants"), [(10, 2), (40, 2), (40, 3), (200, 2)])
def test_as_many_other_people_do_as_well_as_was_said_of_them(people: int, variants: int) -> None:
    """Worlds as a tally expects them, two samples of each: what is said of the first comes true in the second."""
    chance = np.random.default_rng(11)
    said, agreed, off, were = [], [], [], []
    for world in chance.dirichlet([3.0] * variants, size=600):
        these, those = chance.multinomial(people, world, size=2)
        found = others(these.tolist())
        assert found is not None
        said.append(found.agree)
        off.append(found.error)
        tops = [np.flatnonzero(each == each.max()) for each in (these, those)]
        agreed.append(len(np.intersect1d(tops[0], tops[1])) / len(tops[0]) / len(tops[1]))
        were.append(np.abs(these - those).mean() / people)
    assert np.mean(said) == pytest.approx(np.mean(agreed), abs=0.045)
    assert np.mean(off) == pytest.approx(np.mean(were), abs=0.01)

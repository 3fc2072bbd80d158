from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.panel.outcome import Westendorp
from vivavoce.panel.pricing.westendorp import DRAWN, westendorp

prices = st.one_of(st.none(), st.floats(-1, 1e6), st.sampled_from([float("nan"), float("inf"), 10.0]))


def test_curves_are_shares_of_people() -> None:
    found = westendorp([(1, 2, 3, 4), (2, 3, 4, 6)])
    curves = (found.too_cheap, found.cheap, found.expensive, found.too_expensive)
    assert [price for price, _ in found.cheap] == [1, 2, 3, 4, 6]
    assert [[share for _, share in curve] for curve in curves] == [
        [1.0, 0.5, 0.0, 0.0, 0.0],
        [1.0, 1.0, 0.5, 0.0, 0.0],
        [0.0, 0.0, 0.5, 1.0, 1.0],
        [0.0, 0.0, 0.0, 0.5, 1.0],
    ]


def test_crossings_worked_out_by_hand() -> None:
    found = westendorp([(1, 2, 3, 4), (2, 3, 4, 6)])
    assert found.indifference == 3  # where half find it cheap, and half expensive
    assert found.optimal == 3  # nobody finds 3 too anything
    # too cheap .5 -> 0, not cheap 0 -> .5 between 2 and 3; not expensive .5 -> 0, too expensive 0 -> .5 from 3 to 4
    assert found.marginal_cheapness == 2.5
    assert found.marginal_expensiveness == 3.5


def test_a_crossing_between_two_prices() -> None:
    found = westendorp([(10, 20, 30, 40), (14, 24, 34, 50), (25, 35, 45, 60)])
    # too cheap is 1/3 at 25 and 0 from 30 on; too expensive 0 at 35 and 1/3 at 40: they run together from 30 to 35
    assert found.optimal == 32.5


@pytest.mark.parametrize(
    "row",
    [(4, 3, 2, 1), (1, 2, 4, 3), (5, 5, 5, 5), (1, 2, 3), (1, 2, None, 4), (-1, 2, 3, 4), (1, 2, 3, float("inf"))],
)
def test_who_contradicts_themselves_is_left_out_and_counted(row: tuple[float | None, ...]) -> None:
    found = westendorp([(1, 2, 3, 4), row])
    assert found.left_out == 1
    assert found.too_cheap == westendorp([(1, 2, 3, 4)]).too_cheap


def test_people_round() -> None:
    assert westendorp([(0, 10, 10, 20)]).left_out == 0


def test_nobody_is_left() -> None:
    found = westendorp([(4, 3, 2, 1)])
    assert found == Westendorp(
        too_cheap=(),
        cheap=(),
        expensive=(),
        too_expensive=(),
        marginal_cheapness=None,
        marginal_expensiveness=None,
        indifference=None,
        optimal=None,
        left_out=1,
    )


def test_curves_of_many_people_stay_small_and_their_crossings_exact() -> None:
    chance = random.Random(5)
    rows = [sorted(chance.lognormvariate(3, 0.5) for _ in range(4)) for _ in range(400)]
    found = westendorp(rows)
    assert len(found.cheap) == DRAWN
    assert (found.cheap[0][1], found.too_expensive[-1][1]) == (1.0, 1.0)
    order = (found.marginal_cheapness, found.optimal, found.marginal_expensiveness)
    assert None not in order
    assert list(order) == sorted(each for each in order if each is not None)


@given(st.lists(st.lists(prices, max_size=5), max_size=12))
def test_any_answers(rows: list[list[float | None]]) -> None:
    found = westendorp(rows)
    kept = len(rows) - found.left_out
    assert 0 <= kept <= len(rows)
    for falling in (found.too_cheap, found.cheap):
        assert list(falling) == sorted(falling, key=lambda point: (point[0], -point[1]))
    for rising in (found.expensive, found.too_expensive):
        assert list(rising) == sorted(rising)
    low, high = marginal = (found.marginal_cheapness, found.marginal_expensiveness)
    assert None in marginal or low is None or high is None or low <= high

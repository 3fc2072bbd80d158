from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.panel.pricing.gabor import best_price, consistent, doubts, gabor_granger, priced_points

YES, NO = True, False


def test_shares_and_revenue_of_people() -> None:
    rows = [(YES, YES, NO), (YES, NO, NO), (YES, YES, YES), (NO, NO, NO)]
    points = gabor_granger((5, 10, 20), rows)
    assert [point.would.value for point in points] == [0.75, 0.5, 0.25]
    assert [point.revenue for point in points] == [3.75, 5.0, 5.0]
    assert points[0].would.low == pytest.approx(0.3006, abs=1e-4)
    assert points[0].would.high == pytest.approx(0.9544, abs=1e-4)


def test_who_would_rather_pay_more_is_left_out() -> None:
    assert not consistent((NO, YES, NO))
    assert gabor_granger((5, 10, 20), [(YES, NO, NO), (NO, YES, YES)]) == gabor_granger((5, 10, 20), [(YES, NO, NO)])


def test_nobody_answered() -> None:
    points = gabor_granger((5, 10, 20), [])
    assert [(point.would.low, point.would.high) for point in points] == [(0.0, 1.0)] * 3
    assert best_price(points, 0) is None


@pytest.mark.parametrize(
    ("points", "wanted"),
    [
        ((5, 10), "3 to 20 prices to test, got 2"),
        (tuple(range(1, 22)), "got 21"),
        ((5, 10, 10), "rise, got 10 after 10"),
        ((5, 20, 10), "rise, got 10 after 20"),
        ((0, 5, 10), "price to test from 0.0001 to 1000000000, got 0"),
        ((-5, 5, 10), "price to test from 0.0001 to 1000000000, got -5"),
        ((5, 10, float("inf")), "got inf"),
        ((5, float("nan"), 10), "got nan"),
    ],
)
def test_what_is_no_price_test(points: tuple[float, ...], wanted: str) -> None:
    with pytest.raises(InputError, match=wanted):
        gabor_granger(points, [])


def test_an_answer_to_each_price() -> None:
    with pytest.raises(InputError, match="want 3 answers of each person, one a price; got 2"):
        gabor_granger((5, 10, 20), [(YES, NO)])


def test_a_best_price_is_told_apart_or_not_said() -> None:
    shares = (0.9, 0.8, 0.2)
    assert best_price(priced_points((5, 10, 20), shares, 100), 100) == 10
    assert best_price(priced_points((5, 10, 20), shares, 4), 4) is None
    assert best_price(priced_points((5, 10, 20), (0.8, 0.4, 0.2), 1_000), 1_000) is None  # they bring in the same


def test_where_prices_bring_in_the_same_one_is_seldom_called_best() -> None:
    """People whose highest price is so spread that each point brings in the same; 300 surveys of 100 of them."""
    chance = random.Random(3)
    points = (5.0, 10.0, 20.0)
    called = 0
    for _ in range(300):
        highest = [5 / max(chance.random(), 0.25) for _ in range(100)]  # P(highest >= x) = 5 / x up to 20
        found = gabor_granger(points, [[high >= price for price in points] for high in highest])
        called += best_price(found, 100) is not None
    assert called <= 15


@given(st.lists(st.floats(0, 1), min_size=3, max_size=6), st.floats(0, 500))
def test_a_best_price_brings_in_most(shares: list[float], people: float) -> None:
    falling = sorted(shares, reverse=True)
    points = priced_points([float(at + 1) for at in range(len(falling))], falling, people)
    best = best_price(points, people)
    assert best is None or best == max(points, key=lambda point: point.revenue).price


def test_doubts() -> None:
    def of(*shares: float, best: float | None = 1.0) -> tuple[str, ...]:
        return doubts(priced_points((10, 20, 40), shares, 50), best)

    assert of(0.9, 0.7, 0.2) == ()
    assert of(0.9, 0.3, 0.1) == ("beyond",)
    assert of(0.9, 0.8, 0.7) == ("beyond",)
    assert of(0.5, 0.48, 0.45) == ("beyond", "flat")
    assert of(0.9, 0.7, 0.2, best=None) == ("few",)
    assert of(0.9, 0.3, 0.1, best=None) == ("few",), "no best price is at an end"

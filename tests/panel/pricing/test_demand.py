from __future__ import annotations

import math

import pytest

from vivavoce.panel.pricing.demand import STEPS, demand, elasticity, share_at
from vivavoce.panel.reasoner import Reservation

TEN, TWENTY = Reservation(math.log(10), 0.5), Reservation(math.log(20), 0.5)


def test_demand_falls_with_the_price_and_covers_more_than_was_tested() -> None:
    curve = demand(5, 40, [TEN, TWENTY])
    assert len(curve) == STEPS + 1
    assert (curve[0][0], curve[-1][0]) == (2.5, 80)
    assert [share for _, share in curve] == sorted((share for _, share in curve), reverse=True)
    assert curve[0][1] > 0.98
    assert curve[-1][1] < 0.01


def test_a_share_is_the_mean_over_members() -> None:
    assert share_at(10, [TEN]) == 0.5
    assert share_at(10, [TEN, None]) == 0.75  # None does not mind what it costs


@pytest.mark.parametrize("price", [5.0, 10.0, 14.0, 30.0])
def test_elasticity_is_the_slope_of_the_curve(price: float) -> None:
    members = [TEN, TWENTY, None]
    step = 1e-4
    up, down = share_at(price * math.exp(step), members), share_at(price * math.exp(-step), members)
    assert elasticity(price, members) == pytest.approx((math.log(up) - math.log(down)) / (2 * step), abs=1e-3)


def test_no_elasticity_without_demand_and_none_of_who_does_not_mind() -> None:
    assert elasticity(1e6, [TEN]) is None
    assert str(elasticity(10, [None])) == "0.0"

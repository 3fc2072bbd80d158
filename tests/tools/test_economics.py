"""The formulas against the worked example, and against each other for any numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.tools.economics import LARGEST, Inputs, market_size, unit_economics

MONEY = st.floats(0, LARGEST) | st.sampled_from([0.0, 5e-324, 1e-9, 1.0, LARGEST])
PERCENT = st.floats(0, 100) | st.sampled_from([0.0, 5e-324, 1e-9, 50.0, 100.0])
ANY = st.builds(Inputs, price=MONEY, margin=PERCENT, churn=PERCENT, cac=MONEY)
SENSIBLE = st.builds(
    Inputs, price=st.floats(1, 1e5), margin=st.floats(5, 95), churn=st.floats(0.1, 50), cac=st.floats(1, 1e6)
)


def test_the_worked_example() -> None:
    result = unit_economics(Inputs(79, 80, 3, 900))
    assert result.payback_simple == pytest.approx(14.24, abs=0.01)
    assert result.payback == pytest.approx(18.3, abs=0.05)
    assert result.ratio == pytest.approx(2.34, abs=0.01)
    assert result.ltv_capped == pytest.approx(63.2 * (1 - 0.97**36) / 0.03)


@given(ANY)
def test_any_figures_give_an_answer_without_nan(inputs: Inputs) -> None:
    result = unit_economics(inputs)
    for value in (getattr(result, name) for name in result.__slots__):
        assert value >= 0
    assert result.ltv_capped <= result.ltv
    assert result.payback >= result.payback_simple


@given(SENSIBLE)
def test_break_evens_break_even(inputs: Inputs) -> None:
    result = unit_economics(inputs)
    at = {"price": inputs.price, "margin": inputs.margin, "churn": inputs.churn, "cac": inputs.cac}
    assert unit_economics(Inputs(**{**at, "cac": result.max_cac})).ratio == pytest.approx(3)
    assert unit_economics(Inputs(**{**at, "price": result.min_price})).ratio == pytest.approx(3)
    ratio = unit_economics(Inputs(**{**at, "churn": result.max_churn})).ratio
    assert ratio == pytest.approx(3) or (result.max_churn == 100 and ratio >= 3)


@given(SENSIBLE)
def test_payback_is_when_the_cohort_has_paid(inputs: Inputs) -> None:
    result = unit_economics(inputs)
    if math.isinf(result.payback):
        assert result.ratio <= 1 + 1e-9
    elif result.payback > 1:
        churn = inputs.churn / 100
        paid = result.profit * (1 - (1 - churn) ** result.payback) / churn
        assert paid == pytest.approx(inputs.cac, rel=1e-6)


def test_no_churn_has_no_end() -> None:
    result = unit_economics(Inputs(79, 80, 0, 900))
    assert math.isinf(result.ltv)
    assert result.payback == result.payback_simple
    assert result.ltv_capped == pytest.approx(63.2 * 36)


def test_a_cost_above_all_a_customer_brings_never_comes_back() -> None:
    assert math.isinf(unit_economics(Inputs(10, 50, 10, 51)).payback)
    assert math.isinf(unit_economics(Inputs(0, 50, 10, 1)).payback)
    assert unit_economics(Inputs(0, 0, 0, 0)).payback == 0


@pytest.mark.parametrize(
    "figures", [(-1, 80, 3, 900), (79, 101, 3, 900), (79, 80, -0.1, 900), (79, 80, 3, math.inf), (math.nan,) * 4]
)
def test_figures_that_cannot_be_are_refused(figures: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError):
        Inputs(*figures)


@given(MONEY, MONEY, PERCENT, PERCENT, MONEY, PERCENT)
def test_a_part_of_the_market_is_never_above_the_whole(
    buyers: float, acv: float, reachable: float, win: float, leads: float, conversion: float
) -> None:
    market = market_size(buyers, acv, reachable=reachable, win_rate=win, leads=leads, conversion=conversion)
    assert market.sam is not None
    assert market.som is not None
    assert market.som <= market.sam * (1 + 1e-9)
    assert market.sam <= market.tam * (1 + 1e-9)


def test_market_from_the_bottom_up() -> None:
    market = market_size(40_000, 948, reachable=25, win_rate=5, leads=30, conversion=10)
    assert (market.tam, market.sam) == (37_920_000, 9_480_000)
    assert market.som == pytest.approx(30 * 0.1 * 36 * 948)
    assert market_size(10, 5).som is None


def test_within_the_first_month_nobody_has_left_yet() -> None:
    assert unit_economics(Inputs(10, 100, 100, 5)).payback == 0.5

"""Unit economics and market size: the formulas, and nothing else.

All money is in one currency, all rates are per month, percents are 40.0 for 40 %. What cannot be reached is infinity,
never an exception: a churn of zero has no end of life, a cost above what a customer ever brings is never paid back.

Source: m = price x margin; LTV = m / c; payback with churn n = ln(1 - CAC c / m) / ln(1 - c); bars LTV:CAC >= 3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import inf

from vivavoce.errors import InputError

TARGET_RATIO = 3.0
"""LTV:CAC that is commonly asked of a subscription business; below 1 every sale loses money."""
CAP_MONTHS = 36
"""Lifetime is counted at most this long in the capped LTV: nobody has seen a young firm's customers stay longer."""
LARGEST = 1e15
"""Figures above this are refused; nobody's price or market is there, and the arithmetic stays far from overflow."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a business says of one customer. Checked: construction raises InputError for figures that cannot be."""

    price: float
    """Monthly revenue per customer, 0 or more."""
    margin: float
    """Gross margin in percent, 0..100."""
    churn: float
    """Customers lost per month in percent, 0..100."""
    cac: float
    """Cost of winning one customer, 0 or more."""

    def __post_init__(self) -> None:
        for name, value, top in (
            ("price", self.price, LARGEST),
            ("margin", self.margin, 100.0),
            ("churn", self.churn, 100.0),
            ("cac", self.cac, LARGEST),
        ):
            if not (math.isfinite(value) and 0 <= value <= top):
                raise InputError(f"{name}: want a number from 0 to {top:g}, got {value:g}")


@dataclass(frozen=True, slots=True)
class UnitEconomics:
    """What follows from the inputs. Months and money; `inf` means never, or without end."""

    profit: float
    """Gross profit per customer and month, m."""
    ltv: float
    ltv_capped: float
    """The same over at most CAP_MONTHS."""
    ratio: float
    """LTV:CAC."""
    payback_simple: float
    """Months until m has paid the CAC back, if nobody left."""
    payback: float
    """The same with customers leaving."""
    max_cac: float
    """Largest CAC at which LTV:CAC is TARGET_RATIO."""
    min_price: float
    """Smallest price that gives it; `inf` when no price does (no margin)."""
    max_churn: float
    """Largest churn that gives it, percent, at most 100."""


def _divided(top: float, bottom: float) -> float:
    """top / bottom for numbers >= 0; over nothing it is infinite, since what costs nothing is never too dear."""
    return top / bottom if bottom > 0 else inf


def payback_months(cac: float, profit: float, churn_share: float) -> float:
    """Months until the customers of one cohort have paid for themselves while some of them leave.

    Args:
        churn_share: 0..1 per month.
    Returns:
        at least the simple payback, `inf` when they never do. Within the first month nobody has left yet, so up to
        one month both are the same.
    """
    if cac <= 0:
        return 0.0
    simple = _divided(cac, profit)
    if simple <= 1 or churn_share <= 0 or math.isinf(simple):
        return simple
    if churn_share >= 1 or simple * churn_share >= 1:
        return inf
    # log1p keeps the digits when a churn of 0.0001 % makes both logarithms tiny
    return max(simple, math.log1p(-simple * churn_share) / math.log1p(-churn_share))


def unit_economics(inputs: Inputs) -> UnitEconomics:
    churn = inputs.churn / 100
    margin = inputs.margin / 100
    profit = inputs.price * margin
    if profit <= 0:
        ltv = capped = 0.0
    elif churn <= 0:
        ltv, capped = inf, profit * CAP_MONTHS
    else:
        ltv = _divided(profit, churn)
        capped = min(ltv, profit * -math.expm1(CAP_MONTHS * math.log1p(-churn)) / churn) if churn < 1 else profit
    needed = TARGET_RATIO * inputs.cac
    return UnitEconomics(
        profit=profit,
        ltv=ltv,
        ltv_capped=capped,
        ratio=_divided(ltv, inputs.cac),
        payback_simple=_divided(inputs.cac, profit) if inputs.cac > 0 else 0.0,
        payback=payback_months(inputs.cac, profit, churn),
        max_cac=ltv / TARGET_RATIO,
        min_price=_divided(needed * churn, margin) if needed * churn > 0 else 0.0,
        max_churn=min(100.0, 100 * _divided(profit, needed)),
    )


@dataclass(frozen=True, slots=True)
class Market:
    """Yearly revenue at three depths; None where a figure is missing."""

    tam: float
    sam: float | None
    som: float | None


def market_size(
    buyers: float,
    acv: float,
    *,
    reachable: float | None = None,
    win_rate: float | None = None,
    leads: float | None = None,
    conversion: float | None = None,
    years: float = 3,
) -> Market:
    """Bottom-up market: TAM = buyers x ACV; SAM the reachable share; SOM what can be won by `years`.

    Args:
        acv: revenue per buyer and year.
        reachable, win_rate, conversion: percent.
        leads: new leads per month; with conversion they bound the SOM, whichever is smaller.
    """
    for name, value in (("buyers", buyers), ("acv", acv), ("leads", leads), ("years", years)):
        if value is not None and not (math.isfinite(value) and 0 <= value <= LARGEST):
            raise InputError(f"{name}: want a number from 0 to {LARGEST:g}, got {value:g}")
    for name, share in (("reachable", reachable), ("win_rate", win_rate), ("conversion", conversion)):
        if share is not None and not (math.isfinite(share) and 0 <= share <= 100):
            raise InputError(f"{name}: want a percentage from 0 to 100, got {share:g}")
    reached = None if reachable is None else buyers * reachable / 100
    limits = []
    if reached is not None and win_rate is not None:
        limits.append(reached * win_rate / 100)
    if leads is not None and conversion is not None:
        limits.append(leads * conversion / 100 * 12 * years)
        limits.append(buyers if reached is None else reached)
    return Market(
        tam=buyers * acv,
        sam=None if reached is None else reached * acv,
        som=min(limits) * acv if limits else None,
    )

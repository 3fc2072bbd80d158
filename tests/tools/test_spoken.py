"""Numbers as one would say them."""

from __future__ import annotations

import math

import pytest

from vivavoce.tools import spoken


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (2.344, "2.3"),
        (14.24, "14"),
        (2106.67, "2,100"),
        (37_920_000, "38 million"),
        (999_999, "1 million"),
        (1.26e9, "1.3 billion"),
        (-4200, "-4,200"),
    ],
)
def test_two_digits_that_matter(value: float, said: str) -> None:
    assert spoken.number(value) == said


def test_money_and_months() -> None:
    assert spoken.money(2106.67, "usd") == "2,100 dollars"
    assert spoken.money(80, "XTS") == "80"
    assert [spoken.months(n) for n in (0.4, 1, 2.44, 18.3, math.inf)] == [
        "less than a month",
        "one month",
        "2.4 months",
        "18 months",
        "never",
    ]

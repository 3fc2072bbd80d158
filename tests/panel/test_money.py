from __future__ import annotations

import pytest

from vivavoce.panel.money import code, mixed, sums


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Only $9 a month.", {"$"}),
        ("US$ 9 or 9 EUR", {"USD", "EUR"}),
        ("9€ statt 12 €", {"EUR"}),
        ("£5, or five pounds of flour, 5 pounds", {"GBP"}),
        ("5 europeans and 3 usdollars", set()),
        ("¥900 ahead, 900円 behind", {"¥", "JPY"}),
        ("EUR50 and chf 3", {"EUR", "CHF"}),
        ("Raised $3m", {"$"}),
        ("from 20k EUR", {"EUR"}),
        ("the euro rose", set()),
        ("Try 14 days free, then 9 EUR.", {"EUR"}),
        ("TRY 14 or TRY14", {"TRY"}),
        ("3,000 yen", {"JPY"}),
        ("99 kr now, 12 Australian dollars then", {"kr", "AUD"}),
        ("", set()),
    ],
)
def test_sums_in_a_text(text: str, found: set[str]) -> None:
    assert sums(text) == found


@pytest.mark.parametrize(
    ("codes", "two"),
    [
        (["$", "EUR"], True),
        (["$", "USD"], False),
        (["$", "USD", "CAD"], True),
        (["$"], False),
        (["", "EUR", "EUR"], False),
        (["$", "¥"], True),
        (["¥", "JPY"], False),
        (["gil", "EUR"], True),
        (["kr", "SEK"], False),
        ([], False),
    ],
)
def test_more_than_one_currency(codes: list[str], two: bool) -> None:
    assert mixed(codes) is two


def test_what_somebody_calls_a_currency() -> None:
    assert [code(name) for name in (" euro ", "Eur", "€", "US$", "$", "EUR a month", "€/seat", "gil", " ")] == [
        "EUR", "EUR", "EUR", "USD", "$", "EUR", "EUR", "gil", "",
    ]  # fmt: skip

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.agents.dates import iso_date
from vivavoce.agents.numberwords import WORDS


@pytest.mark.parametrize(
    ("said", "iso"),
    [
        ("2026-03-05", "2026-03-05"),
        ("by 2026-03", "2026-03"),
        ("march fifth 2026", "2026-03-05"),
        ("March 5, 2026", "2026-03-05"),
        ("5 March 2026", "2026-03-05"),
        ("the 5th of March 2026", "2026-03-05"),
        ("the twenty first of june twenty twenty six", "2026-06-21"),
        ("December thirty first, two thousand and twenty five", "2025-12-31"),
        ("may first nineteen ninety nine", "1999-05-01"),
        ("by the end of March 2026", "2026-03"),
        ("20.5.2026", "2026-05-20"),
        ("25/12/2026", "2026-12-25"),
        ("12/25/2026", "2026-12-25"),
        ("05/05/2026", "2026-05-05"),
    ],
)
def test_dates(said: str, iso: str) -> None:
    assert iso_date(said) == iso


@pytest.mark.parametrize(
    "said",
    [
        "",
        "soon",
        "tomorrow",
        "march fifth",
        "03/05/2026",
        "2026-13-01",
        "2026-02-30",
        "it may work in 2026",
        "31.2.2026",
        "March or April 2026",
        "20261-03-05",
    ],
)
def test_no_date_is_guessed(said: str) -> None:
    assert iso_date(said) is None


MONTHS = {number: word for word, number in reversed(WORDS.months.items())}


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_day_reads_back(day: date) -> None:
    assert iso_date(f"{MONTHS[day.month]} {day.day}, {day.year}") == day.isoformat()
    assert iso_date(day.isoformat()) == day.isoformat()


@given(st.text(max_size=100))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = iso_date(text)
    if found is not None:
        date.fromisoformat(f"{found}-01" if len(found) == 7 else found)

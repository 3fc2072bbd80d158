from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.agents import units


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45s", 45), ("20min", 1200), ("20m", 1200), ("1.5h", 5400), ("30d", 2_592_000), ("1w", 604_800)],
)
def test_durations(text: str, seconds: float) -> None:
    assert units.duration_s(text) == seconds


def test_the_others() -> None:
    assert units.size_bytes("25MB") == 25_000_000
    assert units.rate("3/day") == units.Rate(3, "day")
    assert units.spend("40 USD/day") == units.Spend(40, "USD", "day")
    assert units.pace("1 per 20s") == units.Pace(1, 20)
    assert units.decay("0.9 per turn") == 0.9


@pytest.mark.parametrize(
    "text",
    [
        "",
        "45",
        "s",
        "45 seconds",
        "-1s",
        "3/fortnight",
        "40 usd/day",
        "25 megabytes",
        "1 per x",
        "1 per 0s",
        "2 per turn",
    ],
)
def test_nothing_else(text: str) -> None:
    for parse in (units.duration_s, units.size_bytes, units.rate, units.spend, units.pace, units.decay):
        assert parse(text) is None


@given(st.text(max_size=30))
def test_any_text(text: str) -> None:
    for parse in (units.duration_s, units.size_bytes, units.rate, units.spend, units.pace, units.decay):
        parse(text)

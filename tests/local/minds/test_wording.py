from __future__ import annotations

import pytest

from vivavoce.agents import parse_type
from vivavoce.local.minds.wording import part_of, question, said


@pytest.mark.parametrize(
    ("role", "spoken"),
    [
        ("Opens the talk; owns the problem", "I open the talk."),
        ("Watches the budget", "I watch the budget."),
        ("Money and verdict; never flatters", "I look after money and verdict."),
        ("IT and security", "I look after IT and security."),
        ("skeptical cfo", "I am the skeptical CFO."),
        ("", ""),
    ],
)
def test_roles(role: str, spoken: str) -> None:
    assert part_of(role, "cfo") == spoken


@pytest.mark.parametrize(
    ("name", "kind", "asked"),
    [
        ("severity", "0..10!", "From zero to ten, how bad is it?"),
        ("severity", "text", "What can you tell me about the severity?"),
        ("per_month", "number", "How often does it happen in a month?"),
        ("noise_level", "1..5", "From one to five, where do you put the noise level?"),
        ("colour", "red|green|dark_blue", "As to the colour: red, green or dark blue?"),
        ("partners", "list<company>", "Which companies belong to the partners?"),
        ("refund", "money", "What is the refund, as an amount of money?"),
    ],
)
def test_questions(name: str, kind: str, asked: str) -> None:
    assert question(name, parse_type(kind)) == asked


@pytest.mark.parametrize(
    ("value", "kind", "spoken"),
    [
        (8, "0..10", "8 out of 10"),
        (50, "1..100000", "50"),
        (40_000, "number", "40,000"),
        ({"amount": 49.5, "currency": "EUR"}, "money", "49.5 euros"),
        (4.0, "percent", "4 percent"),
        ("dana@acme.com", "email", "dana at acme dot com"),
        ("a long story", "story", ""),
    ],
)
def test_read_back(value: object, kind: str, spoken: str) -> None:
    assert said(value, parse_type(kind)) == spoken

from __future__ import annotations

from typing import Any

import pytest

from vivavoce.agents import Field, parse_type
from vivavoce.local.minds.understanding import gather


def field(name: str, kind: str) -> Field:
    return Field(id=name, objective="o", type=parse_type(kind), required=False)


FIELDS = {
    name: field(name, kind)
    for name, kind in {
        "customer": "text",
        "last_event": "story",
        "severity": "0..10",
        "per_month": "number",
        "price": "money",
        "cac": "money",
        "churn": "percent",
        "margin": "percent",
        "rivals": "list<company>",
        "commitments": "list<opinion|time|intro|deposit|payment>",
        "timeline": "now|quarter|later",
        "email": "email",
    }.items()
}


@pytest.mark.parametrize(
    ("target", "text", "values"),
    [
        ("severity", "about nine out of ten", {"severity": 9}),
        ("severity", "eight, it happens four times a month", {"severity": 8, "per_month": 4}),
        ("severity", "it took three weeks", {}),
        ("severity", "our churn is four percent", {"churn": 4.0}),
        ("price", "ninety dollars a month", {"price": {"amount": 90.0, "currency": "USD"}}),
        ("price", "ninety", {"price": {"amount": 90.0, "currency": "USD"}}),
        ("price", "churn is four percent and the margin is seventy percent", {"churn": 4.0, "margin": 70.0}),
        ("churn", "about five percent", {"churn": 5.0}),
        ("churn", "five percent, and the margin would be seventy percent", {"churn": 5.0, "margin": 70.0}),
        ("churn", "between four and five percent", {"churn": 4.5}),
        ("rivals", "mostly Beta and a tool called Gamma", {"rivals": ["Beta", "tool called Gamma"]}),
        ("commitments", "three customers already paid a deposit", {"commitments": ["deposit"]}),
        ("commitments", "two of them paid", {"commitments": ["payment"]}),
        ("commitments", "nobody paid a deposit", {}),
        ("timeline", "right away", {"timeline": "now"}),
        ("timeline", "not now", {}),
        ("customer", "well, small firms", {"customer": "small firms"}),
        ("customer", "yes", {}),
        ("email", "sure, write to dana at acme dot com please", {"email": "dana@acme.com"}),
        (None, "by the way you can write to dana dot li at acme dot com", {"email": "dana.li@acme.com"}),
        (None, "by the way the margin is seventy percent", {"margin": 70.0}),
    ],
)
def test_what_an_answer_holds(target: str | None, text: str, values: dict[str, Any]) -> None:
    found = gather(text, FIELDS[target] if target else None, FIELDS.values())
    assert found == values


def test_a_flood_of_figures_is_looked_at_in_part() -> None:
    types = {"churn": "percent", "margin": "percent", "price": "money", "buyers": "number", "severity": "0..10"}
    fields = [Field(id=name, objective="o", type=parse_type(text), required=False) for name, text in types.items()]
    assert gather("churn 5 percent " * 4000, fields[0], fields[1:])["churn"] == 5

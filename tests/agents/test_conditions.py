from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.agents.conditions import ConditionError, parse_condition
from vivavoce.agents.states import FactState, FactView

VIEW = {
    "email": FactView(FactState.CONFIRMED, "dana@acme.com"),
    "team_size": FactView(FactState.ANSWERED, 50),
    "timeline": FactView(FactState.ANSWERED, "now"),
    "price": FactView(FactState.ANSWERED, {"amount": 300.0, "currency": "USD"}),
    "rivals": FactView(FactState.ANSWERED, ["Acme", "Beta"]),
    "severity": FactView(FactState.ANSWERED, 0),
    "phone": FactView(FactState.REFUSED),
    "budget": FactView(FactState.VAGUE, 10),
    "by_when": FactView(FactState.ANSWERED, "2026-03-05"),
    "value.done": FactView(FactState.ANSWERED, True),
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("email", True),
        ("phone", False),
        ("budget", False),
        ("nobody", False),
        ("not nobody", True),
        ("severity", True),
        ("value.done", True),
        ("need.done", False),
        ("asked or value.done", True),
        ("team_size >= 50", True),
        ("team_size > 50", False),
        ("team_size<51 and team_size>=49.5", True),
        ("team_size != 50", False),
        ("timeline == now", True),
        ("timeline == NOW", True),
        ('timeline == "now"', True),
        ("timeline != later", True),
        ("price >= 300", True),
        ("rivals == beta", True),
        ("rivals == gamma", False),
        ("rivals != gamma", True),
        ("rivals > 1", False),
        ("budget >= 1", False),
        ("budget != 1", False),
        ("phone != 1", False),
        ("team_size == now", False),
        ("team_size != now", True),
        ("by_when <= '2026-12-31'", True),
        ("phone.refused", True),
        ("phone.state == refused", True),
        ("phone.state != refused", False),
        ("budget.vague", True),
        ("email.vague", False),
        ("email and phone or timeline == now", True),
        ("email and (phone or timeline == later)", False),
        ("not (email and phone)", True),
        ("not not email", True),
    ],
)
def test_what_holds(text: str, holds: bool) -> None:
    assert parse_condition(text).evaluate(VIEW) is holds


def test_names_are_told_once_in_order() -> None:
    condition = parse_condition("email and use_case and (team_size >= 5 or email)")
    assert condition.names == ("email", "use_case", "team_size")


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("   ", 3),
        ("and", 0),
        ("a and", 5),
        ("a b", 2),
        ("(a", 2),
        ("a)", 1),
        ("a ==", 4),
        ("1 == a", 0),
        ("a < b < c", 6),
        ("a = b", 2),
        ("a $ b", 2),
        ("a == 'b", 5),
        ("a.b.", 3),
        ("((" * 20 + "a" + "))" * 20, 30),
        ("a" * 600, 500),
    ],
)
def test_errors_say_where(text: str, offset: int) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(text)
    assert caught.value.offset == offset


states = st.sampled_from(FactState)
views = st.dictionaries(
    st.sampled_from(["a", "b", "a.done", "c"]),
    st.builds(
        FactView, states, st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())
    ),
)
parts = st.sampled_from(
    [
        "a",
        "b",
        "a.done",
        "b.refused",
        "a.state",
        "c",
        "and",
        "or",
        "not",
        "(",
        ")",
        "==",
        "!=",
        "<",
        ">=",
        "3",
        "x",
        "'y'",
    ]
)


@given(st.lists(parts, max_size=12).map(" ".join) | st.text(max_size=40), views)
def test_any_text_is_a_condition_or_refused(text: str, view: dict[str, FactView]) -> None:
    try:
        condition = parse_condition(text)
    except ConditionError:
        return
    assert condition.evaluate(view) in (True, False)
    assert condition.evaluate({}) is parse_condition(text).evaluate({})

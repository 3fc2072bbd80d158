"""Arguments against a declared schema; a refusal names the place and never the value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.tools.schema import MONEY, PERCENT, check


@pytest.mark.parametrize(
    ("value", "schema", "came"),
    [
        ("1,200", {"type": "NUMBER"}, 1200.0),
        ("40 %", PERCENT, 40.0),
        (3.0, {"type": "INTEGER"}, 3),
        ({"amount": "79"}, MONEY, {"amount": 79.0}),
        (79, MONEY, 79),
        ((1, 2), {"type": "ARRAY", "items": {"type": "NUMBER"}}, [1, 2]),
        (None, {"type": "STRING", "nullable": True}, None),
        ({"a": None}, {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}, {}),
    ],
)
def test_what_fits_is_taken(value: Any, schema: dict[str, Any], came: Any) -> None:
    assert check(value, schema) == came


@pytest.mark.parametrize(
    ("value", "schema", "message"),
    [
        (101, PERCENT, "from 0 to 100"),
        (True, {"type": "NUMBER"}, "want a number, got true or false"),
        (1.5, {"type": "INTEGER"}, "want a whole number"),
        ("secret", {"type": "STRING", "enum": ["a", "b"]}, "want one of a, b"),
        ({"prise": 3}, {"type": "OBJECT", "properties": {"price": {}}}, "did you mean price"),
        ({}, {"type": "OBJECT", "properties": {"a": {}}, "required": ["a"]}, "want a, got nothing"),
        ([["x"]], {"type": "ARRAY", "items": {"type": "NUMBER"}}, r"\[0\]: want a number, got a list"),
    ],
)
def test_what_does_not_fit_is_refused(value: Any, schema: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        check(value, schema)
    assert "secret" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["amount", "currency", "x"]), inner),
)


@given(JSON)
def test_any_value_fits_or_is_refused(value: Any) -> None:
    try:
        check(value, MONEY)
    except InputError:
        return
    assert isinstance(value, int | float | str | dict)

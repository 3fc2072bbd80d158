from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.agents.emit import block, flow, quoted, scalar
from vivavoce.agents.nodes import compose, plain
from vivavoce.errors import InputError

scalars = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["no", "~", "1", "a #b", "a: b", "- x", "1e3", "+1", "?"]
)
data = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(texts, data, min_size=1, max_size=4), st.integers(1, 4))
def test_what_is_written_reads_back(value: dict[str, Any], deep: int) -> None:
    text = block(value, deep=deep)
    assert plain(compose(text)) == value
    assert plain(compose(flow(value))) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain words", "plain words"),
        ("no", '"no"'),
        ("0..10!", '"0..10!"'),
        ("text!", "text!"),
        (3.0, "3.0"),
        (None, "null"),
        ("", '""'),
    ],
)
def test_scalars(value: object, text: str) -> None:
    assert scalar(value) == text


def test_what_has_no_form() -> None:
    deep: list[Any] = []
    for _ in range(40):
        deep = [deep]
    for value in (float("nan"), object(), 10**30, b"x", deep):
        with pytest.raises(InputError):
            flow(value)


def test_one_line_whatever_is_in_it() -> None:
    assert quoted("a\nb\u2028\x85\ufeff") == '"a\\nb\\u2028\\u0085\\ufeff"'

"""The conformance list is honest: what is said to be held has a test, and what is not says what is missing."""

from __future__ import annotations

import pytest
from tools.conformance import registry, shown

ITEMS = registry().items()


def test_every_item_of_the_list_is_there() -> None:
    numbers = {side: sorted(int(name[1:]) for name in ITEMS if name[0] == side) for side in "CS"}
    assert numbers["C"] == [
        *range(1, 10), *range(10, 29), *range(30, 36), *range(40, 47), *range(50, 60), 60
    ]  # fmt: skip
    assert numbers["S"] == [
        *range(1, 8),
        *range(10, 17),
        *range(20, 27),
        *range(30, 38),
        *range(40, 44),
        *range(50, 57),
    ]


def test_tests_show_items_of_the_list() -> None:
    assert {name: tests for name, tests in shown().items() if name not in ITEMS} == {}


@pytest.mark.parametrize("name", ITEMS)
def test_an_item_is_held_by_a_test_or_says_what_is_missing(name: str) -> None:
    item = ITEMS[name]
    if item.state == "held":
        assert shown().get(name), "no test carries this id"
    else:
        assert item.note, f"{item.state}: say what is missing"

from __future__ import annotations

from collections import Counter

import pytest

from tests.panel.panels import study as offers
from vivavoce.errors import InputError
from vivavoce.studies.asks import BLOCK, NULL_MEMBERS, blocks, same_twice, within_budget

THREE = offers("One thing.", "Another thing.", "A third thing.")


def test_every_ballot_has_a_number_of_its_own_and_the_same_one_again() -> None:
    found = blocks(THREE, 25, ("reasoner", "openai:m"), 7)
    asks = [ask for block in found for ask in block]
    assert [ask.number for ask in asks] == list(range(len(asks)))
    assert found == blocks(THREE, 25, ("reasoner", "openai:m"), 7)
    assert found != blocks(THREE, 25, ("reasoner", "openai:m"), 8)
    counts = Counter((ask.respondent, ask.part) for ask in asks)
    assert counts == {
        ("reasoner", "null"): NULL_MEMBERS, ("reasoner", "main"): 25 * 6,
        ("openai:m", "null"): NULL_MEMBERS, ("openai:m", "main"): 25 * 2,
    }  # fmt: skip


def test_what_costs_is_asked_in_blocks_of_whole_members() -> None:
    found = blocks(THREE, 25, ("reasoner", "openai:m"), 7)
    assert len(found) == 1 + 3
    members = [{ask.member for ask in block if ask.part == "main"} for block in found[1:]]
    assert members == [set(range(BLOCK)), set(range(BLOCK, 2 * BLOCK)), set(range(2 * BLOCK, 25))]


def test_orders_are_as_the_study_says() -> None:
    once = offers("One thing.", "Another thing.", repeats="once")
    main = [ask.order for block in blocks(once, 10, ("reasoner",), 7) for ask in block if ask.part == "main"]
    assert Counter(main) == {("a", "b"): 5, ("b", "a"): 5}


def test_equals_are_shown_in_either_order_as_often() -> None:
    null = [ask for block in blocks(THREE, 30, ("openai:m",), 7) for ask in block if ask.part == "null"]
    assert Counter(ask.order for ask in null) == {("one", "other"): 10, ("other", "one"): 10}
    one, other = same_twice(THREE).variants
    assert (one.text, one.price) == (other.text, other.price) == ("One thing.", None)


def test_one_variant_has_no_equal_to_be_told_from() -> None:
    (block,) = blocks(offers("One thing."), 3, ("reasoner",), 7)
    assert [(ask.part, ask.order) for ask in block] == [("main", ("a",))] * 3


def test_only_what_costs_is_in_the_budget() -> None:
    found = blocks(offers(most_asks=20), 10, ("openai:m",), 7)
    with pytest.raises(InputError, match=r"\(most_asks\), got 30"):
        within_budget(offers(most_asks=20), found)
    assert within_budget(offers(most_asks=30), found) == 30
    assert within_budget(offers(most_asks=1), blocks(offers(), 10, ("reasoner",), 7)) == 30

from __future__ import annotations

from collections import Counter
from itertools import chain, pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.panel.designs import orders
from vivavoce.panel.study import Repeats

COUNTS = st.integers(2, 6)
SEEDS = st.integers(0, 2**32)
REPEATS = st.sampled_from(get_args(Repeats))


def names(count: int) -> list[str]:
    return [f"v{at}" for at in range(count)]


def size(count: int) -> int:
    return count * (1 + count % 2)


def places(rows: list[tuple[str, ...]]) -> Counter[tuple[int, str]]:
    return Counter(chain.from_iterable(enumerate(row) for row in rows))


@given(COUNTS, SEEDS, st.integers(0, 300))
def test_a_whole_square_is_balanced_by_place_and_by_neighbour(count: int, seed: int, member: int) -> None:
    rows = orders(names(count), "full", member, seed)
    assert len(rows) == len(set(rows)) == size(count)
    assert len(set(places(rows).values())) == 1
    assert len(places(rows)) == count**2
    after = Counter(chain.from_iterable(map(pairwise, rows)))
    assert len(after) == count * (count - 1)
    assert len(set(after.values())) == 1


@given(COUNTS, SEEDS, st.integers(0, 100))
def test_mirrored_is_an_order_and_its_reverse(count: int, seed: int, member: int) -> None:
    first, second = orders(names(count), "mirrored", member, seed)
    assert second == first[::-1]
    assert [first, second] == orders(names(count), "full", member, seed)[:2]
    assert [first] == orders(names(count), "once", member, seed)


@given(COUNTS, SEEDS, REPEATS, st.integers(0, 50))
def test_members_in_a_row_balance_each_other(count: int, seed: int, repeats: Repeats, start: int) -> None:
    asked = [orders(names(count), repeats, start + member, seed) for member in range(size(count))]
    for nth in zip(*asked, strict=True):  # what each of them is asked first, second and so on
        assert len(set(places(list(nth)).values())) == 1
        assert len(places(list(nth))) == count**2


@given(COUNTS, SEEDS, st.integers(0, 50))
def test_mirrored_orders_balance_by_half_as_many_members(count: int, seed: int, start: int) -> None:
    asked = [orders(names(count), "mirrored", start + member, seed) for member in range(size(count) // 2)]
    assert len(set(places(list(chain.from_iterable(asked))).values())) == 1


def test_two_are_shown_both_ways_and_one_is_shown() -> None:
    assert sorted(orders(["a", "b"], "full", 0, 1)) == [("a", "b"), ("b", "a")]
    assert orders(["a", "b"], "once", 0, 1) != orders(["a", "b"], "once", 1, 1)
    assert [orders(["a"], repeats, 3, 1) for repeats in get_args(Repeats)] == [[("a",)]] * 3


def test_a_seed_says_which_variant_is_which() -> None:
    found = {tuple(orders(names(4), "full", 0, seed)) for seed in range(60)}
    assert len(found) > 10
    firsts = Counter(orders(names(4), "once", 0, seed)[0][0] for seed in range(200))
    assert min(firsts[name] for name in names(4)) > 20, "no variant is always the first one's"


@pytest.mark.parametrize(("variants", "member"), [((), 0), (("a", "a"), 0), (("a", "b"), -1)])
def test_what_cannot_be_ordered_is_refused(variants: tuple[str, ...], member: int) -> None:
    with pytest.raises(InputError):
        orders(variants, "full", member, 1)

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.panel.seats import FACE, Seats

SHARES = st.lists(st.floats(0.01, 1_000), min_size=1, max_size=40)


@given(SHARES, st.integers(0, 99))
def test_the_first_are_all_different(shares: list[float], seed: int) -> None:
    seats, chance = Seats(shares), random.Random(seed)
    first = [seats.give(chance) for _ in range(min(FACE, len(shares)))]
    assert len(set(first)) == len(first)


def test_later_seats_follow_the_shares() -> None:
    shares = [60, 20, 10, 5, 3, 1, 1]
    seats, chance = Seats(shares), random.Random(3)
    given_ = Counter(seats.give(chance) for _ in range(200))
    assert all(abs(given_[party] - 2 * share) <= 1 for party, share in enumerate(shares)), given_


def test_what_is_liked_comes_sooner() -> None:
    first = Counter(Seats([1, 1]).give(random.Random(seed), [1.0, 9.0]) for seed in range(200))
    assert first[1] > 160

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.panel import posterior
from vivavoce.panel.posterior import best, incomplete_beta

VOTES = st.lists(st.floats(0, 2_000), min_size=2, max_size=6)


@given(st.integers(1, 60), st.integers(1, 60), st.floats(0.01, 0.99))
def test_the_incomplete_beta_is_a_sum_of_coins(a: int, b: int, x: float) -> None:
    coins = a + b - 1
    exact = math.fsum(math.comb(coins, heads) * x**heads * (1 - x) ** (coins - heads) for heads in range(a, coins + 1))
    assert incomplete_beta(a, b, x) == pytest.approx(exact, abs=1e-12)


@given(st.floats(0.1, 20_000), st.floats(0.1, 20_000), st.floats(0.001, 0.999))
def test_the_incomplete_beta_is_a_chance_and_has_a_mirror(a: float, b: float, x: float) -> None:
    assert 0 <= incomplete_beta(a, b, x) <= 1
    assert incomplete_beta(a, b, x) + incomplete_beta(b, a, 1 - x) == pytest.approx(1, abs=1e-9)


def test_known_values() -> None:
    assert incomplete_beta(2, 2, 0.0) == 0
    assert incomplete_beta(2, 2, 1.0) == 1
    assert incomplete_beta(0.5, 0.5, 0.25) == pytest.approx(1 / 3)
    assert best([5, 0])[0] == pytest.approx(1 - 56 / 1024), "Beta(8, 3) below a half: 8 heads or more of 10 coins"
    assert best([6, 0])[0] == pytest.approx(1 - 67 / 2048)
    assert best([]) == []
    assert best([7]) == [0.0], "there is nothing to be best of"


@given(st.floats(0, 3_000), st.floats(0, 3_000))
def test_the_grid_is_the_exact_value_where_there_is_one(one: float, other: float) -> None:
    exact = best([one, other])
    grid = posterior._of_many([posterior.PRIOR + one, posterior.PRIOR + other])
    assert grid == pytest.approx(exact, abs=2e-5)


@pytest.mark.parametrize("votes", [(1, 0, 0), (10, 7, 1), (100, 96, 0, 0), (38, 28, 33, 18, 0.5, 0)])
def test_the_grid_is_what_drawing_says(votes: tuple[float, ...]) -> None:
    drawn = np.random.default_rng(1).dirichlet([posterior.PRIOR + vote for vote in votes], 100_000).argmax(axis=1)
    shares = np.bincount(drawn, minlength=len(votes)) / 100_000
    assert best(votes) == pytest.approx(shares.tolist(), abs=0.006)


@given(VOTES)
def test_chances_are_chances_whoever_stands_first(votes: list[float]) -> None:
    found = best(votes)
    assert math.fsum(found) == pytest.approx(1)
    assert all(0 <= chance <= 1 for chance in found)
    assert best(votes[::-1]) == pytest.approx(found[::-1], abs=1e-9)
    for one, chance in zip(votes, found, strict=True):
        for other, than in zip(votes, found, strict=True):
            assert one < other or chance >= than - 1e-9, "who has more votes is not less likely"


@given(st.integers(2, 6))
def test_without_votes_nobody_is_likelier(count: int) -> None:
    assert best([0] * count) == pytest.approx([1 / count] * count)


@pytest.mark.parametrize("vote", [-1, math.nan, math.inf])
def test_what_is_no_vote_is_refused(vote: float) -> None:
    with pytest.raises(InputError):
        best([vote, 1])

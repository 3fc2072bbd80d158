"""Groups are what joining the nearest two again and again gives, whatever the texts, and in one order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.panel import clusters as module
from vivavoce.panel.clusters import clusters
from vivavoce.panel.vectors import Vectors, unit


def drawn(seed: int, count: int, size: int = 4) -> Vectors:
    return unit(np.random.default_rng(seed).normal(size=(count, size)))


def around(middles: int, each: int, *, spread: float = 0.1, seed: int = 1) -> Vectors:
    """Texts about so many things, one thing after the other."""
    chance = np.random.default_rng(seed)
    directions = np.eye(max(middles, 2) * 2)[:middles]
    return unit(
        np.repeat(directions, each, axis=0) + chance.normal(scale=spread, size=(middles * each, len(directions[0])))
    )


def by_definition(vectors: Vectors, cut: float) -> list[list[int]]:
    """Join the nearest two of all until none are near enough. As slow as it reads."""
    near = vectors.astype(np.float64) @ vectors.astype(np.float64).T
    groups = [[at] for at in range(len(vectors))]
    while len(groups) > 1:
        pairs = [(near[np.ix_(groups[a], groups[b])].mean(), a, b) for a in range(len(groups)) for b in range(a)]
        nearest, a, b = max(pairs)
        if nearest < cut:
            break
        groups[b] = sorted(groups[b] + groups.pop(a))
    return sorted(groups, key=lambda group: (-len(group), group[0]))


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 25), st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]))
def test_the_chain_ends_where_the_definition_ends(seed: int, count: int, cut: float) -> None:
    vectors = drawn(seed, count)
    assert clusters(vectors, cut) == by_definition(vectors, cut)


def test_things_are_told_apart_and_what_is_near_to_nothing_is_alone() -> None:
    vectors = np.vstack([around(3, 5)[5:], -around(1, 5, seed=3)[:1, :].repeat(6, axis=1)[:, :6]])
    groups = clusters(unit(vectors), 0.5)
    assert groups == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10]]


def test_the_order_of_texts_changes_no_group() -> None:
    vectors = drawn(7, 60, 3)
    order = np.random.default_rng(8).permutation(60)
    back = [sorted(order[group].tolist()) for group in clusters(vectors[order], 0.6)]
    assert sorted(back) == sorted(clusters(vectors, 0.6))


def test_the_same_text_again_and_again_is_one_group() -> None:
    assert clusters(unit(np.ones((50, 3))), 1.0 - 1e-5) == [list(range(50))]


@given(st.lists(st.lists(st.integers(-1, 1), min_size=3, max_size=3), min_size=1, max_size=40))
def test_equals_are_no_circle(rows: list[list[int]]) -> None:
    """Of vectors on a coarse grid many pairs are equally near."""
    vectors = unit(np.array(rows, np.float32))
    groups = clusters(vectors, 0.5)
    assert sorted(at for group in groups for at in group) == list(range(len(rows)))
    assert clusters(vectors, 0.5) == groups


def test_texts_with_nothing_in_them_are_near_to_nothing() -> None:
    assert clusters(np.zeros((3, 4), np.float32), 0.01) == [[0], [1], [2]]


def test_no_texts_are_no_groups() -> None:
    assert clusters(np.zeros((0, 4), np.float32), 0.5) == []


def test_more_than_can_be_looked_at_at_once_join_what_they_are_nearest_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_AT_ONCE", 20)
    monkeypatch.setattr(module, "AT_A_TIME", 7)
    groups = clusters(around(4, 30), 0.5)
    assert groups == [list(range(first, first + 30)) for first in (0, 30, 60, 90)]


def test_what_no_sampled_text_is_near_to_is_grouped_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_AT_ONCE", 4)
    vectors = around(9, 5)
    assert clusters(vectors, 0.5) == [list(range(first, first + 5)) for first in range(0, 45, 5)]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 60))
def test_every_text_is_in_one_group_also_where_only_some_are_looked_at(seed: int, count: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "MOST_AT_ONCE", 10)
        groups = clusters(drawn(seed, count), 0.6)
    assert sorted(at for group in groups for at in group) == list(range(count))
    assert all(group == sorted(group) for group in groups)
    assert [len(group) for group in groups] == sorted((len(group) for group in groups), reverse=True)


@pytest.mark.parametrize("cut", [0.0, -0.5, 1.1, float("nan")])
def test_a_cut_that_is_none_is_refused(cut: float) -> None:
    with pytest.raises(InputError, match="want a cut above 0 and at most 1"):
        clusters(drawn(1, 3), cut)


@pytest.mark.parametrize("vectors", [np.ones(3, np.float32), np.full((2, 2), np.nan, np.float32)])
def test_vectors_that_are_none_are_refused(vectors: Vectors) -> None:
    with pytest.raises(InputError, match="want one row of finite numbers a text"):
        clusters(vectors, 0.5)

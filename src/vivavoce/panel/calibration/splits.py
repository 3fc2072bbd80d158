"""Who is fitted on and who is tested: never the same group on both sides, nor two that say nearly the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from vivavoce.panel.calibration.drawing import Rows
from vivavoce.panel.vectors import Vectors

SAME = 0.9
"""Cosine above which two texts count as one (`reference` §6): who learned from one has seen the other."""
AT_A_TIME = 1_000


def folds(groups: Rows, count: int, seed: int) -> Rows:
    """A fold for each row, drawn by group.

    Args:
        groups: whole numbers from 0 on.
    """
    dealt = np.random.default_rng(seed).permutation(int(groups.max(initial=-1)) + 1) % count
    found: Rows = dealt[groups]
    return found


def numbered(keys: Sequence[object]) -> Rows:
    """Keys as whole numbers, in the order they come."""
    known: dict[object, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], np.intp)


def near(vectors: Vectors, cut: float = SAME) -> Rows:
    """Pairs of rows, the smaller place first, whose cosine is above a cut; shape (pairs, 2)."""
    found: list[Rows] = []
    for first in range(0, len(vectors), AT_A_TIME):
        one, other = np.nonzero(vectors[first : first + AT_A_TIME] @ vectors[first:].T > cut)
        found.append(np.stack([one, other], axis=1)[one < other] + first)
    return np.concatenate(found) if found else np.zeros((0, 2), np.intp)


def alike(texts: Sequence[str]) -> Rows:
    """Pairs of places whose texts are the same but for case and spaces; each is paired with the first of its kind."""
    first: dict[str, int] = {}
    found = [(first.setdefault(" ".join(text.casefold().split()), at), at) for at, text in enumerate(texts)]
    return np.array([pair for pair in found if pair[0] != pair[1]], np.intp).reshape(-1, 2)


def families(count: int, links: Iterable[Sequence[int]]) -> Rows:
    """Rows that hang together by any chain of links, numbered from 0 on."""
    parents = list(range(count))

    def root(at: int) -> int:
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    for one, other in links:
        parents[root(other)] = root(one)
    return numbered([root(at) for at in range(count)])


def crossing(links: Rows, sides: Rows) -> int:
    """How many links lead from one side to another: what a split leaks."""
    return int((sides[links[:, 0]] != sides[links[:, 1]]).sum()) if len(links) else 0

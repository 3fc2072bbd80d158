"""Texts that say the same, found by their vectors: average link on the cosine.

Two groups are as near as their members are on average, the nearest two become one, and so on until no two are as near
as the cut. Nothing is drawn by lot and no number of groups is asked for; what is near to nothing stays alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.panel.vectors import Vectors

MOST_AT_ONCE = 5_000
"""Texts whose every pair is looked at: 100 MB of cosines. Of more, as many are taken at even distances and grouped, the
others join the group they are nearest to, and those that are near to none are grouped among themselves in the same way.
"""
AT_A_TIME = 1_000
"""Of the others, so that their cosines with all groups need not much more memory."""


def clusters(vectors: Vectors, cut: float) -> list[list[int]]:
    """Groups of rows, the largest first, of equal ones the one that begins first; a row near to nothing is alone.

    Args:
        vectors: rows of length 1, or of zeros, which are near to nothing.
        cut: least mean cosine of two groups that become one, above 0 and at most 1.
    Returns:
        every row once, ascending within a group.
    Raises:
        InputError: no such vectors, or no such cut.
    """
    if not 0 < cut <= 1:
        raise InputError(f"want a cut above 0 and at most 1, got {cut}")
    if vectors.ndim != 2 or not np.isfinite(vectors).all():
        raise InputError(f"want one row of finite numbers a text, got shape {vectors.shape}")
    groups: list[list[int]] = []
    left = np.arange(len(vectors))
    while len(left):
        chosen = left[np.arange(min(len(left), MOST_AT_ONCE)) * len(left) // min(len(left), MOST_AT_ONCE)]
        found = [chosen[group] for group in _linked(vectors[chosen], cut)]
        others = np.setdiff1d(left, chosen)
        nearest = _nearest(vectors, others, found, cut)
        groups += [sorted([*group.tolist(), *others[nearest == at].tolist()]) for at, group in enumerate(found)]
        left = others[nearest < 0]
    return sorted(groups, key=lambda group: (-len(group), group[0]))


def _nearest(vectors: Vectors, others: NDArray[np.intp], found: list[NDArray[np.intp]], cut: float) -> NDArray[np.intp]:
    """For each of the others the group whose members are nearest on average; -1 where none is as near as the cut."""
    nearest = np.full(len(others), -1, np.intp)
    middles = np.stack([vectors[group].mean(axis=0) for group in found])
    for first in range(0, len(others), AT_A_TIME):
        near = vectors[others[first : first + AT_A_TIME]] @ middles.T
        best = near.argmax(axis=1)
        nearest[first : first + AT_A_TIME] = np.where(near.max(axis=1) >= cut, best, -1)
    return nearest


def _linked(vectors: Vectors, cut: float) -> list[list[int]]:
    """The nearest-neighbour chain (Benzécri 1982; Murtagh 1983): from any group on to the one nearest to it, until two
    are each other's nearest, which become one. For average link that ends in the same groups as always joining the
    nearest two of all, in O(n²): joining others brings no two groups nearer to each other than their parts were.
    For the same reason a group with nothing as near as the cut is finished.
    """
    near = vectors @ vectors.T
    np.fill_diagonal(near, -np.inf)
    members = {at: [at] for at in range(len(vectors))}
    open_ = dict.fromkeys(members)
    chain: list[int] = []
    while open_:
        if not chain:
            chain.append(next(iter(open_)))
        last = chain[-1]
        # the first of equals: among them the chain goes to ever earlier ones, and cannot run in circles
        nearest = int(near[last].argmax())
        if near[last, nearest] < cut:
            _close(near, last)
            del open_[last]
            chain.pop()
        elif len(chain) > 1 and nearest == chain[-2]:
            del chain[-2:]
            _join(near, last, nearest, len(members[last]), len(members[nearest]))
            members[last] += members.pop(nearest)
            del open_[nearest]
        else:
            chain.append(nearest)
    return list(members.values())


def _join(near: Vectors, kept: int, gone: int, kept_size: int, gone_size: int) -> None:
    """Lance and Williams: how near two groups are together is the mean of how near each is, by size."""
    both = (near[kept] * kept_size + near[gone] * gone_size) / (kept_size + gone_size)
    both[[kept, gone]] = -np.inf
    near[kept] = both
    near[:, kept] = both
    _close(near, gone)


def _close(near: Vectors, at: int) -> None:
    near[at] = -np.inf
    near[:, at] = -np.inf

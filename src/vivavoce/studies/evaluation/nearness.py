"""What a cosine means to an embedder: on pairs of texts that people gave the same tag, and on pairs of texts about
quite different things.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.panel.vectors import Vectors
from vivavoce.studies.evaluation.tagged import Body, alike

DRAW = 400
"""Texts of a body whose pairs are looked at."""
ROUNDS = 50
SETTLED = 1e-6
"""Of what is fitted: so little the last round may change. Five or six rounds come there on real texts."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Cosines of the pairs of a body, ascending."""

    body: Body
    same: NDArray[np.float32]
    """Of pairs that are tagged alike."""
    other: NDArray[np.float32]

    @property
    def area(self) -> float:
        """How often a pair that is tagged alike is nearer than one that is not."""
        below = np.searchsorted(self.other, self.same, "left") + np.searchsorted(self.other, self.same, "right")
        return float(below.mean() / 2 / len(self.other))


def drawn(bodies: Sequence[Body], seed: str) -> list[Body]:
    """At most `DRAW` texts of each body."""
    chance = random.Random(seed)  # noqa: S311  # the same texts again is the point
    found = []
    for body in bodies:
        chosen = sorted(chance.sample(range(len(body.texts)), min(DRAW, len(body.texts))))
        found.append(
            Body(body.name, [body.texts[at] for at in chosen], [body.tags[at] for at in chosen], body.tuned_on)
        )
    return found


def pairs(body: Body, vectors: Vectors) -> Pairs:
    upper = np.triu_indices(len(vectors), 1)
    cosines, tagged_alike = (vectors @ vectors.T)[upper], alike(body.tags)[upper]
    return Pairs(body, np.sort(cosines[tagged_alike]), np.sort(cosines[~tagged_alike]))


def strangers(bodies: Sequence[Body], vectors: Sequence[Vectors]) -> NDArray[np.float32]:
    """Cosines of texts about quite different things: of two kinds of source, as told by the niche's first word.

    Raises:
        InputError: all are of one kind.
    """
    kinds = [body.name if body.name.startswith("app-") else body.name.split("-")[0] for body in bodies]
    found = [
        (one @ other.T).ravel()
        for at, one in enumerate(vectors)
        for to, other in enumerate(vectors[:at])
        if kinds[at] != kinds[to]
    ]
    if not found:
        raise InputError("want tagged texts of two niches that have nothing to do with each other, got one")
    return np.concatenate(found)


def logistic(some: Sequence[Pairs]) -> tuple[float, float]:
    """Centre and width of the logistic that best tells pairs that are tagged alike from the others, when either are as
    many and each body counts as much.

    Raises:
        InputError: no cosine tells them apart, or one tells all.
    """
    parts = [(each.same, 1.0) for each in some] + [(each.other, 0.0) for each in some]
    x = np.concatenate([part for part, _ in parts]).astype(np.float64)
    y = np.concatenate([np.full(len(part), truth) for part, truth in parts])
    weight = np.concatenate([np.full(len(part), 1 / len(part)) for part, _ in parts])
    design, fitted, step = np.stack([np.ones_like(x), x], axis=1), np.zeros(2), np.full(2, np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(ROUNDS):
            chance = 1 / (1 + np.exp(-design @ fitted))
            curve = design.T @ (design * (weight * chance * (1 - chance))[:, None])
            try:
                step = np.linalg.solve(curve, design.T @ (weight * (y - chance)))
            except np.linalg.LinAlgError:
                break
            fitted += step
    if not np.abs(step).max() <= SETTLED * np.abs(fitted).max():
        # one cosine parts all: the steeper the better, without an end
        raise InputError(
            "want texts that an embedder tells apart by degree, got some that it tells wholly or not at all"
        )
    if fitted[1] <= 0:
        raise InputError("want an embedder to which texts that are tagged alike are nearer than others, got none")
    return float(-fitted[0] / fitted[1]), float(1 / fitted[1])

"""At which cut groups of texts are most like what people tagged."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.clusters import clusters
from vivavoce.panel.vectors import Vectors
from vivavoce.studies.evaluation.tagged import Body, alike

DRAW = 300
"""Texts of one draw: what a panel is made of."""
DRAWS = 20
CUTS = tuple(round(0.05 * step, 2) for step in range(3, 20))


@dataclass(frozen=True, slots=True)
class Fit:
    """How groups are like tags, over all pairs of texts."""

    kappa: float
    """Cohen's, of "in one group" and "share a tag": 0 is chance for groups of these sizes, 1 the same. Where each text
    has one tag it is the adjusted Rand index.
    """
    pure: float
    """Of pairs in one group, how many share a tag."""
    found: float
    """Of pairs that share a tag, how many are in one group."""
    groups: float
    """A text."""


@dataclass(frozen=True, slots=True)
class Fits:
    """Every cut on the same draws of every body."""

    bodies: Sequence[Body]
    of: Mapping[tuple[str, float], Sequence[Fit]]
    """By a body's name and a cut, one a draw."""

    def kappa(self, cut: float, *, tuned_on: bool) -> float | None:
        """The mean over bodies; None where there is none."""
        means = [
            fmean(fit.kappa for fit in self.of[body.name, cut]) for body in self.bodies if body.tuned_on is tuned_on
        ]
        return fmean(means) if means else None

    @property
    def best(self) -> float:
        """The cut at which groups are most like the tags of what is tuned on."""
        return max(CUTS, key=lambda cut: self.kappa(cut, tuned_on=True) or 0.0)


def fits(bodies: Sequence[Body], vectors: Sequence[Vectors], draws: int, tell: Callable[[float], None]) -> Fits:
    """
    Args:
        vectors: of each body's texts.
        tell: how far it is.
    """
    found: dict[tuple[str, float], list[Fit]] = {}
    for at, (body, its) in enumerate(zip(bodies, vectors, strict=True)):
        for draw in range(draws):
            chance = random.Random(f"{body.name} {draw}")  # noqa: S311  # the same texts again is the point
            rows = sorted(chance.sample(range(len(body.texts)), min(DRAW, len(body.texts) * 2 // 3)))
            same = alike([body.tags[row] for row in rows])
            for cut in CUTS:
                found.setdefault((body.name, cut), []).append(fit(clusters(its[rows], cut), same))
            tell((at + (draw + 1) / draws) / len(bodies))
    return Fits(bodies, found)


def fit(groups: Sequence[Sequence[int]], same: NDArray[np.bool_]) -> Fit:
    of = np.empty(len(same), np.intp)
    for number, group in enumerate(groups):
        of[group] = number
    pairs = np.triu_indices(len(same), 1)
    together, tagged = (of[:, np.newaxis] == of)[pairs], same[pairs]
    both, one, other = (float(each.mean()) for each in (together & tagged, together, tagged))
    by_chance = one * other + (1 - one) * (1 - other)
    told = 1 - one - other + 2 * both - by_chance
    kappa = told / (1 - by_chance) if by_chance < 1 else 0.0  # where all are alike there is nothing to tell
    return Fit(kappa, both / one if one else 1.0, both / other if other else 1.0, len(groups) / len(same))

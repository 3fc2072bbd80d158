"""What is true behind what came: differences between pairs, freed of their noise (deconvolution by a mixture of normals
around nothing, after Stephens 2017).

Differences are in standard errors of counting, and what came is what is true and noise. That no side of a pair is
favoured beforehand is so by construction: which of two is called the first says nothing. How wide the true ones spread
is fitted, by the likeliest mixture; from it follows how often somebody who knew them would name the side that came.

The mixture matters: one normal alone fits the headlines far worse, and has two halves of their readers agree more often
than they do. How often they do agree stands beside how often they would (`viva calibrate --task upworthy`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from vivavoce.panel.calibration.drawing import Floats, Rows
from vivavoce.panel.intervals import Z

_TO_CLEAR = 40
EDGES = np.arange(160) * Z / _TO_CLEAR
"""Of bins of sizes, in standard errors; the last has no end. One edge is where a difference is clear."""
CLEAR = np.arange(len(EDGES)) >= _TO_CLEAR
"""Which bins are of clear differences."""
_SIZES = EDGES + np.append(np.diff(EDGES) / 2, 0.0)
_SPREADS = np.append(0.0, np.geomspace(0.25, EDGES[-1], 31))
"""Of the mixture, so near each other that half as many do as well."""
_ROUNDS, _MORE_ROUNDS = 10_000, 500
"""Of fitting, from nothing and from what was fitted to nearly the same. After a tenth of these too much is still taken
for true where most differ by next to nothing: who knew it would come out 2 points too high.
"""


class Truth(NamedTuple):
    """How wide true differences spread."""

    weights: Floats
    """By spread; they sum to 1."""
    noise: float
    """Variance of what is not true in what came, in that of counting."""


def bins(apart: Floats) -> Rows:
    """Which bin each difference is in, of either sign alike."""
    return np.searchsorted(EDGES, np.abs(apart), side="right") - 1


def fitted(counts: Floats, noise: float, near: Truth | None = None) -> Truth:
    """The likeliest spread of true differences.

    Args:
        counts: of differences, by bin; parts of one count as such.
        noise: variance of noise, 1 for no more than counting.
        near: of nearly the same counts and noise: to begin with, which is far quicker.
    """
    likely = _likely(noise)
    weights = np.full(len(_SPREADS), 1 / len(_SPREADS)) if near is None else near.weights
    for _ in range(_ROUNDS if near is None else _MORE_ROUNDS):
        weights = weights * ((counts / (likely @ weights)) @ likely) / counts.sum()
    return Truth(weights, noise)


def known(truth: Truth) -> Floats:
    """By bin, the chance that what is true has the sign that came: 1 less the local false sign rate."""
    behind = _likely(truth.noise) * truth.weights
    variance = _SPREADS**2 + truth.noise
    same = _below(_SIZES[:, None] * _SPREADS / np.sqrt(truth.noise * variance))
    found: Floats = (behind * same).sum(axis=1) / behind.sum(axis=1)
    return found


def halves(truth: Truth) -> float:
    """How often two halves of those who were counted would agree: each has half of them and its own noise of counting,
    and whatever else is noise is in both.
    """
    shared = _SPREADS**2 + truth.noise - 1
    return float(truth.weights @ (0.5 + np.arcsin(shared / (shared + 2)) / np.pi))


def brier(truth: Truth) -> float:
    """The least Brier score that anybody can have: of who says the chance that the true difference gives."""
    return float(truth.weights @ (0.25 - np.arcsin(_SPREADS**2 / (_SPREADS**2 + truth.noise)) / (2 * np.pi)))


def _likely(noise: float) -> Floats:
    """Of each bin's size, by spread; shape (bins, spreads). The size of the last bin is where it begins."""
    variance = _SPREADS**2 + noise
    found: Floats = np.exp(-0.5 * _SIZES[:, None] ** 2 / variance) / np.sqrt(variance)
    return found


def _below(values: Floats) -> Floats:
    """The share of a standard normal that is below."""
    found: Floats = 0.5 + 0.5 * np.vectorize(math.erf)(values / math.sqrt(2))
    return found

"""How much a body of texts is like another: pains and needs that have a counterpart, which pains come first, how people
feel, and the words they use. Five parts and their weights are asserted, not fitted (`viva calibrate --task composite`
takes them apart).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.calibration.drawing import Floats, Rows
from vivavoce.panel.calibration.likeness import divergence, spearman
from vivavoce.panel.calibration.middles import middles
from vivavoce.panel.reading.feelings import feelings_of
from vivavoce.panel.reading.said import said
from vivavoce.panel.stopwords import STOPWORDS
from vivavoce.panel.texts import words

Part: TypeAlias = Literal["pain", "rank", "need", "sentiment", "language"]
Side: TypeAlias = Literal["pain", "need", ""]
WEIGHTS: dict[Part, float] = {"pain": 0.30, "rank": 0.15, "need": 0.25, "sentiment": 0.20, "language": 0.10}
SAME = 0.53
"""Cosine from which two texts say the same. Both as the mission has them; nobody fitted them."""
LEAST = 5
"""Texts of a side, below which a part is not defined."""
FEELS = 0.2
"""What speaks for liking over what speaks against it, from which a text is pleased or displeased. Not tuned."""
MOODS = ("pleased", "displeased", "even", "none")


@dataclass(frozen=True, slots=True)
class Texts:
    """One body."""

    vectors: Floats
    sides: list[Side]
    moods: Rows
    """Places in `MOODS`."""
    words: list[frozenset[str]]
    """Of content, of each text."""
    weights: Floats

    def of(self, side: Side) -> Rows:
        return np.array([at for at, each in enumerate(self.sides) if each == side], np.intp)


def body(texts: Sequence[str], sides: Sequence[Side], vectors: Floats, weights: Sequence[float] | None = None) -> Texts:
    """
    Args:
        vectors: shape (len(texts), size).
        weights: how much each counts; all alike without.
    """
    return Texts(
        vectors=vectors,
        sides=list(sides),
        moods=np.array([_mood(text) for text in texts], np.intp),
        words=[_content(text) for text in texts],
        weights=np.ones(len(texts)) if weights is None else np.array(weights, np.float64),
    )


@lru_cache(20_000)
def _mood(text: str) -> int:
    found = feelings_of(said(text))
    over = found.pleased - found.displeased
    if not found.words:
        return 3
    return 0 if over > FEELS else 1 if over < -FEELS else 2


@lru_cache(20_000)
def _content(text: str) -> frozenset[str]:
    return frozenset(word for word in words(text) if word not in STOPWORDS)


def parts(
    told: Texts, real: Texts, *, same: float = SAME, jaccard: bool = True, rows: NDArray[np.intp] | None = None
) -> dict[Part, float]:
    """Each part from 0 to 1; those of which the real side has too little are left out.

    Args:
        told: who is to be like the real one.
        jaccard: overlap as shared over all there is; otherwise as what has a counterpart.
        rows: of the real side; all without.
    """
    taken = np.arange(len(real.sides)) if rows is None else rows
    found: dict[Part, float] = {}
    for side in ("pain", "need"):
        its, ours = np.intersect1d(real.of(side), taken), told.of(side)
        if len(its) >= LEAST:
            found[side] = _overlap(told, ours, real, its, same, jaccard) if len(ours) else 0.0
            if side == "pain":
                found["rank"] = _ranked(told, ours, real, its) if len(ours) else 0.0
    everything = np.arange(len(told.sides))
    found["sentiment"] = 1 - divergence(_moods(told, everything), _moods(real, taken)) ** 0.5
    found["language"] = _language(told, real, taken)
    return found


def total(found: Mapping[Part, float], weights: Mapping[Part, float] = WEIGHTS) -> float:
    """Parts by their weights, those that are not defined left out of both."""
    whole = sum(weights[part] for part in found)
    return sum(weights[part] * value for part, value in found.items()) / whole if whole else 0.0


def _overlap(told: Texts, ours: Rows, real: Texts, its: Rows, same: float, jaccard: bool) -> float:
    """Mean of the shares on both sides that have somebody on the other who says the same."""
    near = told.vectors[ours] @ real.vectors[its].T >= same
    one = float(told.weights[ours] @ near.any(axis=1) / told.weights[ours].sum())
    other = float(real.weights[its] @ near.any(axis=0) / real.weights[its].sum())
    mean = (one + other) / 2
    return mean / (2 - mean) if jaccard else mean


def _ranked(told: Texts, ours: Rows, real: Texts, its: Rows) -> float:
    """Whether the same themes of the real pains come first; worse than chance counts as nothing."""
    themes = middles(real.vectors[its], max(3, min(8, len(its) // LEAST)))
    return max(0.0, spearman(_shares(told, ours, themes), _shares(real, its, themes)))


def _shares(side: Texts, rows: Rows, themes: Floats) -> Floats:
    """How much of some texts is nearest to each theme."""
    nearest = (side.vectors[rows] @ themes.T).argmax(axis=1)
    return np.bincount(nearest, side.weights[rows], len(themes)).astype(np.float64)


def _moods(side: Texts, rows: Rows) -> Floats:
    return np.bincount(side.moods[rows], side.weights[rows], len(MOODS)).astype(np.float64)


def _language(told: Texts, real: Texts, rows: Rows) -> float:
    """Cosine of how many texts have each content word."""
    ours: Counter[str] = Counter()
    for words_, weight in zip(told.words, told.weights.tolist(), strict=True):
        for word in words_:
            ours[word] += weight
    theirs = Counter(word for at in rows for word in real.words[at])
    sizes = [sum(value * value for value in each.values()) ** 0.5 for each in (ours, theirs)]
    return sum(ours[word] * count for word, count in theirs.items()) / (sizes[0] * sizes[1]) if all(sizes) else 0.0

"""How near two texts are in meaning, on a scale that does not depend on the embedder.

The same cosine means another thing with each embedder, so each has its own sense, measured by `python -m bench.reasoner
near` on pairs of texts that people had sorted. An embedder without one is refused: a guessed centre is a guessed panel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """What the cosines of an embedder mean."""

    centre: float
    """Two texts this near are as likely about one thing as about two."""
    width: float
    """So much nearer, and the odds are e times better."""
    strange: float
    """One pair in a hundred of texts about quite different things comes this near: up to here nothing is counted, or
    many points that have nothing to do with an offer would add up to something.
    """
    bears: float
    """One such pair in a thousand: below it, nothing was said about it."""

    def same(self, cosine: float) -> float:
        """From 0 to 1: how much nearer two texts are than those about different things come by chance."""
        by_chance = self._likely(self.strange)
        return max(0.0, (self._likely(cosine) - by_chance) / (1 - by_chance))

    def _likely(self, cosine: float) -> float:
        return 1 / (1 + math.exp((self.centre - cosine) / self.width))


SENSES = {
    "minilm/1": Sense(centre=0.34, width=0.12, strange=0.29, bears=0.43),
    "hashing/1": Sense(centre=0.12, width=0.10, strange=0.15, bears=0.25),
}
"""By embedder, measured: docs/explanation/reasoner.md."""


def sense_of(embedder: str) -> Sense:
    """By the embedder's name.

    Raises:
        InputError: it was not measured for this one.
    """
    sense = SENSES.get(embedder)
    if sense is None:
        raise InputError(f"the reasoner knows what near means to {', '.join(SENSES)}; got {embedder!r}")
    return sense


class Near:
    """Texts with their vectors.

    Args:
        vectors: of every text that will be asked for, of length 1 (or 0), by text.
    """

    def __init__(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        self._vectors = vectors

    def cosines(self, some: Sequence[str], others: Sequence[str]) -> NDArray[np.float64]:
        """Shape (len(some), len(others)), to four places: what is behind them depends on the machine and on which
        texts were embedded together, and must decide nothing.

        Raises:
            InputError: a text has no vector.
        """
        if not some or not others:
            return np.zeros((len(some), len(others)))
        found: NDArray[np.float64] = self._rows(some) @ self._rows(others).T
        return np.where(np.isfinite(found), found.round(4), 0.0)

    def _rows(self, texts: Sequence[str]) -> NDArray[np.float64]:
        try:
            return np.stack([self._vectors[text] for text in texts]).astype(np.float64)
        except KeyError:
            known = len(self._vectors)
            raise InputError(f"want a vector for each text that Reasoner.texts names, got {known} others") from None

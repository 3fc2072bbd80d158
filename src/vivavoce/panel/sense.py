"""What the cosines of an embedder mean: from which on texts say the same, are about one thing, or about nothing alike.

The same cosine means another thing with each embedder, so each has its own sense, measured on texts that people had
sorted (`studies/evaluation/measuring.py`). None is guessed: a guessed centre is a guessed panel.
"""

from __future__ import annotations

import math
from typing import Annotated, TypeAlias

import msgspec

Cosine: TypeAlias = Annotated[float, msgspec.Meta(ge=-1, le=1)]


class Sense(msgspec.Struct, frozen=True, kw_only=True):
    """
    Raises:
        ValueError: `bears` is not above `strange`.
    """

    cut: Annotated[float, msgspec.Meta(gt=0, le=1)]
    """Least mean cosine of what is one theme: where groups are most like what people tagged."""
    centre: Cosine
    """Two texts this near are as likely about one thing as about two."""
    width: Annotated[float, msgspec.Meta(gt=0, le=10)]
    """So much nearer, and the odds are e times better."""
    strange: Cosine
    """One pair in a hundred of texts about quite different things comes this near: up to here nothing is counted, or
    many points that have nothing to do with an offer would add up to something.
    """
    bears: Cosine
    """One such pair in a thousand: below it, nothing was said about it."""

    def __post_init__(self) -> None:
        if not self.strange < self.bears:
            raise ValueError(f"want bears above strange, got {self.bears} and {self.strange}")

    @property
    def figures(self) -> str:
        """All of them, for people to compare."""
        return f"cut {self.cut}, centre {self.centre}, width {self.width}, strange {self.strange}, bears {self.bears}"

    def same(self, cosine: float) -> float:
        """From 0 to 1: how much nearer two texts are than those about different things come by chance."""
        by_chance = self._likely(self.strange)
        return max(0.0, (self._likely(cosine) - by_chance) / (1 - by_chance))

    def _likely(self, cosine: float) -> float:
        return 1 / (1 + math.exp((self.centre - cosine) / self.width))


SENSES = {
    "minilm/1": Sense(cut=0.5, centre=0.34, width=0.12, strange=0.29, bears=0.43),
    "hashing/1": Sense(cut=0.35, centre=0.12, width=0.10, strange=0.15, bears=0.25),
}
"""Of the embedders that are here, by name: docs/explanation/embedding.md (cut) and reasoner.md."""

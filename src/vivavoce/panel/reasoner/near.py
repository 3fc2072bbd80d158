"""How near texts are, by their vectors; what that means is for a `Sense` to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import InputError


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

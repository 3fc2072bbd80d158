"""An embedder that embeds nothing twice, for as long as it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vivavoce.studies.port import Embedder, Vectors

MOST_KEPT = 20_000
"""Vectors, some 30 MB of MiniLM's. A panel of 200 and its sheets need a tenth of it; when they are full they are made
again, which costs time and nothing else."""


class Remembered:
    """The vectors of another embedder, kept.

    Args:
        embedder: is closed with this.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._embedding = asyncio.Lock()
        self.name = embedder.name
        self.size = embedder.size
        self.weak = embedder.weak
        self.sense = embedder.sense

    async def by_text(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vector of each text. One caller at a time, so that what two of them share is embedded once.

        Raises:
            MissingError, InputError, SourceError: as the embedder says.
        """
        async with self._embedding:
            missing = list(dict.fromkeys(text for text in texts if text not in self._vectors))
            if missing:
                if len(self._vectors) + len(missing) > MOST_KEPT:
                    self._vectors.clear()
                    missing = list(dict.fromkeys(texts))
                found = await self._embedder.embed(missing)
                self._vectors.update(zip(missing, found, strict=True))
            return {text: self._vectors[text] for text in texts}

    async def embed(self, texts: Sequence[str]) -> Vectors:
        found = await self.by_text(texts)
        return np.stack([found[text] for text in texts]) if texts else np.zeros((0, self.size), np.float32)

    async def close(self) -> None:
        await self._embedder.close()

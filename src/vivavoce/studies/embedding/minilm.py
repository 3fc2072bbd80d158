"""all-MiniLM-L6-v2 on this machine: no service, no key, no torch."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from vivavoce.panel.sense import SENSES
from vivavoce.studies.embedding import weights
from vivavoce.studies.embedding.encoder import MOST_PIECES, SIZE, Encoder
from vivavoce.studies.embedding.wordpiece import WordPiece
from vivavoce.studies.port import Vectors

BATCH_PIECES = 1_024
"""At a time, some 90 short texts: a third of a second, after which whoever asked may have gone. 256 are as quick."""


class MiniLm:
    """English sentences as 384 numbers. Of a long text the first 256 pieces count, some 190 words.

    The same texts in the same order give the same bytes on the same machine. A text that is embedded among others, or
    by another processor's arithmetic, may differ from the seventh digit on.

    Raises:
        MissingError: the weights are not here.
    """

    name = "minilm/1"
    size = SIZE
    weak = False
    sense = SENSES[name]

    def __init__(self) -> None:
        self._folder = weights.folder()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Between two batches it can be cancelled.

        Raises:
            MissingError: the weights are others than they should be.
        """
        words, encoder = await asyncio.to_thread(_loaded, str(self._folder))
        numbers = await asyncio.to_thread(lambda: [words.numbers(text, MOST_PIECES) for text in texts])
        vectors = np.zeros((len(texts), SIZE), np.float32)
        for batch in _batches(numbers):
            vectors[batch] = await asyncio.to_thread(encoder.vectors, [numbers[at] for at in batch])
        return vectors

    async def close(self) -> None:
        """What was read stays for the next one: it is the same."""


@cache
def _loaded(folder: str) -> tuple[WordPiece, Encoder]:
    """Read once a process, for it takes some 0.1 s and 45 MB."""
    path = Path(folder)
    return WordPiece(weights.vocabulary(path)), Encoder(weights.tensors(path))


def _batches(numbers: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Places of texts that go together, the shortest first; those with nothing in them go nowhere."""
    batch: list[int] = []
    pieces = 0
    for at in sorted((at for at in range(len(numbers)) if numbers[at]), key=lambda at: len(numbers[at])):
        if batch and pieces + len(numbers[at]) > BATCH_PIECES:
            yield batch
            batch, pieces = [], 0
        batch.append(at)
        pieces += len(numbers[at])
    if batch:
        yield batch

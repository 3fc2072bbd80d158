"""Texts as vectors without a model, and what is done with any vectors.

Hashed vectors know spellings and no meanings: "invoice" is near "invoices" and far from "bill". They are what is left
where nothing is installed, and whoever uses them says that they are weak.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.panel.stopwords import STOPWORDS
from vivavoce.panel.texts import words

Vectors: TypeAlias = NDArray[np.float32]
"""One row a text, each of length 1 (or all zeros for a text with nothing in it)."""

HASHED_SIZE = 1_024
PIECE = 4
"""Letters of a piece of a word: what "invoice", "invoices" and "invoicing" share."""
PIECES_WEIGH = 1.0
"""All pieces of a word together, beside the word itself."""
PAIR_WEIGHS = 0.5
"""Two words that follow each other, beside a word."""
AT_ONCE = 1_000
"""Texts that are summed up together."""


def hashed(texts: Sequence[str]) -> Vectors:
    """Vectors of words, of their pieces and of pairs of them, each at a place that its hash says. The same text has the
    same vector everywhere and always.

    Returns:
        shape (len(texts), HASHED_SIZE), float32; zeros for a text without words.
    """
    found: Vectors = np.zeros((len(texts), HASHED_SIZE), np.float32)
    # a piece at a time: sums are twice as wide as what is left of them, and scaling copies them
    for start in range(0, len(texts), AT_ONCE):
        found[start : start + AT_ONCE] = unit(_sums(texts[start : start + AT_ONCE]))
    return found


def _sums(texts: Sequence[str]) -> NDArray[np.float64]:
    sums = np.zeros((len(texts), HASHED_SIZE))
    for row, text in zip(sums, texts, strict=True):
        said = words(text)
        # function words say nothing, but of a text of nothing else they are all there is
        counts = Counter(_features([word for word in said if word not in STOPWORDS] or said))
        for (feature, weight), count in sorted(counts.items()):
            place, sign = _place(feature)
            row[place] += sign * weight * count**0.5  # said four times counts twice
    return sums


def unit(rows: NDArray[np.floating]) -> Vectors:
    """Rows at length 1; a row of zeros stays one."""
    exact = rows.astype(np.float64)
    lengths = np.sqrt((exact * exact).sum(axis=1, keepdims=True))
    return (exact / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)


def cosines(one: Vectors, other: Vectors) -> Vectors:
    """How near each row of one is to each row of the other, from -1 to 1.

    Raises:
        InputError: they are not of one embedder.
    """
    if one.ndim != 2 or other.ndim != 2 or one.shape[1] != other.shape[1]:
        raise InputError(f"want vectors of one size, got {one.shape} and {other.shape}")
    near: Vectors = np.clip(one @ other.T, -1.0, 1.0)
    return near


def mean_of(vectors: Vectors) -> Vectors:
    """The direction of all rows together, shape (size,); zeros where there is none."""
    middle: Vectors = unit(vectors.astype(np.float64).sum(axis=0, keepdims=True))[0]
    return middle


def _features(said: Sequence[str]) -> Iterator[tuple[str, float]]:
    """What is in a text, and how much each time counts."""
    for word in said:
        yield word, 1.0
        yield from _pieces(word)
    for first, second in pairwise(said):
        yield f"{first} {second}", PAIR_WEIGHS


@lru_cache(50_000)
def _pieces(word: str) -> tuple[tuple[str, float], ...]:
    framed = f"<{word}>"
    pieces = [f"#{framed[at : at + PIECE]}" for at in range(len(framed) - PIECE + 1)]
    return tuple((piece, PIECES_WEIGH / len(pieces) ** 0.5) for piece in pieces)


@lru_cache(200_000)
def _place(feature: str) -> tuple[int, int]:
    """Where a feature is counted, and whether up or down: what meets at one place by chance cancels out as often as it
    adds up.
    """
    number = int.from_bytes(blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
    return (number >> 1) % HASHED_SIZE, 1 if number & 1 else -1

"""The forward pass of all-MiniLM-L6-v2 (Reimers and Gurevych 2019; Wang et al. 2020) in numpy, in float32 throughout.

Texts lie one after the other without padding, so that no arithmetic is done for nothing and none has to be masked out;
only attention, which looks at one text at a time, takes them apart, those of one length together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

F32: TypeAlias = NDArray[np.float32]

SIZE, HEADS, LAYERS = 384, 12, 6
HEAD = SIZE // HEADS
MOST_PIECES = 256
"""Of one text, its begin and end included. The model takes 512 and was trained with 128; its authors' own settings cut
at 256, and so do we.
"""
NORM_EPS = np.float32(1e-12)
GELU_ROWS = 16
"""Done at a time: with its scratch some 400 kB, which a core keeps near. 8, 32 and 64 are as quick within 5 %."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """Weights as they are multiplied from the right: (in, out)."""

    attend: F32
    attend_bias: F32
    out: F32
    out_bias: F32
    out_norm: tuple[F32, F32]
    widen: F32
    widen_bias: F32
    narrow: F32
    narrow_bias: F32
    narrow_norm: tuple[F32, F32]


class Encoder:
    """Numbers of pieces in, vectors of length 1 out. Keeps nothing of a text; several threads may use one."""

    def __init__(self, tensors: Mapping[str, F32]) -> None:
        self._words = tensors["embeddings.word_embeddings.weight"]
        kinds = tensors["embeddings.token_type_embeddings.weight"]
        self._places: F32 = tensors["embeddings.position_embeddings.weight"][:MOST_PIECES] + kinds[0]
        self._norm = _norm_of(tensors, "embeddings")
        self._layers = [_layer_of(tensors, f"encoder.layer.{number}") for number in range(LAYERS)]

    def vectors(self, texts: Sequence[Sequence[int]]) -> F32:
        """One vector a text: the mean of its pieces, at length 1.

        Args:
            texts: none of them empty, none longer than `MOST_PIECES`; ordered by length they are quicker.
        Returns:
            shape (len(texts), SIZE).
        """
        lengths = [len(text) for text in texts]
        places = np.concatenate([np.arange(length) for length in lengths])
        x: F32 = self._words[np.concatenate([np.asarray(text, np.intp) for text in texts])] + self._places[places]
        x = _normed(x, self._norm)
        for layer in self._layers:
            seen = _attended(x @ layer.attend + layer.attend_bias, lengths)
            x = _normed(x + (seen @ layer.out + layer.out_bias), layer.out_norm)
            wide: F32 = x @ layer.widen
            wide += layer.widen_bias
            _gelu(wide)
            x = _normed(x + (wide @ layer.narrow + layer.narrow_bias), layer.narrow_norm)
        starts = np.cumsum([0, *lengths[:-1]])
        means: F32 = np.add.reduceat(x, starts, axis=0)
        means /= np.asarray(lengths, np.float32)[:, np.newaxis]
        means /= np.sqrt((means * means).sum(axis=1, keepdims=True))
        return means


def _attended(projected: F32, lengths: Sequence[int]) -> F32:
    """What each piece takes from the others of its text.

    Args:
        projected: shape (pieces, 3 * SIZE): queries, already divided by the root of HEAD, keys and values.
    """
    seen = np.empty((len(projected), SIZE), np.float32)
    first = 0
    for length, alike in groupby(lengths):
        count = len(list(alike))
        after = first + count * length
        queries, keys, values = (
            projected[first:after].reshape(count, length, 3, HEADS, HEAD).transpose(2, 0, 3, 1, 4)
        )  # each (texts, heads, pieces, HEAD)
        weights = queries @ keys.transpose(0, 1, 3, 2)
        weights -= weights.max(axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(axis=-1, keepdims=True)
        seen[first:after] = (weights @ values).transpose(0, 2, 1, 3).reshape(count * length, SIZE)
        first = after
    return seen


def _normed(x: F32, norm: tuple[F32, F32]) -> F32:
    """Layer normalisation, in place."""
    scale, shift = norm
    x -= x.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", x, x)[:, np.newaxis] / np.float32(SIZE)
    x /= np.sqrt(spread + NORM_EPS)
    x *= scale
    x += shift
    return x


def _gelu(x: F32) -> None:
    """x times the chance that a normal variable is below it, in place.

    The error function by Abramowitz and Stegun 7.1.26, off by at most 1.5e-7: numpy has none, and a loop over
    `math.erf` takes a hundred times as long. Written for |x|, since what is left out at its far side is the same.
    """
    slope = np.float32(0.3275911 / 2**0.5)
    half = [np.float32(each / 2) for each in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)]
    for first in range(0, len(x), GELU_ROWS):
        rows = x[first : first + GELU_ROWS]
        size = np.abs(rows)
        t = size * slope
        t += 1
        np.reciprocal(t, out=t)
        tail = t * half[0]
        for factor in half[1:]:
            tail += factor
            tail *= t
        np.multiply(size, size, out=t)
        t *= np.float32(-0.5)
        np.exp(t, out=t)
        tail *= t
        tail *= size
        np.maximum(rows, 0, out=rows)
        rows -= tail


def _layer_of(tensors: Mapping[str, F32], name: str) -> _Layer:
    scale = np.float32(HEAD**-0.5)
    parts = [_linear_of(tensors, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
    weights, biases = [weight for weight, _ in parts], [bias for _, bias in parts]
    return _Layer(
        np.ascontiguousarray(np.concatenate([weights[0] * scale, *weights[1:]], axis=1)),
        np.concatenate([biases[0] * scale, *biases[1:]]),
        *_linear_of(tensors, f"{name}.attention.output.dense"),
        _norm_of(tensors, f"{name}.attention.output"),
        *_linear_of(tensors, f"{name}.intermediate.dense"),
        *_linear_of(tensors, f"{name}.output.dense"),
        _norm_of(tensors, f"{name}.output"),
    )


def _linear_of(tensors: Mapping[str, F32], name: str) -> tuple[F32, F32]:
    return np.ascontiguousarray(tensors[f"{name}.weight"].T), tensors[f"{name}.bias"]


def _norm_of(tensors: Mapping[str, F32], name: str) -> tuple[F32, F32]:
    return tensors[f"{name}.LayerNorm.weight"], tensors[f"{name}.LayerNorm.bias"]

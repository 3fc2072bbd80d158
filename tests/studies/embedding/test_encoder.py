"""The forward pass beside one written out by the book, in float64, a text at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from vivavoce.studies.embedding.encoder import HEADS, LAYERS, MOST_PIECES, SIZE, Encoder

F64 = NDArray[np.float64]
WIDE, PIECES = 4 * SIZE, 40


@pytest.fixture(scope="module")
def tensors() -> dict[str, NDArray[np.float32]]:
    """Weights drawn by lot, in the shapes and under the names of the model's."""
    chance = np.random.default_rng(11)
    made: dict[str, NDArray[np.float32]] = {}

    def drawn(name: str, *shape: int, scale: float = 0.2, around: float = 0.0) -> None:
        made[name] = chance.normal(around, scale, shape).astype(np.float32)

    def norm(name: str) -> None:
        drawn(f"{name}.LayerNorm.weight", SIZE, around=1.0)
        drawn(f"{name}.LayerNorm.bias", SIZE)

    for name, count in (("word", PIECES), ("position", 2 * MOST_PIECES), ("token_type", 2)):
        drawn(f"embeddings.{name}_embeddings.weight", count, SIZE)
    norm("embeddings")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        linears = {f"attention.self.{part}": (SIZE, SIZE) for part in ("query", "key", "value")}
        linears |= {
            "attention.output.dense": (SIZE, SIZE),
            "intermediate.dense": (WIDE, SIZE),
            "output.dense": (SIZE, WIDE),
        }
        for name, shape in linears.items():
            drawn(f"{layer}.{name}.weight", *shape, scale=0.08)
            drawn(f"{layer}.{name}.bias", shape[0])
        norm(f"{layer}.attention.output")
        norm(f"{layer}.output")
    return made


def by_the_book(weights: Mapping[str, NDArray[np.float32]], text: Sequence[int]) -> F64:
    w = {name: tensor.astype(np.float64) for name, tensor in weights.items()}

    def norm(x: F64, name: str) -> F64:
        middle, spread = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
        scaled: F64 = (x - middle) / np.sqrt(spread + 1e-12) * w[f"{name}.LayerNorm.weight"]
        return scaled + w[f"{name}.LayerNorm.bias"]

    def linear(x: F64, name: str) -> F64:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def gelu(x: F64) -> F64:
        return np.array([[v / 2 * (1 + math.erf(v / math.sqrt(2))) for v in row] for row in x])

    x = w["embeddings.word_embeddings.weight"][list(text)] + w["embeddings.token_type_embeddings.weight"][0]
    x = norm(x + w["embeddings.position_embeddings.weight"][: len(text)], "embeddings")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        queries, keys, values = (linear(x, f"{layer}.attention.self.{part}") for part in ("query", "key", "value"))
        seen = []
        for head in np.split(np.arange(SIZE), HEADS):
            scores = np.exp(queries[:, head] @ keys[:, head].T / math.sqrt(len(head)))
            seen.append(scores / scores.sum(axis=1, keepdims=True) @ values[:, head])
        attended = linear(np.concatenate(seen, axis=1), f"{layer}.attention.output.dense")
        x = norm(x + attended, f"{layer}.attention.output")
        x = norm(x + linear(gelu(linear(x, f"{layer}.intermediate.dense")), f"{layer}.output.dense"), f"{layer}.output")
    mean: F64 = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


TEXTS = [[2, 5, 3], [2, 7, 3], [2, 9, 8, 3], [2, *range(4, 15), 3], [2, *range(14, 3, -1), 3]]


def test_it_is_what_the_book_says(tensors: dict[str, NDArray[np.float32]]) -> None:
    found = Encoder(tensors).vectors(TEXTS)
    assert found.dtype == np.float32
    for vector, text in zip(found, TEXTS, strict=True):
        np.testing.assert_allclose(vector, by_the_book(tensors, text), atol=2e-6)


def test_texts_know_nothing_of_each_other(tensors: dict[str, NDArray[np.float32]]) -> None:
    encoder = Encoder(tensors)
    together = encoder.vectors(TEXTS)
    mixed = encoder.vectors([TEXTS[at] for at in (3, 0, 4, 2, 1)])
    np.testing.assert_allclose(mixed, together[[3, 0, 4, 2, 1]], atol=2e-6)
    for vector, text in zip(together, TEXTS, strict=True):
        np.testing.assert_allclose(encoder.vectors([text])[0], vector, atol=2e-6)


def test_the_same_texts_give_the_same_bytes(tensors: dict[str, NDArray[np.float32]]) -> None:
    encoder = Encoder(tensors)
    before = encoder.vectors(TEXTS).tobytes()
    assert encoder.vectors(TEXTS).tobytes() == before, "nothing is kept of a text"


def test_the_longest_text_there_is(tensors: dict[str, NDArray[np.float32]]) -> None:
    (vector,) = Encoder(tensors).vectors([[2, *[5] * (MOST_PIECES - 2), 3]])
    assert abs(float(np.linalg.norm(vector)) - 1) < 1e-6

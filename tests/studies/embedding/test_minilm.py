"""The real weights, where they are installed: `make setup` does that."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from vivavoce.studies.embedding import minilm, open_embedder, weights
from vivavoce.studies.embedding.encoder import MOST_PIECES

pytestmark = pytest.mark.skipif(find_spec(weights.PACKAGE) is None, reason="the weights are not installed")


async def test_it_is_the_model_that_its_authors_publish() -> None:
    """Sentences and cosines of the quick start of Sentence Transformers, https://sbert.net/docs/quickstart.html."""
    vectors = await open_embedder("minilm").embed(
        ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    )
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    np.testing.assert_allclose(vectors @ vectors.T, published, atol=5.1e-5)


async def test_what_says_the_same_is_near_in_other_words() -> None:
    embedder = open_embedder("minilm")
    bill, owed, sync = await embedder.embed(
        [
            "Clients pay my invoices late",
            "I wait for months until customers pay their bills",
            "The app loses my notes when it syncs",
        ]
    )
    assert bill @ owed > 0.4 > bill @ sync
    assert not embedder.weak


async def test_every_text_gets_its_own_row_whatever_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["long " * 900, "", "short", "of some length, this one", " ", "short", "x" * 9_000]
    embedder = open_embedder("minilm")
    vectors = await embedder.embed(texts)
    assert vectors.shape == (len(texts), embedder.size)
    assert np.allclose(np.linalg.norm(vectors, axis=1), [1, 0, 1, 1, 0, 1, 1], atol=1e-6)
    assert vectors.tobytes() == (await embedder.embed(texts)).tobytes()
    monkeypatch.setattr(minilm, "BATCH_PIECES", 1)
    np.testing.assert_allclose(await embedder.embed(texts), vectors, atol=1e-6)


async def test_of_a_long_text_the_beginning_counts() -> None:
    beginning = "the export is slow " * MOST_PIECES
    one, other = await open_embedder("minilm").embed([beginning, beginning + "and I love the colours"])
    assert one.tobytes() == other.tobytes() or np.allclose(one, other, atol=1e-6)


async def test_no_texts_are_no_rows() -> None:
    assert (await open_embedder("minilm").embed([])).shape == (0, 384)

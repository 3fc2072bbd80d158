"""An embedder by its name, and what is said of names that are none."""

from __future__ import annotations

import numpy as np
import pytest

from vivavoce.errors import InputError
from vivavoce.panel.vectors import hashed
from vivavoce.studies.embedding import open_embedder


async def test_hashing_is_there_always_and_says_that_it_is_weak() -> None:
    embedder = open_embedder("hashing")
    texts = ["The invoice is late", ""]
    assert np.array_equal(await embedder.embed(texts), hashed(texts))
    assert embedder.weak
    assert embedder.size == hashed([]).shape[1]
    await embedder.close()


@pytest.mark.parametrize("name", ["", "bert", "openai:", "openai: ", "MiniLM", "minilm:6"])
def test_names_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(InputError, match='want "minilm", "hashing" or "openai:MODEL" as an embedder'):
        open_embedder(name)

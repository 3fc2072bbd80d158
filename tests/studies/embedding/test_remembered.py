from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tests.studies.embedding.counting import Counting
from vivavoce.panel.vectors import hashed
from vivavoce.studies.embedding import remembered as module
from vivavoce.studies.embedding.remembered import Remembered


async def test_no_text_is_embedded_twice_not_even_at_the_same_time() -> None:
    counting = Counting()
    embedder = Remembered(counting)
    one, two = await asyncio.gather(embedder.embed(["late", "late", "early"]), embedder.embed(["early", "never"]))
    assert sorted(counting.asked) == ["early", "late", "never"]
    assert np.array_equal(one, hashed(["late", "late", "early"]))
    assert np.array_equal(two, hashed(["early", "never"]))
    assert (await embedder.embed([])).shape == (0, 1024)
    await embedder.close()
    assert counting.closed


async def test_what_is_kept_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    embedder = Remembered(Counting())
    await embedder.embed(["a", "b", "c"])
    found = await embedder.by_text(["c", "d"])
    assert len(embedder._vectors) <= 3
    assert np.array_equal(found["c"], hashed(["c"])[0])

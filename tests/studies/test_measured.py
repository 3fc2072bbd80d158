"""A study whose texts were embedded by what somebody measured on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.studies.asked import Surgery
from vivavoce.panel.sense import SENSES
from vivavoce.store import Store
from vivavoce.studies.embedding.hashing import HashingEmbedder
from vivavoce.studies.embedding.senses import Measured
from vivavoce.studies.port import Embedder

SENSE = Measured(
    cut=0.4, centre=0.13, width=0.1, strange=0.16, bears=0.26, measured_on="64 texts of 5 niches", date="2026-11-22"
)


class Elsewhere(HashingEmbedder):
    name = "openai:m@127.0.0.1:9"
    sense = SENSE


class WithIt(Surgery):
    def embedder(self, name: str) -> Embedder:
        return Elsewhere()


@pytest.fixture
async def surgery(tmp_path: Path) -> AsyncIterator[Surgery]:
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    surgery = WithIt(store)
    await surgery.fill()
    yield surgery
    await store.close()


async def test_its_result_says_by_which_figures(surgery: Surgery) -> None:
    study = await surgery.begin()
    await surgery.do(study.id)
    result = await surgery.studies.result(study.id)
    assert result is not None
    assert result.reproduction.embedder == Elsewhere.name not in SENSES
    assert (
        result.reproduction.versions["sense"]
        == "cut 0.4, centre 0.13, width 0.1, strange 0.16, bears 0.26"
        == SENSE.figures
    )

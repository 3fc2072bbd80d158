"""That both benches give rows."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from bench import clusters, embedding

from tests.studies.evaluation.written import tagged
from vivavoce.panel.vectors import HASHED_SIZE, hashed
from vivavoce.studies.embedding import open_embedder, weights


def test_cuts_are_compared_and_labels_looked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tagged(tmp_path)
    clusters.compare(open_embedder("hashing"), clusters.bodies(folder), draws=2)
    clusters.name_intents(open_embedder("hashing"), folder)
    said = capsys.readouterr().out
    assert said.startswith("\nhashing/1: cut 0.")
    assert "| bank-b, not tuned on |" in said
    assert "labels of 2 intents that find it" in said


def test_the_clusters_bench_gives_rows() -> None:
    (row,) = clusters.rows(brief=True)
    assert row.what == "30 texts into groups"


def test_texts_of_the_bench_are_all_different() -> None:
    some = embedding.texts(100, 3)
    assert len(set(some)) == 100
    assert hashed(some).shape == (100, HASHED_SIZE)
    assert np.isfinite(hashed(some)).all()


@pytest.mark.slow
@pytest.mark.skipif(find_spec(weights.PACKAGE) is None, reason="the weights are not installed")
def test_the_embedding_bench_gives_rows() -> None:
    found = embedding.rows(brief=True)
    assert [row.least for row in found] == [50, None, None, None]
    assert all(row.value > 0 for row in found)

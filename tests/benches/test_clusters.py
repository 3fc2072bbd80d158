"""What groups are compared with tags by, and that both benches give rows."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from bench import clusters, embedding

from vivavoce.panel.vectors import HASHED_SIZE, hashed
from vivavoce.studies.embedding import open_embedder, weights

TAGS = [frozenset({"late"}), frozenset({"late", "fee"}), frozenset({"fee"}), frozenset({"export"})]


def test_texts_are_alike_that_share_a_tag() -> None:
    assert clusters.alike(TAGS).astype(int).tolist() == [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]]


def test_groups_that_are_the_tags_fit_wholly_and_others_by_chance() -> None:
    same = clusters.alike([frozenset({tag}) for tag in "aabb"])
    assert clusters.fit([[0, 1], [2, 3]], same) == clusters.Fit(1.0, 1.0, 1.0, 0.5)
    assert clusters.fit([[0], [1], [2], [3]], same).kappa == 0.0, "each alone"
    assert clusters.fit([[0, 1, 2, 3]], same).kappa == pytest.approx(0.0), "all in one"
    crossed = clusters.fit([[0, 2], [1, 3]], same)
    assert crossed.kappa == pytest.approx(-0.5)
    assert (crossed.pure, crossed.found, crossed.groups) == (0.0, 0.0, 0.5)


def written(folder: Path) -> Path:
    """Questions of two intents and wishes of two parts of a home, in the columns of the real files."""
    late = [f"my card is late, day {day}" for day in range(8)]
    lost = [f"I lost the phone, number {day}" for day in range(8)]
    questions = [("late_card", text) for text in late] + [("lost_phone", text) for text in lost]
    lines = [f'banking77,bank,{tags},"{text}"' for tags, text in questions] + ["mams,restaurants,food:neg,cold soup"]
    (folder / "insights.csv").write_text("source,niche,tags,text\n" + "\n".join(lines) + "\n")
    wishes = [f'{part},light;warm,"a warm light in room {room}"' for part in ("health", "other") for room in range(8)]
    (folder / "crowdre_goals.csv").write_text("niche,tags,text\n" + "\n".join(wishes) + "\n")
    return folder


def test_niches_are_in_halves_that_share_no_intent(tmp_path: Path) -> None:
    found = clusters.bodies(written(tmp_path))
    assert [(body.name, body.tuned_on, len(body.texts)) for body in found] == [
        ("bank-a", True, 8),
        ("bank-b", False, 8),
        ("health", True, 8),
        ("other", False, 8),
    ]
    assert not set().union(*found[0].tags) & set().union(*found[1].tags)


def test_cuts_are_compared_and_labels_looked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path)
    clusters.compare(open_embedder("hashing"), clusters.bodies(folder), draws=2)
    clusters.name_intents(open_embedder("hashing"), folder)
    said = capsys.readouterr().out
    assert said.startswith("\nhashing/1: cut 0.")
    assert "| bank-b, not tuned on |" in said
    assert "| labels | 2 |" in said


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

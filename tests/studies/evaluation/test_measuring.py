"""What near means to an embedder, measured on a few texts written for it; and what keeps a figure from being made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.studies.evaluation.written import tagged, write
from vivavoce.errors import InputError
from vivavoce.panel.vectors import unit
from vivavoce.studies.embedding.hashing import HashingEmbedder
from vivavoce.studies.evaluation import cuts, labelled, nearness
from vivavoce.studies.evaluation.measuring import Measurement, measure
from vivavoce.studies.evaluation.tagged import for_cuts, for_pairs
from vivavoce.studies.port import Embedder, Vectors

pytestmark = pytest.mark.usefixtures("_few_draws")
COLUMNS = ["id", "source", "niche", "kind", "polarity", "tags", "text"]


@pytest.fixture
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuts, "DRAWS", 2)


class Some:
    """An embedder of a service, which nobody has measured."""

    name = "openai:m@127.0.0.1:9"
    size = 4
    weak = False
    sense = None

    def __init__(self, vector: Callable[[str], list[float]]) -> None:
        self._vector = vector

    async def embed(self, texts: Sequence[str]) -> Vectors:
        return unit(np.array([self._vector(text) for text in texts]))

    async def close(self) -> None: ...


def by_number(text: str) -> list[float]:
    """Near are texts whose numbers are, of which no two have the same tag and the same number."""
    return [2.0 ** -((int(text.split()[-1]) - at) ** 2) for at in range(8)]


async def measured(folder: Path, embedder: Embedder, told: list[float] | None = None) -> Measurement:
    def tell(_doing: str, share: float) -> None:
        if told is not None:
            told.append(share)

    return await measure(folder, embedder, seed="m", date="2026-11-22", tell=tell)


async def test_figures_of_an_embedder(tmp_path: Path) -> None:
    told: list[float] = []
    found = await measured(tagged(tmp_path), HashingEmbedder(), told)
    assert found.embedder == "hashing/1"
    assert 0 < found.sense.cut < 1
    assert 0 < found.sense.strange < found.sense.bears < 1
    assert found.kappa > 0
    told_of = {each.body: each.tuned_on for each in found.told}
    assert told_of == {"home-health": True, "home-other": False, "restaurants": True}, (
        "a bank's halves are one intent each"
    )
    assert found.sense.measured_on.startswith("64 texts of 5 niches, SHA-256 ")
    assert found.sense.date == "2026-11-22"
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert found == await measured(tmp_path, HashingEmbedder()), "the same again"


def test_niches_are_in_halves_that_share_no_intent(tmp_path: Path) -> None:
    rows = labelled.load(tagged(tmp_path))
    found = for_cuts(rows)
    assert [(body.name, body.tuned_on, len(body.texts)) for body in found] == [
        ("bank-a", True, 8),
        ("bank-b", False, 8),
        ("home-health", True, 16),
        ("home-other", False, 16),
    ]
    assert not set().union(*found[0].tags) & set().union(*found[1].tags)
    assert [body.name for body in for_pairs(rows)] == ["bank-a", "bank-b", "home-health", "home-other", "restaurants"]
    assert set().union(*for_pairs(rows)[4].tags) == {"food", "staff"}, "what they felt is no tag"


@pytest.mark.parametrize(
    ("vector", "problem"),
    [
        (lambda text: [1.0, 0.0, 0.0, 0.0], "want texts that an embedder tells apart by degree"),
        (
            by_number,
            "are nearer than others, got none",
        ),
    ],
)
async def test_an_embedder_that_tells_nothing_gets_no_figures(
    tmp_path: Path, vector: Callable[[str], list[float]], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        await measured(tagged(tmp_path), Some(vector))


@pytest.mark.parametrize(
    ("without", "problem"),
    [
        ({"banking77", "crowdre"}, "want questions .* or goals .* got neither"),
        ({"mams", "banking77"}, "want tagged texts of two niches"),
    ],
)
async def test_too_little_is_said(tmp_path: Path, without: set[str], problem: str) -> None:
    tagged(tmp_path)
    rows = labelled.load(tmp_path)
    for name, sources in (("insights.csv", {"banking77", "mams"}), ("crowdre_goals.csv", {"crowdre"})):
        kept = [
            {"id": each.id, "source": each.source, "niche": f"home-{each.niche}", "tags": each.tags, "text": each.text,
             "kind": "", "polarity": ""}
            for each in rows if each.source in sources - without
        ]  # fmt: skip
        write(tmp_path / name, COLUMNS, kept)
    with pytest.raises(InputError, match=problem):
        await measured(tmp_path, HashingEmbedder())


async def test_groups_that_are_like_tags_by_chance_only_make_no_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuts, "fit", lambda groups, same: cuts.Fit(0.0, 0.5, 0.5, 0.5))
    with pytest.raises(InputError, match="want an embedder whose groups are like what people tagged, got 'hashing/1'"):
        await measured(tagged(tmp_path), HashingEmbedder())


async def test_figures_that_part_nothing_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearness, "strangers", lambda bodies, vectors: np.full(9, 0.5, np.float32))
    with pytest.raises(InputError, match="want figures by which texts can be told apart, got 'hashing/1' with others"):
        await measured(tagged(tmp_path), HashingEmbedder())

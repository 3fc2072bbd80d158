from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.studies.evaluation.written import COLUMNS, folder, insights, write
from vivavoce.errors import InputError
from vivavoce.panel.reading import NICHES
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.evaluation import Evaluation, Measure, evaluate, labelled, words


async def evaluated(path: Path, *, seed: int = 1) -> Evaluation:
    return await evaluate(path, open_embedder("hashing"), seed=seed)


def one(found: Evaluation, part: str, of: str) -> Measure:
    (measure,) = (each for each in found.measures if (each.part, each.of) == (part, of))
    return measure


async def test_every_part_is_measured_with_an_interval(tmp_path: Path) -> None:
    found = await evaluated(folder(tmp_path))
    assert {each.part for each in found.measures} == {"niche", "kind", "sentiment", "flags", "groups", "richness"}
    for each in found.measures:
        assert 0.0 <= each.low <= each.value <= each.high <= 1.0, each
    assert one(found, "niche", "restaurants").value == 1.0
    assert one(found, "sentiment", "disliked, mams").value == 1.0
    assert one(found, "kind", "question, banking77").coverage == 1.0
    assert one(found, "flags", "instructions").value == 0.0
    richest = one(found, "richness", "panels from 150 reviews of an app")
    assert richest.value > 0.0 == richest.floors["nobody asked"]


async def test_floors_stand_beside(tmp_path: Path) -> None:
    found = await evaluated(folder(tmp_path))
    everything = one(found, "niche", "all texts")
    assert everything.floors["drawn"] == 1 / 16
    assert 0.4 < everything.floors["commonest"] < 0.6  # banking is half of what has been written
    assert one(found, "niche", "mean of 3 classes").floors["commonest"] == pytest.approx(1 / 3)


async def test_groups_are_measured_on_tags_the_cut_was_not_chosen_by(tmp_path: Path) -> None:
    found = await evaluated(folder(tmp_path))
    (purity,) = (each for each in found.measures if each.of.startswith("banking questions"))
    assert purity.of.startswith("banking questions by intent, 3;")
    assert purity.floors["one group"] == pytest.approx(1 / 3)
    assert purity.floors["one group"] < purity.floors["same sizes"] < purity.value - 0.1


async def test_the_same_seed_is_the_same_bytes(tmp_path: Path) -> None:
    folder(tmp_path)
    assert msgspec.json.encode(await evaluated(tmp_path)) == msgspec.json.encode(await evaluated(tmp_path))


async def test_what_is_not_in_the_data_is_said(tmp_path: Path) -> None:
    folder(tmp_path)
    rows = insights(12)
    rows[0]["niche"] = "falconry"
    write(tmp_path / "insights.csv", COLUMNS, rows)
    notes = "\n".join((await evaluated(tmp_path)).notes)
    assert notes.startswith("3 of our 16 niches")
    assert "falconry" in notes
    assert "travel" in notes


async def test_no_text_is_in_what_comes_out(tmp_path: Path) -> None:
    found = msgspec.json.encode(await evaluated(folder(tmp_path))).decode()
    assert [text for text in ("delicious", "waiter", "lamp") if text in found] == []


def test_halves_are_by_person_where_there_is_one(tmp_path: Path) -> None:
    rows = labelled.load(folder(tmp_path, times=40))
    goals = [each for each in rows if each.source == "crowdre"]
    sides = {each.id: each.held for each in goals}
    assert all(sides[f"g{number}"] == sides[f"g{number % 5}"] for number in range(40))
    assert 0.3 < sum(each.held for each in rows) / len(rows) < 0.7


def test_an_app_is_read_without_its_name_too(tmp_path: Path) -> None:
    rows = [
        labelled.Labelled(
            id=str(number), source="is22", niche="app-ebay", kind="pain", polarity="negative", tags="", held=True,
            text="I never use Ebay",
        )
        for number in range(5)
    ]  # fmt: skip
    named, unnamed = (each for each in words.measure_words(rows, [], 1) if each.of.startswith("apps"))
    assert (named.value, named.coverage) == (1.0, 1.0)
    assert unnamed.coverage == 0.0


def test_every_niche_of_the_data_stands_for_one_of_ours() -> None:
    assert set(labelled.NICHES.values()) <= NICHES.keys()


@pytest.mark.parametrize("file", ["insights.csv", "crowdre_goals.csv", "app_reviews_raw.csv"])
async def test_a_missing_file_is_named(tmp_path: Path, file: str) -> None:
    folder(tmp_path).joinpath(file).unlink()
    with pytest.raises(InputError, match=f"want {file} in the folder"):
        await evaluated(tmp_path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "want columns id, kind, niche, polarity, source, tags, text"),
        (b"id,text\n1,secret\n", "kind, niche, polarity, source, tags missing"),
        (b"id,source,niche,kind,polarity,tags,text\n,x,x,x,x,x,secret\n", "want an id and a text"),
        (b"id,source,niche,kind,polarity,tags,text\n1,x\n", "want an id and a text"),
        (b"id,source,niche,kind,polarity,tags,text\n1,x,x,x,x,x,\xff\xfe\n", "UTF-8"),
        (b'id,source,niche,kind,polarity,tags,text\n1,x,x,x,x,x,"' + b"a" * 1_000_001 + b'"\n', "as CSV"),
    ],
)
async def test_a_file_of_another_shape_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    folder(tmp_path).joinpath("insights.csv").write_bytes(content)
    with pytest.raises(InputError, match=problem) as raised:
        await evaluated(tmp_path)
    assert "secret" not in str(raised.value)

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from bench import panels

from tests.panel.bodies import PAINS, WISHES
from vivavoce.studies.embedding.hashing import HashingEmbedder

ROOT = Path(__file__).parent.parent.parent
COLUMNS = ["id", "source", "niche", "kind", "text", "person"]


async def test_each_niche_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [*(("pain", text) for text in PAINS.values()), *(("goal", text) for text in WISHES.values())]
    for name, niche in (("insights.csv", "invoicing"), ("crowdre_goals.csv", "pets")):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as lines:
            table = csv.DictWriter(lines, COLUMNS)
            table.writeheader()
            for number, (kind, text) in enumerate(texts):
                table.writerow(dict(zip(COLUMNS, [number, niche, niche, kind, text, f"p{number}"], strict=True)))
    file = ROOT / "examples" / "insights" / "bookkeeping.csv"
    await panels.by_niche(panels.labelled(tmp_path) | {"file": await panels.harvested(file)}, HashingEmbedder())
    said = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in said[2:]] == ["| invoicing", "| pets", "| file"]
    assert said[4].split(" | ")[1] == "60"
    assert said[2].split(" | ")[1:3] == ["14", "14"]
    assert said[2].endswith("| thin |")

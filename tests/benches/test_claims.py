from __future__ import annotations

import csv
from pathlib import Path

import bench.claims.__main__ as claims
import pytest
from bench.claims.__main__ import ABOUT, ASPECTS, OTHERS, measured


def test_every_claim_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "DRAWS", 1)
    rows = [
        (f"{aspect}:{felt}", f"The {aspect} {said}.")
        for aspect in ASPECTS
        for felt, said in (("pos", "is great and we loved it"), ("neg", "is bad, awful and slow"))
        for _ in range(ABOUT)
    ]
    rows += [("place:neu", "It stands at a corner.") for _ in range(OTHERS)]
    with (tmp_path / "insights.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "source", "tags", "text"])
        table.writerows([(f"m{at}", "mams", tags, text) for at, (tags, text) in enumerate(rows)])
    head, *lines = measured(tmp_path, "hashing", 1)
    assert head.startswith(f"hashing/1: {len(rows)} sentences on 6 aspects")
    shares: list[float] = []
    for line in lines:
        if line.startswith("    "):
            shares[-1] += float(line.split("%")[0].split()[-1])
        else:
            shares.append(0.0)
    assert shares == pytest.approx([100.0] * 3, abs=0.3)
    assert f"({4 * len(ASPECTS)})" in lines[1]  # two claims of each aspect, for both feelings
    assert list(measured(tmp_path, "hashing", 1)) == [head, *lines]

"""Fitting the packaged weights anew, on made-up headlines and into a made-up source tree."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from tests.studies.calibration import outcomes
from vivavoce.errors import InputError
from vivavoce.panel import headlines
from vivavoce.panel.headlines.model import MODEL, NEAR, Model
from vivavoce.panel.headlines.style import STYLE
from vivavoce.studies.calibration import foretelling, refit


def test_weights_say_where_they_are_from_and_what_they_learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refit, "RIDGE", 30.0)
    monkeypatch.setattr(foretelling, "RIDGES", (30.0, 300.0))
    outcomes.clicks(tmp_path)
    model = asyncio.run(refit.refit(tmp_path, outcomes.Letters(), seed=1, day="2026-11-22"))
    assert model.style.weights["ends_question"] < 0, "a question costs clicks here"
    assert tuple(model.full.weights) == (*STYLE, *NEAR)
    assert (model.provenance.rows, model.provenance.groups) == (90, 29), "two stories said nearly the same"
    assert model.provenance.embedder == "letters/1"
    assert model.style.right.value > 0.9
    bands = [each.band for each in model.style.coverage]
    assert bands[0].least == 0.5, "from even on, and to the end"
    assert bands[-1].below == 1
    assert model.style.ece.low <= model.style.ece.value <= model.style.ece.high
    assert any("most of all" in line for line in refit.changed(model))


def test_they_are_written_into_a_source_tree_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "src" / "vivavoce"
    (package / "panel" / "data").mkdir(parents=True)
    (package / "panel" / "headlines").mkdir()
    monkeypatch.setattr(headlines, "__file__", str(package / "panel" / "headlines" / "__init__.py"))
    with pytest.raises(InputError, match="source tree"):
        refit.write(MODEL)
    (tmp_path / "pyproject.toml").touch()
    path = refit.write(MODEL)
    assert msgspec.json.decode(path.read_bytes(), type=Model) == MODEL

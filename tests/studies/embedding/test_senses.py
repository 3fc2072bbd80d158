"""Figures of embedders in a file: read strictly, written whole, and asked for where there are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vivavoce.errors import InputError, StoreError
from vivavoce.studies.embedding import open_embedder
from vivavoce.studies.embedding.senses import FILE, Measured, asked_as, keep, sense_of, senses

HERE = "http://127.0.0.1:9/v1"
NAME = "openai:org/m@127.0.0.1:9"
ONE = Measured(
    cut=0.6, centre=0.5, width=0.1, strange=0.4, bears=0.55, measured_on="48 texts of 5 niches", date="2026-11-22"
)
FIGURES: dict[str, Any] = {
    "cut": 0.6, "centre": 0.5, "width": 0.1, "strange": 0.4, "bears": 0.55, "measured_on": "x", "date": "2026-11-22"
}  # fmt: skip


def test_what_was_kept_is_there_again_beside_others(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert senses(folder) == {}
    keep(folder, NAME, ONE)
    keep(folder, "openai:other", ONE)
    assert senses(folder) == {NAME: ONE, "openai:other": ONE}
    assert [path.name for path in folder.iterdir()] == [FILE], "nothing half written is left"


def test_an_embedder_has_the_figures_of_its_whole_name(tmp_path: Path) -> None:
    known = {NAME: ONE}
    assert sense_of(open_embedder("openai:org/m", base_url=HERE, senses=known)) == ONE
    elsewhere = open_embedder("openai:org/m", base_url="http://127.0.0.1:8/v1", senses=known)
    with pytest.raises(InputError, match="viva insights measure --embedder openai:org/m --data DIR"):
        sense_of(elsewhere)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("minilm/1", "minilm"), ("hashing/1", "hashing"), (NAME, "openai:org/m"), ("openai:m", "openai:m")],
)
def test_what_an_embedder_is_asked_for_by(name: str, asked: str) -> None:
    assert asked_as(name) == asked


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        {NAME: {"cut": 0.5}},
        {NAME: {**FIGURES, "cut": "0.6"}},
        {NAME: {**FIGURES, "cut": 1.5}},
        {NAME: {**FIGURES, "bears": 0.3}},
        {NAME: {**FIGURES, "middle": 0.3}},
        {NAME: {**FIGURES, "date": "today"}},
        {"minilm/1": FIGURES},
    ],
)
def test_a_file_with_something_else_is_refused_and_not_written_over(tmp_path: Path, content: Any) -> None:
    written = content if isinstance(content, bytes) else json.dumps(content).encode()
    (tmp_path / FILE).write_bytes(written)
    with pytest.raises(InputError, match=r"want (figures|other embedders)"):
        senses(tmp_path)
    with pytest.raises(InputError):
        keep(tmp_path, NAME, ONE)
    assert (tmp_path / FILE).read_bytes() == written


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises((StoreError, InputError), match=FILE):
        keep(tmp_path / "data", NAME, ONE)

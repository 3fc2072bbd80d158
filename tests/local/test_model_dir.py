"""Directories of models: recognised by what is in them, and never fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from vivavoce.errors import InputError, MissingError
from vivavoce.local.model_dir import Layout, open_directory, recognise

PAIR = Layout("pair", "duo", "json", {"left": ["l*.int8.bin", "l*.bin"], "right": ["r.bin"]})
LONE = Layout("lone", "solo", "no_such_module", {"all": ["all.bin"]})


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


@pytest.mark.parametrize("name", ["small.en", "someone/small", "./nothing/here"])
def test_a_name_is_refused_because_it_means_a_download(name: str) -> None:
    with pytest.raises(InputError, match=r"want a directory with a model, got .* a name would mean a download"):
        open_directory(name)


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="got the file"):
        open_directory(fill(tmp_path, "model.bin") / "model.bin")


def test_the_best_file_of_every_part_is_taken(tmp_path: Path) -> None:
    layout, files = recognise(fill(tmp_path, "l2.bin", "l1.bin", "r.bin"), [LONE, PAIR])
    assert (layout, files) == (PAIR, {"left": tmp_path / "l1.bin", "right": tmp_path / "r.bin"})
    _, files = recognise(fill(tmp_path, "lx.int8.bin"), [PAIR])
    assert files["left"].name == "lx.int8.bin"


def test_a_directory_of_that_name_is_no_file(tmp_path: Path) -> None:
    fill(tmp_path, "l.bin", "r.bin/inside")
    with pytest.raises(InputError):
        recognise(tmp_path, [PAIR])


def test_what_was_looked_for_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"one of pair \(l\*\.bin, r\.bin\); lone \(all\.bin\); got 'odd' with none"):
        recognise(fill(tmp_path / "odd", "readme.txt"), [PAIR, LONE])


def test_a_missing_package_is_told_with_its_extra(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="want the extra `solo` for the lone model") as raised:
        recognise(fill(tmp_path, "all.bin"), [LONE])
    assert "vivavoce[solo]" in raised.value.remedy

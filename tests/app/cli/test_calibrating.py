"""`viva calibrate`: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

from tests.app.cli.conftest import Shell
from tests.studies.calibration import outcomes


def test_tables_documents_and_a_page(shell: Shell, tmp_path: Path) -> None:
    outcomes.cars(tmp_path)
    data = ("calibrate", "--data", str(tmp_path), "--embedder", "hashing", "--task", "cars")
    page = tmp_path / "page.html"
    ran = shell(*data, "--out", str(page))
    assert ran.code == 0, ran.err
    assert "which of three cars somebody chooses" in ran.out
    assert "floor" in ran.out
    html = page.read_text()
    assert "<script" not in html
    assert "What to doubt" in html
    document = json.loads(shell(*data, "--json").out)
    assert document["tasks"][0]["name"] == "cars"
    text = shell(*data, "--markdown").out
    assert "| number set before | task | came |" in text
    assert "### cars: which of three cars" in text


def test_what_is_not_there(shell: Shell, tmp_path: Path) -> None:
    for arguments, says in (
        (("--data", str(tmp_path)), "something to measure on"),
        (("--data", str(tmp_path), "--task", "cars"), "conjoint_cars_us.csv"),
        (("--data", str(tmp_path / "nowhere")), "folder of data"),
        ((), "neither a folder nor surveys"),
        (("--refit",), "--data"),
    ):
        ran = shell("calibrate", "--embedder", "hashing", *arguments)
        assert ran.code != 0
        assert ran.out == ""
        assert says in ran.err

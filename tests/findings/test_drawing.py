"""Charts are drawn beside the process that wants them, and a renderer that dies takes nothing with it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.findings.test_charts import every
from vivavoce.errors import MissingError
from vivavoce.findings import charts, drawing


def test_another_process_draws_the_same() -> None:
    pytest.importorskip("vl_convert")
    wanted = {str(at): chart for at, chart in enumerate(every()[:2])}
    assert drawing.draw(wanted) == {name: charts.drawn(chart) for name, chart in wanted.items()}


@pytest.mark.parametrize("does", ["exit 1", "echo no", "kill -9 $$", "sleep 5"])
def test_a_renderer_that_fails_leaves_the_tables(does: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("vl_convert")
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(MissingError, match="The tables have all figures"):
        drawing.draw({"a": {}}, within_s=0.3)
    assert drawing.draw({}) == {}, "nobody is asked for nothing"


def test_without_the_renderer_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingError, match=r"vivavoce\[report\]"):
        drawing.draw({"a": {}})

"""The page of a calibration and its charts."""

from __future__ import annotations

import pytest

from vivavoce.findings.calibration_page import charts_of, render_calibration
from vivavoce.findings.calibration_pdf import typeset_calibration
from vivavoce.findings.charts import drawn
from vivavoce.panel.calibration.chances import Band, Bin, Coverage
from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration.outcome import Calibration, Column, Goal, Row, Task, exactly, other

TASK = Task(
    name="made-up",
    asks="which <b>one</b> it is",
    counts={"pairs": 1_234},
    split="by group",
    interval="groups drawn",
    columns=(Column("right", "percent"), Column("gain", "points")),
    floor="guess",
    ceiling="people",
    rows=(
        Row(who="guess", role="control", figures={"right": exactly(0.5)}),
        Row(who="we (ours)", role="model", figures={"right": Share(0.7, 0.6, 0.8), "gain": Share(0.2, 0.1, 0.3)}),
        Row(who="people", role="people", figures={"right": exactly(0.9)}),
        Row(who="without it", role="ablation", figures={"right": Share(0.6, 0.5, 0.7), "lost": Share(0.1, 0, 0.2)}),
        Row(who="garden", role="niche", figures={"right": exactly(0.7)}, floor=exactly(0.41), ceiling=exactly(0.83)),
        other("ECE", exactly(0.01), floor=exactly(0.0), drawn="deals"),
    ),
    reliability=(Bin(0.55, Share(0.5, 0.3, 0.7), 10), Bin(0.7, Share(0.72, 0.5, 0.9), 10)),
    coverage=(
        Coverage(
            sure=0.5,
            answers=1.0,
            right=Share(0.6, 0.5, 0.7),
            clear=Share(0.7, 0.6, 0.8),
            band=Band(least=0.5, below=1.0, count=10, right=Share(0.6, 0.5, 0.7)),
        ),
    ),
    leaks={"texts on both sides": 0},
    goals=(Goal(wanted="more", came="less", met=False), Goal(wanted="some", came="some", met=True, sure=False)),
    doubts=("It is made up.",),
)
FOUND = Calibration(
    seed=9, embedder="minilm/1", version="1", machine="m", day="2026-11-22", tasks=(TASK,), not_run={"other": "no file"}
)


def test_the_page_shows_figures_floor_ceiling_and_doubts_and_escapes() -> None:
    html = render_calibration(FOUND)
    for said in (
        "70.0 [60.0, 80.0]",
        "+20.0 [+10.0, +30.0]",
        "50.0",
        "90.0",
        "It is made up.",
        "not reached",
        "as a point value",
        "floor: guess",
        "41.0",
        "83.0",
        "ECE (drawn: deals)",
        "no file",
    ):
        assert said in html
    assert "<b>one</b>" not in html
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html


def test_charts_are_drawn_and_paper_is_set() -> None:
    pytest.importorskip("vl_convert")
    pytest.importorskip("typst")
    assert [drawn(each)[:4] for _, each in charts_of(TASK)] == ["<svg", "<svg"]
    pdf = typeset_calibration(FOUND)
    assert pdf.startswith(b"%PDF")
    assert typeset_calibration(FOUND) == pdf

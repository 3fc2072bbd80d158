"""`viva calibrate --pdf`: the tables and charts of a calibration, set by Typst."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from vivavoce.errors import MissingError
from vivavoce.findings.calibration_page import charts_of
from vivavoce.findings.charts import REMEDY, drawn
from vivavoce.findings.report import part
from vivavoce.studies.calibration import tables
from vivavoce.studies.calibration.outcome import Calibration, Task


def typeset_calibration(found: Calibration) -> bytes:
    """The PDF; the same calibration gives the same bytes, as long as the same fonts are installed.

    Raises:
        MissingError: the typesetter or the renderer of charts is not installed.
    """
    try:
        import typst
    except ImportError:
        raise MissingError("a PDF wants typst", remedy=REMEDY) from None
    body = {
        "about": f"vivavoce {found.version}, {found.embedder}, seed {found.seed}, {found.day}, {found.machine}",
        "goals": [
            {
                "task": task.name,
                "wanted": goal.wanted,
                "came": goal.came,
                "word": goal.word,
            }
            for task in found.tasks
            for goal in task.goals
        ],
        "tasks": [_task(task) for task in found.tasks],
    }
    made = datetime.strptime(found.day or "1970-01-01", "%Y-%m-%d").replace(tzinfo=UTC)
    pdf = typst.Compiler(
        part("calibration.typ").encode(), sys_inputs={"report": msgspec.json.encode(body).decode()}
    ).compile(format="pdf", timestamp=int(made.timestamp()))
    assert isinstance(pdf, bytes), "one document, not one a page"
    return pdf


def _task(task: Task) -> dict[str, Any]:
    return {
        "asks": task.asks[:1].upper() + task.asks[1:],
        "about": f"{task.name}: {tables.counted(task)}. Split: {task.split}. Interval: {task.interval}.",
        "tables": [{"says": each.says, "head": each.head, "rows": each.rows} for each in tables.grids(task)],
        # the typesetter knows no "sans-serif"
        "charts": [
            {"says": says, "svg": drawn(each).replace('font-family="sans-serif"', 'font-family="DejaVu Sans"')}
            for says, each in charts_of(task)
        ],
        "doubts": list(task.doubts),
    }

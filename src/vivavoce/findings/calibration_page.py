"""`viva calibrate --out`: the tables of a calibration, whether chances come true, and what silence wins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from vivavoce.errors import MissingError
from vivavoce.findings.charts import VOICES, Chart, chart, drawn
from vivavoce.findings.report import digest, environment, part
from vivavoce.panel.calibration.chances import Bin, Coverage
from vivavoce.studies.calibration import tables
from vivavoce.studies.calibration.outcome import Calibration, Task


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A task as the page has it."""

    it: Task
    counted: str
    main: list[tables.Grid]
    """Who was measured; empty or one."""
    more: list[tables.Grid]
    charts: list[tuple[str, Any]]
    """What it says, and the drawing."""


def render_calibration(found: Calibration) -> str:
    """A whole HTML document; without charts where the renderer is not installed."""
    style = part("palette.css") + part("charts.css") + part("calibration.css")
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest(style)}'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return (
        environment()
        .get_template("calibration.html.j2")
        .render(
            found=found,
            policy=policy,
            style=Markup(style),  # noqa: S704  # packaged files, not input; their hash is in the policy
            goals=[(task.name, goal) for task in found.tasks for goal in task.goals],
            tasks=[_shown(task) for task in found.tasks],
        )
    )


def charts_of(task: Task) -> list[tuple[str, Chart]]:
    """What each chart says, and the chart; none where nothing was said as a chance."""
    made: list[tuple[str, Chart]] = []
    if task.reliability:
        made.append(
            (
                "Chances that were said, and how often it was so. On the line, they are honest.",
                reliable(task.reliability),
            )
        )
    if task.coverage:
        made.append(
            (
                "What is right by how much is answered: who answers only when sure is right more often.",
                covered(task.coverage),
            )
        )
    return made


def reliable(bins: Sequence[Bin]) -> Chart:
    """Chances said against what came."""
    axes = {
        name: {
            "field": name,
            "type": "quantitative",
            "title": title,
            "scale": {"domain": [0.45, 0.85]},
            "axis": {"format": ".0%"},
        }
        for name, title in (("said", "chance that was said"), ("came", "how often it was so"))
    }
    encoding = {"x": axes["said"], "y": axes["came"]}
    return chart(
        "Reliability: chance said and share that came, in bins",
        height=260,
        width=340,
        layer=[
            {
                "data": {"values": [{"said": 0.45, "came": 0.45}, {"said": 0.85, "came": 0.85}]},
                "mark": {"type": "line", "stroke": VOICES[1], "strokeDash": [4, 4]},
                "encoding": encoding,
            },
            {
                "data": {"values": [{"said": each.said, "came": each.came.value} for each in bins]},
                "mark": {"type": "point", "filled": True, "fill": VOICES[0], "size": 70, "opacity": 1, "clip": True},
                "encoding": encoding,
            },
        ],
    )


def covered(points: Sequence[Coverage]) -> Chart:
    """Accuracy against coverage, of clear pairs and of all."""
    rows = [
        {"answers": each.answers, "right": share.value, "low": share.low, "high": share.high, "of": of}
        for each in points
        for of, share in (("clear pairs", each.clear), ("all pairs", each.right))
    ]
    colour = {
        "field": "of",
        "type": "nominal",
        "scale": {"domain": ["clear pairs", "all pairs"], "range": [VOICES[0], VOICES[1]]},
        "legend": {"title": None, "orient": "top"},
    }
    x = {
        "field": "answers",
        "type": "quantitative",
        "title": "share of pairs that is answered",
        "axis": {"format": ".0%"},
    }
    y = {
        "field": "right",
        "type": "quantitative",
        "title": "right",
        "scale": {"domain": [0.5, 1]},
        "axis": {"format": ".0%"},
    }
    return chart(
        "Accuracy by coverage, with 95 % intervals",
        data=rows,
        height=260,
        layer=[
            {
                "mark": {"type": "rule", "opacity": 0.4},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour},
            },
            {"mark": {"type": "line", "point": True, "strokeWidth": 2}, "encoding": {"x": x, "y": y, "color": colour}},
        ],
    )


def _shown(task: Task) -> Shown:
    grids = tables.grids(task)
    return Shown(it=task, counted=tables.counted(task), main=grids[:1], more=grids[1:], charts=_drawn(task))


def _drawn(task: Task) -> list[tuple[str, Any]]:
    try:
        # made by us, of figures alone
        return [(says, Markup(drawn(each))) for says, each in charts_of(task)]  # noqa: S704
    except MissingError:
        return []

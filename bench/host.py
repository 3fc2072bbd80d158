"""What a page of somebody else's pays for the widget in real Chromium, before a tap and after one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec

from bench.results import Row
from vivavoce.errors import MissingError

WEB = Path(__file__).parent.parent / "web"
WORK_MS = 1.0
"""Of the page's own thread, before a tap (the issue's goal)."""
SHAPES = {"/bubble": "bubble", "/inline": "inline talk"}


class Cost(msgspec.Struct, frozen=True):
    """Of one page, the median of some visits; see `web/widget/test/browser/cost.ts`."""

    work_ms: float
    idle_ms: float
    requests: float
    bytes: float
    shift: float
    long_tasks: float = msgspec.field(name="longTasks")


def rows(*, brief: bool = False) -> list[Row]:
    """
    Raises:
        MissingError: Node, Chromium or the widget's packages are not there.
    """
    command = ["node", "widget/bench/host.mjs", "--json", *(["--brief"] if brief else [])]
    done = subprocess.run(command, cwd=WEB, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError(
            f"want what a host page pays, got: {done.stderr.strip()[-300:]}",
            remedy="Run `make web`; Chromium is a Debian package.",
        )
    costs = msgspec.json.decode(done.stdout, type=dict[str, Cost])
    alone, least, tapped = costs["/without"], costs["/least"], costs["/tapped"]
    made = []
    for path, name in SHAPES.items():
        cost = costs[path]
        made += [
            Row(
                what=f"{name}: work before a tap",
                value=round(cost.work_ms - alone.work_ms, 2),
                unit="ms",
                most=WORK_MS,
                beside=round(least.work_ms - alone.work_ms, 2),
                than="an element that is one button",
            ),
            Row(what=f"{name}: work once it stands", value=round(cost.idle_ms - alone.idle_ms, 2), unit="ms"),
            Row(what=f"{name}: transferred before a tap", value=(cost.bytes - alone.bytes) / 1000, unit="kB"),
            Row(
                what=f"{name}: requests before a tap, beside the script",
                value=cost.requests - alone.requests - 1,
                unit="",
                most=0.0,
            ),
            Row(what=f"{name}: long tasks", value=cost.long_tasks - alone.long_tasks, unit="", most=0.0),
            Row(what=f"{name}: layout shift", value=cost.shift, unit="", most=0.0),
        ]
    made.append(Row(what="bubble: transferred after a tap", value=(tapped.bytes - alone.bytes) / 1000, unit="kB"))
    return made

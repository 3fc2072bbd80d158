"""The browser's sound path in real Chromium: how soon it is silent, how punctual the microphone is, what it costs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from bench.results import Row
from vivavoce.errors import MissingError

SDK = Path(__file__).parent.parent / "web" / "sdk"
SILENT_MS = 20.0
"""From the decision to silence, ramp included (the issue's goal)."""
LATE_MS = 3.0
"""p95 of capture frames, from the block of the device in which their last sample is rendered."""


def rows(*, brief: bool = False) -> list[Row]:
    """
    Raises:
        MissingError: Node, Chromium, flite or the SDK's packages are not there.
    """
    return _playback(_run("playback.mjs", "--json", *(["--brief"] if brief else []))) + _capture(
        _run("capture.mjs", "4" if brief else "20")
    )


def _run(script: str, *arguments: str) -> Any:
    command = ["node", f"bench/{script}", *arguments]
    done = subprocess.run(command, cwd=SDK, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError(
            f"want what {script} measures, got: {done.stderr.strip()[-300:]}",
            remedy="Run `make web`; Chromium and flite are Debian packages.",
        )
    return json.loads(done.stdout)


def _playback(measured: list[list[Any]]) -> list[Row]:
    made = []
    for what, unit, value, *rest in measured:
        if unit == "ms":  # p50, and what it was at most
            made.append(Row(what=f"{what}, at most", value=round(rest[0], 1), unit="ms", most=SILENT_MS))
        elif unit == "µs per quantum":
            made.append(Row(what=f"{what}, p50", value=round(value, 1), unit="µs a quantum", minor="48000" not in what))
        else:
            made.append(Row(what=what, value=round(value, 1), unit="dB", minor=True))
    return made


def _capture(measured: dict[str, Any]) -> list[Row]:
    cost, cadence = measured["cost"], measured["cadence"]
    quiet, stalled = cadence["quiet"], cadence["stalled"]
    return [
        Row(what="capture, with its detector", value=cost["capturer_us"], unit="µs a quantum"),
        Row(what="a frame after the end of its sound, p95", value=quiet["late_ms"]["p95"], unit="ms"),
        Row(
            what="after the device's block of 10 ms, p95",
            value=quiet["after_device_ms"]["p95"],
            unit="ms",
            most=LATE_MS,
        ),
        Row(
            what="after the block while the page stands still, p95",
            value=stalled["after_device_ms"]["p95"],
            unit="ms",
            most=LATE_MS,
        ),
        Row(what="breaks in the microphone's clock, page stalled", value=cadence["discontinuities"], unit="", most=0.0),
    ]

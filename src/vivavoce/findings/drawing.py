"""Charts drawn in a process of their own: `python -m vivavoce.findings.drawing svg`, documents in, drawings out.

The renderer is a whole JavaScript engine. It holds the interpreter for two seconds when it starts and for a third of a
second for each chart, and keeps 100 MB; a server that carries calls at the same time must not wait for it.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Literal, TypeAlias, TypeVar

import msgspec

from vivavoce.errors import MissingError
from vivavoce.findings.charts import REMEDY, Chart, drawn, pictured

WITHIN_S = 60.0
"""For all charts of a report; ten take five seconds on a busy machine."""
NICE = 10
"""Calls go first."""
Kind: TypeAlias = Literal["svg", "png"]
T = TypeVar("T")


def draw(charts: Mapping[str, Chart], *, within_s: float = WITHIN_S) -> dict[str, str]:
    """SVG by name. It takes its thread, a processor and 100 MB for seconds: a server draws for one reader at a time.

    Raises:
        MissingError: the renderer is not installed, or draws nothing.
    """
    return _drawn("svg", charts, dict[str, str], within_s)


def picture(charts: Mapping[str, Chart], *, within_s: float = WITHIN_S) -> dict[str, bytes]:
    """PNG by name; otherwise as `draw`."""
    return _drawn("png", charts, dict[str, bytes], within_s)


def _drawn(kind: Kind, charts: Mapping[str, Chart], answers: type[T], within_s: float) -> T:
    if importlib.util.find_spec("vl_convert") is None:
        raise MissingError("charts want vl-convert", remedy=REMEDY)
    if not charts:
        return answers()
    program = [sys.executable, "-m", "vivavoce.findings.drawing", kind]
    try:
        done = subprocess.run(  # noqa: S603  # ourselves
            program, input=msgspec.json.encode(charts), capture_output=True, timeout=within_s, check=True
        )
        return msgspec.json.decode(done.stdout, type=answers)
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError):
        remedy = "The tables have all figures; `viva study show STUDY --charts DIR` says what is wrong."
        raise MissingError("the charts could not be drawn", remedy=remedy) from None


if __name__ == "__main__":
    os.nice(NICE)
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=dict[str, Chart])
    made = {name: drawn(chart) if sys.argv[1] == "svg" else pictured(chart) for name, chart in wanted.items()}
    sys.stdout.buffer.write(msgspec.json.encode(made))

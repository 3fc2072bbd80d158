"""`report.html`: one calm page that shows what a call established, and plays the second it was said.

The page carries its own style and script and asks for nothing but the recording beside it: a content security policy
with the hashes of both says so to the browser. Every word of a caller, a name or a tool is escaped by the engine.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from vivavoce.errors import InputError
from vivavoce.findings import page, wording
from vivavoce.findings.evidence import as_text
from vivavoce.findings.record import CallRecord

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


def render_report(record: CallRecord, *, audio: str | None, waveform: Mapping[str, Any]) -> str:
    """The page of one call.

    Args:
        audio: the recording's file name relative to the page, such as "call.wav"; None when none was kept.
        waveform: {"caller": [level 0..1 ...] over the whole call, "agent": [(speaker, start_ms, end_ms) ...],
            "agent_peaks": [level 0..1 ...]}; each part may be missing.
    Returns:
        a whole HTML document; write it as UTF-8.
    Raises:
        InputError: audio is no relative file name.
    """
    if audio is not None and (_FILE_NAME.fullmatch(audio) is None or ".." in audio):
        raise InputError("want the name of a file beside the report, such as call.wav, got an address or a path")
    style, script = part("palette.css") + part("report.css"), part("report.js")
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; media-src 'self' file:; "
        f"style-src 'sha256-{digest(style)}'; script-src 'sha256-{digest(script)}'"
    )
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            page=page.build(record, waveform),
            audio=audio,
            policy=policy,
            # both are packaged files, not input; their hashes are in the policy
            style=Markup(style),  # noqa: S704
            script=Markup(script),  # noqa: S704
        )
    )


@cache
def part(name: str) -> str:
    """A packaged template, style sheet or script."""
    return (files("vivavoce.findings") / "templates" / name).read_text("utf-8")


def digest(text: str) -> str:
    """What a content security policy knows an inline style or script by."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def environment() -> Environment:
    """Where our pages are rendered: everything is escaped, nothing undefined is shown."""
    made = Environment(
        autoescape=True,
        loader=FunctionLoader(part),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "clock": wording.clock,
        "span": wording.span,
        "day": wording.day,
        "label": wording.label,
        "clean": wording.clean,
        "words": as_text,
        "figure": wording.figure,
        "near": wording.near,
        "percent": lambda share: f"{100 * share:.0f} %",
        "web": lambda text: re.match(r"https?://", text) is not None,
    }
    return made

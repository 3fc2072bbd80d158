"""The report of a study on paper: the same view as the page, set by Typst.

What people wrote goes in as one JSON document of strings; the template is packaged and never put together. The same
study gives the same bytes, as long as the same fonts are installed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from vivavoce.errors import MissingError
from vivavoce.findings.report import environment, part
from vivavoce.findings.study_record import StudyRecord
from vivavoce.findings.study_report import glyphs
from vivavoce.findings.study_report.building import build
from vivavoce.findings.study_report.figures import drawings
from vivavoce.findings.wording import clean

REMEDY = "python -m pip install 'vivavoce[report]' installs it."


class Paper(NamedTuple):
    pdf: bytes
    warnings: list[str]
    """Scripts that no installed font has, and what helps; the paper says so as well."""


def typeset_study(record: StudyRecord) -> Paper:
    """The report as PDF.

    Raises:
        MissingError: the typesetter is not installed.
    """
    typst = _typesetter()
    # charts and text come from the same extra, but a report without charts is still one
    drawn, _ = drawings(record)
    view = _cleaned(msgspec.to_builtins(build(record)))
    _mark_links(view)
    # the typesetter knows no "sans-serif"
    svgs = {name: svg.replace('font-family="sans-serif"', 'font-family="DejaVu Sans"') for name, svg in drawn.items()}
    body = {"view": view, "charts": svgs, "id": record.study.id, "missing": []}
    fonts = typst.Fonts()
    shown = msgspec.json.encode(body).decode()
    body["missing"] = warnings = glyphs.told(glyphs.missing(shown, _files(fonts)))
    ended = record.study.made_at if record.study.ended_at is None else record.study.ended_at
    pdf = typst.Compiler(
        part("study.typ").encode(),
        font_paths=fonts,
        sys_inputs={"report": msgspec.json.encode(body).decode()},
    ).compile(format="pdf", timestamp=int(ended))
    return Paper(pdf, warnings)


def _files(fonts: Any) -> list[glyphs.Font]:
    return sorted({glyphs.Font(each.path, each.index) for each in fonts.fonts() if each.path})


def _mark_links(view: dict[str, Any]) -> None:
    """Whether an address leads to the web: nothing else becomes a link."""
    web = environment().filters["web"]
    for each in (*view["cited"], *view["leads"]):
        each["web"] = web(each["url"])


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {name: _cleaned(each) for name, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list | tuple) else value


def _typesetter() -> Any:
    try:
        import typst
    except ImportError:
        raise MissingError("a PDF wants typst", remedy=REMEDY) from None
    return typst

"""What a study leaves in files: the report as a page and on paper, its charts, its ballots."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vivavoce.app.cli import output
from vivavoce.errors import StoreError

if TYPE_CHECKING:
    from vivavoce.findings.study_record import StudyRecord
    from vivavoce.store.studies import Studies


class Papers(NamedTuple):
    """Where somebody wants them; None where they do not."""

    page: Path | None = None
    pdf: Path | None = None
    charts: Path | None = None

    def __bool__(self) -> bool:
        return any(each is not None for each in self)


def write_papers(record: StudyRecord, papers: Papers) -> None:
    """Write what is wanted, and say where it is. What the PDF cannot show is said too.

    Raises:
        MissingError: a PDF or charts are wanted, and what makes them is not installed. The page needs neither.
        StoreError: something cannot be written.
    """
    if papers.page is not None:
        from vivavoce.findings.study_report import render_study

        _write(papers.page, render_study(record).encode())
    if papers.pdf is not None:
        from vivavoce.findings.study_report.pdf import typeset_study

        paper = typeset_study(record)
        _write(papers.pdf, paper.pdf)
        output.note(f"{papers.pdf}")
        for warning in paper.warnings:
            output.note(warning)
    if papers.charts is not None:
        _write_charts(record, papers.charts)


async def write_ballots(studies: Studies, study_id: str, path: Path) -> None:
    """All ballots: a table where the file's name ends in .csv, else one JSON document a line.

    Raises:
        StoreError: they cannot be written.
    """
    from vivavoce.app.ballot_files import csv_of, jsonl_of

    pieces = studies.iterate(study_id)
    texts: AsyncIterator[str] = csv_of(pieces) if path.suffix == ".csv" else jsonl_of(pieces)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as target:
            async for text in texts:
                target.write(text)
    except OSError as error:
        raise StoreError(f"the ballots cannot be written: {error.strerror}") from None
    output.note(f"{path}")


def _write_charts(record: StudyRecord, folder: Path) -> None:
    """Each chart as a Vega-Lite document, a drawing and a picture."""
    import msgspec

    from vivavoce.findings.charts import drawn, pictured
    from vivavoce.findings.study_report.figures import figures

    for each in figures(record):
        _write(folder / f"{each.name}.vl.json", msgspec.json.format(msgspec.json.encode(each.chart)))
        _write(folder / f"{each.name}.svg", drawn(each.chart).encode())
        _write(folder / f"{each.name}.png", pictured(each.chart))
    output.note(f"{folder}")


def _write(path: Path, body: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    except OSError as error:
        raise StoreError(f"the report cannot be written: {error.strerror}") from None

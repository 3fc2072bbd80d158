"""Rows of a file, one after the other from any byte on: CSV, JSON Lines, or one JSON array of objects.

However long the file is, one row of it is held at a time. A row that cannot be read is told by its line and left; what
comes after it is read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from vivavoce.studies.sources.answers import UNREADABLE
from vivavoce.studies.sources.arrays import json_rows
from vivavoce.studies.sources.layouts import Layout
from vivavoce.studies.sources.lines import Lines, Row


def rows(file: BinaryIO, layout: Layout, at: int, line: int) -> Iterator[Row]:
    """Rows from a byte on, where one begins.

    Args:
        line: the number of the line it lies in.
    """
    if layout.format == "json":
        return json_rows(file, at, line)
    lines = Lines(file, layout.encoding, at, line)
    return _csv_rows(lines, layout) if layout.format == "csv" else _jsonl_rows(lines)


def _csv_rows(lines: Lines, layout: Layout) -> Iterator[Row]:
    while True:
        at, line = lines.at, lines.line
        try:
            # it takes as many lines as the row has, and not one more
            cells = next(csv.reader(lines, delimiter=layout.delimiter, strict=True), None)
        except (ValueError, csv.Error):
            # a quote that nobody closes takes what follows along: only the line it stands in is given up
            lines.go(at, line)
            _skip(lines)
            yield Row(line, lines.at, lines.line, None)
            continue
        if cells is None:
            return
        if cells:  # an empty line is no row
            good = len(cells) <= len(layout.columns)
            yield Row(line, lines.at, lines.line, dict(zip(layout.columns, cells, strict=False)) if good else None)


def _skip(lines: Lines) -> None:
    try:
        next(lines, None)
    except ValueError:  # that it cannot be read is known
        return


def _jsonl_rows(lines: Lines) -> Iterator[Row]:
    while True:
        line = lines.line
        cells: dict[str, Any] | None = None
        try:
            text = next(lines, None)
            if text is None:
                return
            if not text.strip():
                continue
            cells = msgspec.json.decode(text, type=dict[str, Any])
        except (ValueError, *UNREADABLE):
            pass  # told as a row without cells
        yield Row(line, lines.at, lines.line, cells)

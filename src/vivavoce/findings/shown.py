"""What was on the caller's screen, brought to one shape: a table, or a text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from vivavoce.findings.record import ShownRecord
from vivavoce.findings.wording import clean, figure, label, value

MOST_ROWS = 200
"""Rows of one table that the page carries; longer ones are cut and say so."""
MISSING = "–"
_SOURCES = ("founder-said", "typed", "computed", "sourced", "customer-verified")


class Cell(msgspec.Struct, frozen=True):
    text: str
    number: bool = False
    source: bool = False
    """The cell names a source class; the page draws it as a mark."""


class Exhibit(msgspec.Struct, frozen=True):
    at_ms: int
    what: str
    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    text: str = ""
    """Where the data is no table: as it came, in readable form."""
    notes: tuple[str, ...] = ()


def exhibit(shown: ShownRecord) -> Exhibit:
    """Whatever a speaker put up, in a shape that can be drawn. Data of an unknown shape becomes text, never nothing."""
    head = Exhibit(shown.at_ms, clean(shown.what), clean(shown.title) or label(shown.what), notes=_notes(shown.data))
    data = shown.data
    if isinstance(data, Mapping) and "rows" in data:
        columns, rows = _rows(data["rows"], data.get("columns"))
    elif isinstance(data, list | tuple) and data:
        columns, rows = _rows(data, None)
    elif isinstance(data, Mapping) and data and all(not isinstance(item, Mapping | list) for item in data.values()):
        columns, rows = (), [[label(str(name)), item] for name, item in data.items()]
    else:
        return replace(head, text=_text(data))
    if not rows:
        return replace(head, text=_text(data))
    notes = head.notes
    if len(rows) > MOST_ROWS:
        notes += (f"{len(rows) - MOST_ROWS} more rows are in the record of the call.",)
    cells = _aligned([[_cell(item) for item in row] for row in rows[:MOST_ROWS]])
    return replace(head, columns=columns, rows=cells, notes=notes)


def _rows(data: Any, columns: Any) -> tuple[tuple[str, ...], list[Sequence[Any]]]:
    if not isinstance(data, list | tuple):
        return (), []
    if data and all(isinstance(row, Mapping) and "label" in row and "value" in row for row in data):
        figures = [
            (
                row["label"],
                figure(row["value"], str(row.get("unit") or ""), str(row.get("word") or "")),
                str(row.get("source") or ""),
            )
            for row in data
        ]
        return ("Figure", "Value", "Source"), [(Cell(clean(a)), Cell(b, number=True), _cell(c)) for a, b, c in figures]
    named = tuple(clean(name) for name in columns) if isinstance(columns, list | tuple) else ()
    if data and all(isinstance(row, Mapping) for row in data):
        keys = list(dict.fromkeys(key for row in data for key in row))
        return named or tuple(label(str(key)) for key in keys), [[row.get(key) for key in keys] for row in data]
    return named, [row if isinstance(row, list | tuple) else (row,) for row in data]


def _cell(item: Any) -> Cell:
    if isinstance(item, Cell):
        return item
    number = isinstance(item, int | float) and not isinstance(item, bool)
    text = MISSING if item is None else value(item)
    return Cell(text, number=number, source=text in _SOURCES)


def _aligned(rows: Sequence[Sequence[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    """The rows with what is missing in a column of numbers set as a number, so that it stands where they stand."""
    numeric = {index for row in rows for index, cell in enumerate(row) if cell.number}
    return tuple(
        tuple(
            replace(cell, number=True) if cell.text == MISSING and i in numeric else cell for i, cell in enumerate(row)
        )
        for row in rows
    )


def _notes(data: Any) -> tuple[str, ...]:
    if not isinstance(data, Mapping):
        return ()
    notes = data.get("notes")
    found = [clean(note) for note in notes] if isinstance(notes, list | tuple) else []
    sources = data.get("sources")
    if isinstance(sources, list | tuple):
        found += [f"Source: {value(source)}" for source in sources]
    return tuple(found)


def _text(data: Any) -> str:
    if data is None:
        return ""
    if isinstance(data, str):
        return clean(data)
    return clean(json.dumps(data, ensure_ascii=False, indent=2, default=str))

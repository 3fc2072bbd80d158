"""A corpus as a file for programs and for spreadsheets; the source `file` reads either again."""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from vivavoce.panel.insights import Insight, Reading
from vivavoce.store.insight_rows import Read

_READ = tuple(name for name in Reading.__struct_fields__ if name != "insight")
COLUMNS = (*Insight.__struct_fields__, *_READ, "same_as", "collected_at")
_FORMULA = re.compile(r"(?:^|(?<=[;\t\n]))(?=[=+\-@＝＋－＠\t])")
"""Where a spreadsheet would begin to run a cell. Where people write decimals with a comma it parts cells at semicolons,
also within the words of one. People's words are not to be run by whoever looks at them.
"""


class Target(Protocol):
    def write(self, text: str, /) -> object: ...


async def write_jsonl(pieces: AsyncIterator[list[Read]], target: Target) -> int:
    """One JSON object a line, words verbatim; how many."""
    written = 0
    async for piece in pieces:
        for each in piece:
            filled = {name: value for name, value in row_of(each).items() if value not in (None, "", ())}
            target.write(msgspec.json.encode(filled).decode() + "\n")
        written += len(piece)
    return written


async def write_csv(pieces: AsyncIterator[list[Read]], target: Target) -> int:
    """A table with a header; a cell that a spreadsheet would run has an apostrophe before it."""
    rows = csv.writer(target, lineterminator="\n")
    rows.writerow(COLUMNS)
    written = 0
    async for piece in pieces:
        for each in piece:
            rows.writerow([cell(value) for value in row_of(each).values()])
        written += len(piece)
    return written


WRITERS: dict[str, Callable[[AsyncIterator[list[Read]], Target], Awaitable[int]]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
}


def row_of(read: Read) -> dict[str, Any]:
    """All there is of an insight, by column; moments as ISO 8601 in UTC."""
    reading = {} if read.reading is None else msgspec.structs.asdict(read.reading)
    row = msgspec.structs.asdict(read.insight) | {name: reading.get(name) for name in _READ}
    row |= {"same_as": read.same_as, "collected_at": read.collected_at}
    for name in ("said_at", "collected_at"):
        if row[name] is not None:
            row[name] = datetime.fromtimestamp(row[name], UTC).isoformat()
    return row


def cell(value: Any) -> Any:
    """What stands in a table for a value: lists in one cell, and nothing that a spreadsheet would run."""
    if isinstance(value, (list, tuple)):
        value = ";".join(map(str, value))
    if not isinstance(value, str):
        return value
    # a carriage return alone is not put in quotes, and ends a row
    return _FORMULA.sub("'", value.replace("\r\n", "\n").replace("\r", "\n"))

"""Files: what somebody has of their customers' words, as CSV, JSON Lines or JSON, however long.

A row is known by what it says (its id, words, date and person), not by where it lies: exports that overlap merge, and
two files that both count from 1 do not get in each other's way.
"""

from __future__ import annotations

import asyncio
import hashlib
import stat
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from vivavoce.errors import InputError
from vivavoce.panel.insights import Insight
from vivavoce.panel.masking import masked
from vivavoce.studies.port import Page
from vivavoce.studies.sources.columns import MEANINGS, listed, meanings, moment, said, stars
from vivavoce.studies.sources.errors import SourceError
from vivavoce.studies.sources.layouts import layout_of
from vivavoce.studies.sources.lines import Row
from vivavoce.studies.sources.making import Pseudonym, insight
from vivavoce.studies.sources.rows import rows

PER_PAGE = 1_000
"""Rows of a page; their masking takes longer than all the rest of it."""
HEAD_BYTES = 4096
"""By which a file is known again. One that was only appended to is still the same."""
_SEARCHED_CHARS = 2_010
"""Of a group, and an address at most, searched for personal data: no longer one becomes a link, and a cell of a
megabyte takes half a minute."""
LINES_TOLD = 5
"""Rows of a file that cannot be read and are told by their line; further ones are counted together."""


class _Place(msgspec.Struct, frozen=True):
    """Where a harvest is, as its cursor says it."""

    at: int
    """The byte where the next row begins."""
    line: int
    head: str
    """What the file begins with, hashed."""
    told: int = 0
    """How many rows that cannot be read were told by their line."""


class Files:
    name = "file"

    def __init__(self, *, pseudonym: Pseudonym) -> None:
        self._pseudonym = pseudonym

    async def page(self, query: str, cursor: str | None) -> Page:
        """
        Args:
            query: path of a file that ends in .csv, .tsv, .json, .jsonl or .ndjson.
        """
        return await asyncio.to_thread(self._page, query, cursor)

    async def close(self) -> None:
        """Nothing is held between pages."""

    def _page(self, query: str, cursor: str | None) -> Page:
        path = Path(query)
        try:
            # a pipe or a device may have no end, and none is a file to come back to
            if not stat.S_ISREG(path.stat().st_mode):
                raise SourceError("file: want a file, got a folder or something else", kind="gone")
            with path.open("rb") as file:
                return self._read(file, path.name, cursor)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "no path can be this"
            raise SourceError(f"file: want a file that can be read: {why}", kind="gone") from None

    def _read(self, file: BinaryIO, name: str, cursor: str | None) -> Page:
        layout = layout_of(file, name)
        place = _Place(layout.begins, layout.line, "") if cursor is None else _read_cursor(file, cursor)
        columns = meanings(layout.columns)
        if layout.format == "csv" and "text" not in columns:
            raise _no_text(len(layout.columns))
        found: list[Insight] = []
        left_out: Counter[str] = Counter()
        told = place.told
        at, line, ended = place.at, place.line, True
        for number, row in enumerate(rows(file, layout, place.at, place.line), start=1):
            at, line = row.end, row.end_line
            made = self._made(row, columns if layout.format == "csv" else meanings(row.cells or {}))
            if isinstance(made, Insight):
                found.append(made)
            elif made == "unreadable" and told < LINES_TOLD:
                told += 1
                left_out[f"unreadable: line {row.line}"] = 1
            else:
                left_out[made] += 1
            if number == PER_PAGE:
                ended = False
                break
        if left_out.get("no-text") == sum(left_out.values()) + len(found) > 0 and cursor is None:
            raise _no_text(0)
        after = None if ended else _Place(at, line, _head(file, at), told)
        return Page(
            insights=tuple(found),
            cursor=msgspec.json.encode(after).decode() if after is not None else None,
            left_out=dict(left_out),
        )

    def _made(self, row: Row, columns: Mapping[str, str]) -> Insight | str:
        """The insight, or why it is none."""
        if row.cells is None:
            return "unreadable"
        if "text" not in columns:
            return "no-text"
        cells: dict[str, Any] = {meaning: row.cells.get(column) for meaning, column in columns.items()}
        text, headline, person = (said(cells.get(name)) for name in ("text", "headline", "person"))
        if not text:
            return "empty"
        own = (said(cells.get("ref")), headline, text, said(cells.get("said_at")), person)
        made = insight(
            source=self.name,
            ref=hashlib.blake2b(msgspec.json.encode(own), digest_size=12).hexdigest(),
            text=f"{headline}\n\n{text}",
            url=_public(said(cells.get("url"))),
            said_at=moment(cells.get("said_at")),
            group=masked(said(cells.get("group"))[:_SEARCHED_CHARS])[:200],
            title=said(cells.get("title")),
            lang=said(cells.get("lang")).replace("_", "-")[:35],
            rating=stars(cells.get("rating")),
            person=self._pseudonym(person),
            tags=map(masked, listed(cells.get("tags"))),
            licence=said(cells.get("licence"))[:200],
        )
        return made if made is not None else "empty"


def _head(file: BinaryIO, most: int) -> str:
    file.seek(0)
    return hashlib.blake2b(file.read(min(HEAD_BYTES, most)), digest_size=8).hexdigest()


def _read_cursor(file: BinaryIO, cursor: str) -> _Place:
    """
    Raises:
        SourceError: `gone`: the file is not the one that was read so far.
    """
    try:
        place = msgspec.json.decode(cursor, type=_Place)
    except msgspec.DecodeError:
        raise InputError("file: want a cursor as it was given, got another") from None
    if _head(file, place.at) != place.head:
        raise SourceError("file: want the file that was read so far, got another: collect it anew", kind="gone")
    return place


def _public(url: str) -> str:
    """An address that leads to a page and to nobody."""
    return url if len(url) <= _SEARCHED_CHARS and masked(url) == url else ""


def _no_text(columns: int) -> SourceError:
    came = f"{columns} columns with other names" if columns else "rows without one"
    return SourceError(f"file: want a column {', '.join(MEANINGS['text'][:6])} or the like, got {came}", kind="changed")

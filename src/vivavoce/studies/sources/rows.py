"""Rows of a file, one after the other from any byte on: CSV, JSON Lines, or one JSON array of objects.

However long the file is, one row of it is held at a time. A row that cannot be read is told by its line and left; what
comes after it is read.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Literal, NamedTuple, TypeAlias

import msgspec

from vivavoce.studies.sources.answers import UNREADABLE
from vivavoce.studies.sources.errors import SourceError

Format: TypeAlias = Literal["csv", "jsonl", "json"]
MAX_ROW_BYTES = 1_000_000
"""A row that is longer is none that a person wrote."""
SAMPLE_BYTES = 256 * 1024
"""Of the beginning of a file, by which its encoding is told."""
FOREIGN_SHARE = 0.2
"""Where more of the sample than this is beyond ASCII, it is no western European text in one byte a character. Not
tuned: German and French have some 0.05, Russian and Japanese more than 0.5."""
DELIMITERS = ",;\t|"
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|[{}\[\]]', re.DOTALL)
"""A string, also one that breaks off, or a bracket."""
_DEEPER = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}
_JSON_SIGN = re.compile(rb'["{}\[\],]')
_IN_STRING = re.compile(rb'["\\]')
_JSON_GAP = re.compile(rb"[ \t\r\n,]*")


class Row(NamedTuple):
    line: int
    """Where it begins, counted from 1."""
    end: int
    """The byte behind it."""
    end_line: int
    cells: dict[str, Any] | None
    """By column; None for a row that cannot be read."""


class Layout(NamedTuple):
    """How a file is to be read, told from its beginning."""

    format: Format
    encoding: str
    begins: int
    """The first byte of the first row."""
    line: int
    columns: tuple[str, ...] = ()
    """Of a CSV file."""
    delimiter: str = ","


def layout_of(file: BinaryIO, name: str) -> Layout:
    """
    Args:
        name: of the file: its ending says what it is; a JSON file that begins with an object a line is JSON Lines.
    Raises:
        SourceError: `changed`: it is none of what is read here.
    """
    file.seek(0)
    sample = file.read(SAMPLE_BYTES)
    encoding, begins = _encoding(sample)
    ending = name.rpartition(".")[2].lower()
    if ending in ("jsonl", "ndjson", "json") and encoding != "utf-8":
        raise _not_read("JSON in UTF-8, got another encoding")
    if ending in ("jsonl", "ndjson"):
        return Layout("jsonl", encoding, begins, 1)
    if ending == "json":
        return _json_layout(begins, sample)
    if ending in ("csv", "tsv"):
        return _csv_layout(file, encoding, begins)
    raise _not_read("a file that ends in .csv, .tsv, .json or .jsonl, got another")


def rows(file: BinaryIO, layout: Layout, at: int, line: int) -> Iterator[Row]:
    """Rows from a byte on, where one begins.

    Args:
        line: the number of the line it lies in.
    """
    if layout.format == "json":
        return _json_rows(file, at, line)
    lines = _Lines(file, layout.encoding, at, line)
    return _csv_rows(lines, layout) if layout.format == "csv" else _jsonl_rows(lines)


def _encoding(sample: bytes) -> tuple[str, int]:
    """The encoding, and how long its mark is.

    Raises:
        SourceError: it is none that is told with certainty.
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding, len(mark)
    if b"\0" in sample:
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        if max(even, odd) > 4 * min(even, odd):  # western text in UTF-16: every other byte is empty
            return ("utf-16-be" if even > odd else "utf-16-le"), 0
        raise _not_read("a text file, got one with zero bytes in it")
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)  # it may end within a character
    torn = text.count("\ufffd")
    if torn <= sum(letter > "\x7f" for letter in text) - torn:
        return "utf-8", 0  # what is torn in it costs its rows
    if sum(byte >= 0x80 for byte in sample) > FOREIGN_SHARE * len(sample):
        raise _not_read("a file in UTF-8, UTF-16 or Windows-1252, got another encoding")
    return "cp1252", 0


class _Lines:
    """Lines of a file as text, with the byte and the number of the line that comes next."""

    def __init__(self, file: BinaryIO, encoding: str, at: int, line: int) -> None:
        self._file = file
        self._encoding = encoding
        self._wide = encoding.startswith("utf-16")
        self._break = "\n".encode(encoding)
        self.go(at, line)

    def go(self, at: int, line: int) -> None:
        self._file.seek(at)
        self.at = at
        self.line = line

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        """
        Raises:
            ValueError: this line cannot be read; the next one can be asked for.
        """
        data = piece = self._piece()
        if not data:
            raise StopIteration
        self.line += 1
        self.at += len(data)
        while len(data) > MAX_ROW_BYTES and piece and not self._ended(piece):  # past a giant, without holding it
            piece = self._piece()
            self.at += len(piece)
        if len(data) > MAX_ROW_BYTES:
            raise ValueError("a line that is too long")
        return data.decode(self._encoding)

    def _piece(self) -> bytearray:
        """A line with its break, or the beginning of one that is too long."""
        data = bytearray()
        while more := self._file.readline(MAX_ROW_BYTES + 2):
            data += more
            if self._wide and len(data) % 2:
                data += self._file.read(1)
            # in UTF-16 the byte of a break is half of other characters, too
            if self._ended(data) or len(data) > MAX_ROW_BYTES:
                break
        return data

    def _ended(self, data: bytearray) -> bool:
        return data.endswith(self._break) and not (self._wide and len(data) % 2)


def _csv_layout(file: BinaryIO, encoding: str, begins: int) -> Layout:
    lines = _Lines(file, encoding, begins, 1)
    try:
        # a header may have a break within quotes, but what separates its columns stands in the first line
        first = next(lines, "")
        delimiter = max(DELIMITERS, key=first.count)
        lines.go(begins, 1)
        columns = tuple(cell.strip() for cell in next(csv.reader(lines, delimiter=delimiter, strict=True), ()))
    except (ValueError, csv.Error):
        raise _not_read("a first line with the names of columns, got one that cannot be read") from None
    if not any(columns):
        raise _not_read("a first line with the names of columns, got an empty one")
    return Layout("csv", encoding, lines.at, lines.line, columns, delimiter)


def _csv_rows(lines: _Lines, layout: Layout) -> Iterator[Row]:
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


def _skip(lines: _Lines) -> None:
    try:
        next(lines, None)
    except ValueError:  # that it cannot be read is known
        return


def _jsonl_rows(lines: _Lines) -> Iterator[Row]:
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


def _json_layout(begins: int, sample: bytes) -> Layout:
    """An array, or an object with an array in it (an export with a head), or in truth JSON Lines."""
    start = _end_of_gap(sample, begins)
    if sample.startswith(b"[", start):
        return Layout("json", "utf-8", start + 1, 1 + sample.count(b"\n", 0, start))
    if not sample.startswith(b"{", start):
        raise _not_read("an array of objects, got something else")
    end = _end_of_object(sample, start)
    array = _array_within(sample, start)
    if array is None or (end is not None and sample.startswith(b"{", _end_of_gap(sample, end))):
        return Layout("jsonl", "utf-8", start, 1 + sample.count(b"\n", 0, start))
    return Layout("json", "utf-8", array, 1 + sample.count(b"\n", 0, array))


def _array_within(sample: bytes, start: int) -> int | None:
    """Where the objects of an array begin that is a value of the outermost object."""
    depth = 0
    for token in _JSON_TOKEN.finditer(sample, start):
        text = token.group()
        if text == b"[" and depth == 1 and sample.startswith(b"{", _end_of_gap(sample, token.end())):
            return token.end()
        depth += _DEEPER.get(text, 0)
    return None


def _json_rows(file: BinaryIO, at: int, line: int) -> Iterator[Row]:
    """Objects of an array. What is none, or a giant, is passed over to the next comma of the array.

    Raises:
        SourceError: `changed`: behind a giant without an end nothing can be told apart.
    """
    file.seek(at)
    data, place = b"", 0
    while True:
        begin = _end_of_gap(data, place)
        at += begin - place
        line += data.count(b"\n", place, begin)
        place = begin
        if data.startswith(b"]", place):
            return
        is_object = data.startswith(b"{", place)
        end = _end_of_object(data, place) if is_object else _Over().feed(data, place)
        if end is None:
            if len(data) - place <= MAX_ROW_BYTES and (more := file.read(SAMPLE_BYTES)):
                data, place = data[place:] + more, 0
                continue
            begun, begun_at, over = line, at, _Over()
            while (end := over.feed(data, place)) is None:
                at += len(data) - place
                line += data.count(b"\n", place)
                data, place = file.read(SAMPLE_BYTES), 0
                if not data:
                    break
            if end is None:
                if at - begun_at > MAX_ROW_BYTES:
                    raise _not_read("an array of objects, got one without an end")
                yield Row(begun, at, line, None)
                return
            at += end - place
            line += data.count(b"\n", place, end)
            place = end
            yield Row(begun, at, line, None)
            continue
        cells: dict[str, Any] | None = None
        with contextlib.suppress(*UNREADABLE):  # what is no object is none, either
            cells = msgspec.json.decode(data[place:end], type=dict[str, Any])
        begun = line
        at += end - place
        line += data.count(b"\n", place, end)
        place = end
        yield Row(begun, at, line, cells)


class _Over:
    """Passes over one value of an array, a piece at a time, whatever is in it."""

    def __init__(self) -> None:
        self._depth = 0
        self._quoted = False
        self._escaped = False

    def feed(self, data: bytes, place: int) -> int | None:
        """Where the comma or the bracket stands that ends it; None when that is not in this piece."""
        while place < len(data):
            if self._escaped:
                self._escaped = False
                place += 1
                continue
            found = (_IN_STRING if self._quoted else _JSON_SIGN).search(data, place)
            if found is None:
                return None
            sign = found.group()
            if sign == b'"':
                self._quoted = not self._quoted
            elif self._quoted:
                self._escaped = True
            elif self._depth == 0 and sign in (b",", b"]"):
                return found.start()
            else:
                self._depth = max(0, self._depth + _DEEPER.get(sign, 0))
            place = found.end()
        return None


def _end_of_gap(data: bytes, place: int) -> int:
    gap = _JSON_GAP.match(data, place)
    assert gap is not None, "an empty gap is one, too"
    return gap.end()


def _end_of_object(data: bytes, place: int) -> int | None:
    """Where the object ends that begins here; None when it does not end within, or none begins."""
    depth = 0
    if not data.startswith(b"{", place):
        return None
    for token in _JSON_TOKEN.finditer(data, place):
        depth += _DEEPER.get(token.group(), 0)
        if depth == 0:
            return token.end()
    return None


def _not_read(wanted_and_came: str) -> SourceError:
    return SourceError(f"file: want {wanted_and_came}", kind="changed")

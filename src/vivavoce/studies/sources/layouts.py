"""How a file is to be read, told from its beginning: what it is, its encoding, its columns."""

from __future__ import annotations

import codecs
import csv
from typing import BinaryIO, Literal, NamedTuple, TypeAlias

from vivavoce.studies.sources.arrays import array_within, end_of_gap, end_of_object
from vivavoce.studies.sources.lines import Lines, not_read

Format: TypeAlias = Literal["csv", "jsonl", "json"]
SAMPLE_BYTES = 256 * 1024
"""Of the beginning of a file, by which its encoding is told."""
FOREIGN_SHARE = 0.2
"""Where more of the sample than this is beyond ASCII, it is no western European text in one byte a character. Not
tuned: German and French have some 0.05, Russian and Japanese more than 0.5."""
ZEROS_SHARE = 0.03
"""Where more of every other byte than this is zero, it is a text of two bytes a letter, or none; a stray one costs its
row. Not tuned: of Russian in UTF-16 some 0.15 are, its spaces, of Chinese its digits and breaks."""
DELIMITERS = ",;\t|"
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


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
        raise not_read("JSON in UTF-8, got another encoding")
    if ending in ("jsonl", "ndjson"):
        return Layout("jsonl", encoding, begins, 1)
    if ending == "json":
        return _json_layout(begins, sample)
    if ending in ("csv", "tsv"):
        return _csv_layout(file, encoding, begins)
    raise not_read("a file that ends in .csv, .tsv, .json or .jsonl, got another")


def _encoding(sample: bytes) -> tuple[str, int]:
    """The encoding, and how long its mark is.

    Raises:
        SourceError: it is none that is told with certainty.
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding, len(mark)
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) > ZEROS_SHARE * len(sample) / 2:
        if max(even, odd) > 4 * min(even, odd):  # western text in UTF-16: every other byte is empty
            return ("utf-16-be" if even > odd else "utf-16-le"), 0
        raise not_read("a text file, got one with zero bytes in it")
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)  # it may end within a character
    torn = text.count("\ufffd")
    if torn <= sum(letter > "\x7f" for letter in text) - torn:
        return "utf-8", 0  # what is torn in it costs its rows
    if sum(byte >= 0x80 for byte in sample) > FOREIGN_SHARE * len(sample):
        raise not_read("a file in UTF-8, UTF-16 or Windows-1252, got another encoding")
    return "cp1252", 0


def _csv_layout(file: BinaryIO, encoding: str, begins: int) -> Layout:
    lines = Lines(file, encoding, begins, 1)
    try:
        # a header may have a break within quotes, but what separates its columns stands in the first line
        first = next(lines, "")
        delimiter = max(DELIMITERS, key=first.count)
        lines.go(begins, 1)
        columns = tuple(cell.strip() for cell in next(csv.reader(lines, delimiter=delimiter, strict=True), ()))
    except (ValueError, csv.Error):
        raise not_read("a first line with the names of columns, got one that cannot be read") from None
    if not any(columns):
        raise not_read("a first line with the names of columns, got an empty one")
    return Layout("csv", encoding, lines.at, lines.line, columns, delimiter)


def _json_layout(begins: int, sample: bytes) -> Layout:
    """An array, or an object with an array in it (an export with a head), or in truth JSON Lines."""
    start = end_of_gap(sample, begins)
    if sample.startswith(b"[", start):
        return Layout("json", "utf-8", start + 1, 1 + sample.count(b"\n", 0, start))
    if not sample.startswith(b"{", start):
        raise not_read("an array of objects, got something else")
    end = end_of_object(sample, start)
    array = array_within(sample, start)
    if array is None or (end is not None and sample.startswith(b"{", end_of_gap(sample, end))):
        return Layout("jsonl", "utf-8", start, 1 + sample.count(b"\n", 0, start))
    return Layout("json", "utf-8", array, 1 + sample.count(b"\n", 0, array))

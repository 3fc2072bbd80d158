"""Objects of a JSON array, one after the other, without holding the array."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from vivavoce.studies.sources.answers import UNREADABLE
from vivavoce.studies.sources.lines import MAX_ROW_BYTES, Row, not_read

PIECE_BYTES = 256 * 1024
"""Read at a time."""
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|[{}\[\]]', re.DOTALL)
"""A string, also one that breaks off, or a bracket."""
_DEEPER = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}
_JSON_SIGN = re.compile(rb'["{}\[\],]')
_IN_STRING = re.compile(rb'["\\]')
_JSON_GAP = re.compile(rb"[ \t\r\n,]*")


def json_rows(file: BinaryIO, at: int, line: int) -> Iterator[Row]:
    """Objects of an array. What is none, or a giant, is passed over to the next comma of the array.

    Raises:
        SourceError: `changed`: behind a giant without an end nothing can be told apart.
    """
    file.seek(at)
    data, place = b"", 0
    while True:
        begin = end_of_gap(data, place)
        at += begin - place
        line += data.count(b"\n", place, begin)
        place = begin
        if data.startswith(b"]", place):
            return
        is_object = data.startswith(b"{", place)
        end = end_of_object(data, place) if is_object else _Over().feed(data, place)
        if end is None:
            if len(data) - place <= MAX_ROW_BYTES and (more := file.read(PIECE_BYTES)):
                data, place = data[place:] + more, 0
                continue
            begun, begun_at, over = line, at, _Over()
            while (end := over.feed(data, place)) is None:
                at += len(data) - place
                line += data.count(b"\n", place)
                data, place = file.read(PIECE_BYTES), 0
                if not data:
                    break
            if end is None:
                if at - begun_at > MAX_ROW_BYTES:
                    raise not_read("an array of objects, got one without an end")
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


def array_within(sample: bytes, start: int) -> int | None:
    """Where the objects of an array begin that is a value of the outermost object."""
    depth = 0
    for token in _JSON_TOKEN.finditer(sample, start):
        text = token.group()
        if text == b"[" and depth == 1 and sample.startswith(b"{", end_of_gap(sample, token.end())):
            return token.end()
        depth += _DEEPER.get(text, 0)
    return None


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


def end_of_gap(data: bytes, place: int) -> int:
    gap = _JSON_GAP.match(data, place)
    assert gap is not None, "an empty gap is one, too"
    return gap.end()


def end_of_object(data: bytes, place: int) -> int | None:
    """Where the object ends that begins here; None when it does not end within, or none begins."""
    depth = 0
    if not data.startswith(b"{", place):
        return None
    for token in _JSON_TOKEN.finditer(data, place):
        depth += _DEEPER.get(token.group(), 0)
        if depth == 0:
            return token.end()
    return None

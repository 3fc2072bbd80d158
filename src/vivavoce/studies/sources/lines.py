"""Lines of a file as text, however long they are and whatever they are written in; and what a row of a file is."""

from __future__ import annotations

from typing import Any, BinaryIO, NamedTuple

from vivavoce.studies.sources.errors import SourceError

MAX_ROW_BYTES = 1_000_000
"""A row that is longer is none that a person wrote."""


class Row(NamedTuple):
    line: int
    """Where it begins, counted from 1."""
    end: int
    """The byte behind it."""
    end_line: int
    cells: dict[str, Any] | None
    """By column; None for a row that cannot be read."""


class Lines:
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

    def __iter__(self) -> Lines:
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


def not_read(wanted_and_came: str) -> SourceError:
    return SourceError(f"file: want {wanted_and_came}", kind="changed")

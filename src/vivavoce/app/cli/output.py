"""What commands print: tables and lines for people, one JSON document for programs. Results go to standard output;
progress and what else a person should know, to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from vivavoce.errors import InputError, StoreError

_UNPRINTABLE = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
"""What moves a terminal's cursor, or does worse: what callers said is printed too."""

PIPED = 120
"""Columns of a table in a pipe: what a pager, an editor and a chat show without cutting."""
GAP = 3
"""Columns between two of a table."""
SLIM = 8
"""Nothing is won by making a narrower one narrower still."""

Tell = Callable[[str, float | None], None]
"""Is told what is being done, and how much of it is done, from 0 to 1, where that is known."""


def say(line: str) -> None:
    """A line of the result."""
    typer.echo(printable(line))


def note(line: str) -> None:
    """A line beside the result: a program that reads the result never sees it."""
    typer.echo(printable(line), err=True)


def printable(text: str) -> str:
    return text.translate(_UNPRINTABLE)


def document(value: Any) -> None:
    """The result as one JSON document, in lines where a person reads it."""
    import msgspec

    data = msgspec.json.encode(value)
    if sys.stdout.isatty():
        data = msgspec.json.format(data, indent=2)
    typer.echo(data.decode())


def new_file(path: Path, body: bytes, *, called: str) -> None:
    """Write a file that is not there yet, with the folders above it.

    Args:
        called: what it is, for the error; "export".
    Raises:
        InputError: something is there.
        StoreError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as target:
            target.write(body)
    except OSError as error:
        if isinstance(error, FileExistsError) and os.path.lexists(path):
            raise InputError(f"want a file that is not there yet, got {path}") from None
        raise StoreError(f"the {called} cannot be written: {error.strerror}") from None


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """Rows as wide as the terminal; in a pipe of `PIPED` columns, without colour, and wider only where words would have
    to be cut: whoever looks for an id or a link finds it whole.

    Args:
        empty: what is said, beside the result, when there are none.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        note(empty)
        return
    told = [[printable(_shown(value)) for value in row] for row in rows]
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    piped = not sys.stdout.isatty()
    widths = _widths(columns, told) if piped else [None] * len(columns)
    for name, width in zip(columns, widths, strict=True):
        shown.add_column(name, width=width)
    for row in told:
        shown.add_row(*map(Text, row))
    console = Console(width=10_000, no_color=True) if piped else Console()
    with console.capture() as capture:
        console.print(shown)
    typer.echo("\n".join(line.rstrip() for line in capture.get().rstrip("\n").split("\n")))


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """How wide columns are in a pipe: as their longest lines where there is room, else the widest give way first, none
    below its longest word or below `SLIM`.
    """
    from rich.cells import cell_len

    cells = list(zip(columns, *rows, strict=True))
    widths = [max(cell_len(line) for text in column for line in text.split("\n")) for column in cells]
    least = [
        max(min(width, SLIM), *(cell_len(word) for text in column for word in text.split()), 0)
        for width, column in zip(widths, cells, strict=True)
    ]
    room = PIPED - GAP * (len(columns) - 1)
    while sum(widths) > room:
        able = [width if width > low else 0 for width, low in zip(widths, least, strict=True)]
        if not any(able):
            break
        widths[able.index(max(able))] -= 1
    return widths


def moment(at: float | None) -> str:
    """A moment as people write it, in this machine's time zone; nothing for none."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(sorted(map(str, value)))
    return str(value)


@contextmanager
def progress() -> Iterator[Tell]:
    """Shows how far long work is: a bar on a terminal, otherwise a line whenever something else is done."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with Progress(
            TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn(),
            console=Console(stderr=True), transient=True,
        ) as bar:  # fmt: skip
            task = bar.add_task("", total=None)

            def move(doing: str, part: float | None = None) -> None:
                bar.update(task, description=printable(doing), total=None if part is None else 1.0, completed=part)

            yield move
        return
    last = ""

    def line(doing: str, part: float | None = None) -> None:
        nonlocal last
        if doing != last:
            note(doing)
        last = doing

    yield line

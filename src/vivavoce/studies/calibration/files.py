"""Outcomes as CSV files in one folder. They are read, and nothing of them is kept."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Sequence
from pathlib import Path

from vivavoce.errors import InputError, NotHereError

MOST_CHARS = 1_000_000
"""Of a field: larger ones are no text that a person wrote."""


def table(folder: Path, name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a file.

    Raises:
        NotHereError: there is no such file.
        InputError: it has other columns, no rows, or is no CSV in UTF-8.
    """
    csv.field_size_limit(MOST_CHARS)
    try:
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            came = reader.fieldnames or []
            if missing := [each for each in columns if each not in came]:
                raise InputError(
                    f"want columns {', '.join(columns)} in {name}; {', '.join(missing)} missing, "
                    f"got {', '.join(came)[:200] or 'none'}"
                )
            rows = list(reader)
    except FileNotFoundError:
        raise NotHereError(f"want {name} in the folder of the data, it is not there") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{name} cannot be read as CSV in UTF-8: {type(error).__name__}") from error
    if not rows:
        raise InputError(f"want rows in {name}, got none")
    if any(row[each] is None for row in rows for each in columns):
        raise InputError(f"want all columns in each row of {name}, got a row that is too short")
    return rows


def number(row: dict[str, str], column: str, name: str) -> float:
    """
    Raises:
        InputError: it is no finite number.
    """
    try:
        found = float(row[column])
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise InputError(f"want numbers in column {column} of {name}, got {row[column][:20]!r}")
    return found


def fingerprint(folder: Path, name: str) -> str:
    """16 hex digits of a file, so that whoever has it can tell whether figures are of the same one."""
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:16]

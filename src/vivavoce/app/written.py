"""What somebody wrote by hand for us to ask (YAML): a question, a study. Any file may be named."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TypeVar

import msgspec

from vivavoce.errors import InputError

T = TypeVar("T")
MOST_BYTES = 256 * 1024
"""Ten times what the longest study that may be asked takes."""
_UNREADABLE = (
    msgspec.DecodeError,
    # PyYAML's own, of a value that is not what it looks like or is tagged as: `2026-13-45`, `!!bool maybe`
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    RecursionError,
)


def read_written(path: Path, kind: type[T], wanted: str) -> T:
    """
    Args:
        wanted: what it should hold, for messages.
    Raises:
        InputError: there is no such file, it is too long, or it holds something else.
    """
    try:
        # a pipe or a device may have no end, and may never begin
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"want a file with {wanted}, got a folder or something else: {path}")
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"want {wanted} in {path}: {error.strerror}") from None
    if len(text) > MOST_BYTES:
        raise InputError(f"want {wanted} of at most {MOST_BYTES} bytes in {path}, got more")
    try:
        return msgspec.yaml.decode(text, type=kind)
    except _UNREADABLE as error:
        said = isinstance(error, (msgspec.DecodeError, ValueError))
        why = " ".join(str(error).split()) if said else "a value that is not what it is called, or too deep a nest"
        if "Expected `float" in why and "price" in why:
            why += "; a price is a bare number (price: 20), and its currency stands once for all (currency: EUR)"
        raise InputError(f"want {wanted} (ask, variants) in {path}: {why}") from None

"""Lists by the page: `limit`, and an opaque cursor that says after which row the next page begins.

A cursor names a row's place, not a number of rows: what is written or erased meanwhile neither repeats a row nor hides
one.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, TypeVar

import msgspec
from fastapi import Query

from vivavoce.errors import InputError

T = TypeVar("T")

MAX_LIMIT = 200
"""Rows of a page: a page of 200 calls has about 100 kB."""
MAX_NUMBER = 2**31 - 1
"""Of an event or a version: the databases keep them in 32 bits."""
_NO_CURSOR = "want `after` to be the `next` of a page before, got something else"
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows of a page at most.")]
After = Annotated[
    str | None,
    Query(
        max_length=200,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="`next` of the page before.",
    ),
]


def cursor_to(place: object) -> str:
    """A cursor to a place that JSON can hold."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(cursor: str | None, kind: type[T]) -> T | None:
    """The place a cursor names; None without one.

    Raises:
        InputError: this server made no such cursor.
    """
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place = msgspec.json.decode(text, type=kind)
    except (binascii.Error, ValueError):
        raise InputError(_NO_CURSOR) from None
    # what no database takes: NUL can only stand there escaped, which no name or id of ours needs
    if b"\\" in text or (isinstance(place, int) and not 0 <= place <= MAX_NUMBER):
        raise InputError(_NO_CURSOR)
    return place

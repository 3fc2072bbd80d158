"""Through the answers to a search that is ordered by time, newest first: nothing twice, nothing lost.

Numbered pages shift while one turns them: what is new at the front pushes everything back, what is deleted pulls it
forward. So the place is a time and not a number: ask for what is not later than the last that was seen, and leave out
what of that second was seen already. Page numbers serve only within one second, and for services that give no more at
a time than they promise.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from vivavoce.errors import InputError
from vivavoce.studies.sources.answers import changed

_MOST_BARREN = 20
"""So many pages in a row with nothing new: the service does not do what it is asked. A second with more items than it
gives pages for costs half of that."""


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a walk is. As JSON it is the cursor."""

    until: int | None = None
    """Unix second: only what is not later is asked for. None at the beginning."""
    seen: tuple[str, ...] = ()
    """What of that very second is known already."""
    page: int = 1
    barren: int = 0
    """Pages in a row that had nothing new."""
    total: int | None = None
    """As the service claimed at the beginning."""


def place_of(source: str, cursor: str | None) -> Place:
    """
    Raises:
        InputError: a cursor that is none of this source.
    """
    if cursor is None:
        return Place()
    try:
        return msgspec.json.decode(cursor, type=Place)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise InputError(f"want a cursor of {source}, got something else") from None


def cursor_of(place: Place | None) -> str | None:
    return None if place is None else msgspec.json.encode(place).decode()


class Step(msgspec.Struct, frozen=True):
    """What a page comes to."""

    fresh: tuple[int, ...]
    """Places on the page of the items that are new."""
    next: Place | None
    skipped: int = 0
    """Items of one second that the service does not give; at least so many."""


def step(
    source: str, place: Place, items: Sequence[tuple[str, int]], *, more: bool, pages: int, total: int | None = None
) -> Step:
    """Take a page in.

    Args:
        items: the page's own order: id and second of each.
        more: whether the service says that there are more pages for this very request.
        pages: how many pages it gives of one request.
    Raises:
        SourceError: `changed`: it gives what was not asked for, or the same again and again.
    """
    seconds = [second for _, second in items]
    if place.until is not None and any(second > place.until for second in seconds):
        raise changed(source, "items up to a time, got later ones")
    if seconds != sorted(seconds, reverse=True):
        raise changed(source, "the newest items first, got another order")
    seen = set(place.seen)
    fresh: list[int] = []
    for at, (id_, _) in enumerate(items):
        if id_ not in seen:
            seen.add(id_)
            fresh.append(at)
    if not items or not more:
        return Step(tuple(fresh), None)
    barren = 0 if fresh else place.barren + 1
    if barren > _MOST_BARREN:
        raise changed(source, f"a next page, got {barren} with nothing new")
    total = total if place.until is None else place.total
    last = seconds[-1]
    at_last = {id_ for id_, second in items if second == last}
    if place.until is None or last < place.until:
        return Step(tuple(fresh), Place(last, tuple(sorted(at_last)), 1, barren, total))
    known = tuple(sorted(at_last.union(place.seen)))
    if place.page < pages:
        return Step(tuple(fresh), Place(last, known, place.page + 1, barren, total))
    # more in one second than there are pages: the rest of it cannot be had
    return Step(tuple(fresh), Place(last - 1, (), 1, barren, total), skipped=1)

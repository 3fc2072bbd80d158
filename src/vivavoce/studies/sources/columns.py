"""What the columns of somebody's file mean: the names that exports of surveys, desks and stores give them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

MEANINGS: dict[str, tuple[str, ...]] = {
    "text": (
        "text", "reviewtext", "review", "reviewbody", "comment", "commentbody", "commenttext", "body", "content",
        "message", "feedback", "verbatim", "quote", "complaint", "answer", "response", "opinion", "description",
    ),
    "headline": ("reviewtitle", "headline", "subject"),
    "title": ("title", "topic", "threadtitle", "question"),
    "ref": ("ref", "id", "reviewid", "commentid", "messageid", "uuid"),
    "said_at": (
        "saidat", "reviewlastupdatemillissinceepoch", "reviewsubmitmillissinceepoch", "date", "createdat", "created",
        "timestamp", "time", "datetime", "submittedat", "submitted", "reviewdate", "postedat", "publishedat", "updated",
    ),
    "rating": ("rating", "stars", "starrating", "score"),
    "person": (
        "person", "userid", "authorid", "customerid", "respondentid", "reviewerid", "respondent", "author", "user",
        "username", "reviewer", "customer", "email", "emailaddress", "name",
    ),
    "url": ("url", "link", "reviewlink", "permalink"),
    "group": ("group", "thread", "threadid", "conversationid", "ticketid", "app", "packagename", "product"),
    "lang": ("lang", "language", "reviewerlanguage", "locale"),
    "tags": ("tags", "labels", "categories", "category"),
    "licence": ("licence", "license"),
}  # fmt: skip
"""What we want to know -> columns that say it, the best first, in lower case and without anything but letters and
digits. What a file has besides is not read."""
EARLIEST, LATEST = 631_152_000.0, 4_102_444_800.0
"""1990 and 2100: a moment outside of these is a mistake."""


def meanings(columns: Mapping[str, Any] | tuple[str, ...]) -> dict[str, str]:
    """What we want to know -> the column of these that says it."""
    plain = {"".join(filter(str.isalnum, name.lower())): name for name in reversed(tuple(columns))}
    found = {}
    for meaning, names in MEANINGS.items():
        column = next((plain[name] for name in names if name in plain), None)
        if column is not None:
            found[meaning] = column
    return found


def said(value: Any) -> str:
    """A cell as words; empty for one that holds none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def listed(value: Any) -> tuple[str, ...]:
    """A cell as a few short words: a JSON list, or words with `;`, `|` or commas between them."""
    if isinstance(value, list):
        parts = [said(part) for part in value]
    else:
        text = said(value)
        parts = text.split(next((sign for sign in ";|" if sign in text), ","))
    return tuple(dict.fromkeys(part.strip()[:80] for part in parts if part.strip()))[:20]


def stars(value: Any) -> float | None:
    """A rating from 1 to 5. On another scale it would be a guess what it means."""
    try:
        number = float(said(value))
    except ValueError:
        return None
    return number if 1.0 <= number <= 5.0 else None


def moment(value: Any) -> float | None:
    """Unix seconds of a moment: ISO 8601 (UTC where no zone is given), an e-mail's date, Unix seconds or milliseconds.

    None for anything else: of 03/04/2020 nobody knows whether it is March or April.
    """
    text = said(value)
    try:
        at: float | None = float(text)
    except ValueError:
        at = _date(text)
    if at is not None and at > LATEST:
        at /= 1000
    return at if at is not None and EARLIEST <= at <= LATEST else None


def _date(text: str) -> float | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(text)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None

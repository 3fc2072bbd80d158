"""Dates as people say and type them, to ISO 8601. Only what was said: no year is added and no "tomorrow" worked out."""

from __future__ import annotations

import re
from datetime import date

from vivavoce.agents.numbers import TEENS, TENS, UNITS, tokens_of

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = {name: number for number, name in enumerate(MONTHS, 1)} | {
    name[:3]: number for number, name in enumerate(MONTHS, 1)
}
_MONTH["sept"] = 9
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
]
_ORDINALS += ["fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"]
_DAY = {name: number for number, name in enumerate(_ORDINALS, 1)} | {"thirtieth": 30}
_SKIP = {"the", "of", ",", ".", "on", "and", "in", "by", "st", "nd", "rd", "th", "a", "at", "end", "until", "before"}


def iso_date(text: str) -> str | None:
    """`YYYY-MM-DD`, or `YYYY-MM` where only a month and a year were said; None when the date cannot be told.

    "03/05/2026" is None: it is March in one country and May in another.
    """
    stripped = text.strip()
    found = re.search(r"(?<!\d)(\d{4})-(\d{2})(?:-(\d{2}))?(?!\d)(?!-)", stripped)
    if found:
        return _iso(int(found[1]), int(found[2]), int(found[3]) if found[3] else None)
    found = re.search(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)", stripped)
    if found:  # a dotted date is day first wherever it is used
        return _iso(int(found[3]), int(found[2]), int(found[1]))
    found = re.search(r"(?<!\d)(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)", stripped)
    if found:
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first > 12 or first == second:
            return _iso(year, second, first)
        return _iso(year, first, second) if second > 12 else None
    return _spoken(tokens_of(stripped))


def _spoken(tokens: list[str]) -> str | None:
    months = [(at, _MONTH[token]) for at, token in enumerate(tokens) if token in _MONTH and _is_month(tokens, at)]
    if len(months) != 1:
        return None
    at, month = months[0]
    year, taken = _year(tokens, at + 1)
    day = _day_before(tokens, at)
    if day is None:
        day = _day_after([token for index, token in enumerate(tokens) if index > at and index not in taken])
    return _iso(year, month, day) if year is not None else None


def _is_month(tokens: list[str], at: int) -> bool:
    """ "may" and "march" are also verbs: they count beside a number or an ordinal only."""
    if tokens[at] not in ("may", "march", "mar", "dec"):
        return True
    near = [token for token in tokens[max(0, at - 2) : at + 3] if token != tokens[at]]
    return any(
        token[0].isdigit() or token in _DAY or token in TENS or token in TEENS or token == "two" for token in near
    )


def _year(tokens: list[str], start: int) -> tuple[int | None, set[int]]:
    """The year that follows a month, and the tokens it takes."""
    for at in range(start, len(tokens)):
        word, rest = tokens[at], tokens[at + 1 :]
        if re.fullmatch(r"(19|20)\d\d", word):
            return int(word), {at}
        if word == "two" and rest[:1] == ["thousand"]:
            skip = 2 + (rest[1:2] == ["and"])
            tail, used = _two_digits(tokens, at + skip)
            return 2000 + tail, set(range(at, at + skip + used))
        if word in ("twenty", "nineteen"):
            tail, used = _two_digits(tokens, at + 1)
            if tail >= 10:
                return (2000 if word == "twenty" else 1900) + tail, set(range(at, at + 1 + used))
    return None, set()


def _two_digits(tokens: list[str], at: int) -> tuple[int, int]:
    """A number below 100 and the tokens it takes."""
    word = tokens[at] if at < len(tokens) else ""
    if word in TENS:
        unit = UNITS.get(tokens[at + 1], 0) if at + 1 < len(tokens) else 0
        return TENS[word] + unit, 1 + (unit > 0)
    if word in TEENS:
        return TEENS[word], 1
    return (UNITS[word], 1) if word in UNITS else (0, 0)


def _day_before(tokens: list[str], at: int) -> int | None:
    before = [token for token in tokens[:at] if token not in _SKIP][-2:]
    if not before:
        return None
    if len(before) == 2 and before[0] in ("twenty", "thirty") and before[1] in _DAY:
        return TENS[before[0]] + _DAY[before[1]]
    return _day(before[-1])


def _day_after(tokens: list[str]) -> int | None:
    after = [token for token in tokens if token not in _SKIP][:2]
    if not after:
        return None
    if len(after) == 2 and after[0] in ("twenty", "thirty"):
        tail = _DAY.get(after[1]) or UNITS.get(after[1], 0)
        if 0 < tail < 10:
            return TENS[after[0]] + tail
    return _day(after[0])


def _day(word: str) -> int | None:
    if word.isdigit() and len(word) <= 2:
        return int(word)
    return _DAY.get(word) or TEENS.get(word) or UNITS.get(word) or {"twenty": 20, "thirty": 30}.get(word)


def _iso(year: int, month: int, day: int | None) -> str | None:
    try:
        return date(year, month, day or 1).isoformat()[: None if day else 7]
    except ValueError:
        return None

"""Dates as people say and type them, to ISO 8601. Only what was said: no year is added and no "tomorrow" worked out."""

from __future__ import annotations

import re
from datetime import date

from vivavoce.agents.numbers import tokens_of
from vivavoce.agents.numberwords import SMALL, WORDS

_SKIPPED = {"the", "of", ",", ".", "on", "and", "in", "by", "st", "nd", "rd", "th", "a", "at", "end", "until", "before"}
_ALSO_VERBS = ("may", "march", "mar")


def iso_date(text: str) -> str | None:
    """`YYYY-MM-DD`, or `YYYY-MM` where only a month and a year were said; None when the date cannot be told.

    "03/05/2026" is None: it is March in one country and May in another.
    """
    found = re.search(r"(?<![\d-])(\d{4})-(\d{2})(?:-(\d{2}))?(?![\d-])", text)
    if found:
        return _iso(int(found[1]), int(found[2]), int(found[3]) if found[3] else None)
    found = re.search(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)", text)
    if found:  # a dotted date is day first wherever it is used
        return _iso(int(found[3]), int(found[2]), int(found[1]))
    found = re.search(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])", text)
    if found:
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first > 12 or first == second:
            return _iso(year, second, first)
        return _iso(year, first, second) if second > 12 else None
    return _spoken(tokens_of(text))


def _spoken(tokens: list[str]) -> str | None:
    """One month and one year; the day stands on either side of the month."""
    months = [at for at, token in enumerate(tokens) if token in WORDS.months and _is_month(tokens, at)]
    years = [(at, *found) for at in range(len(tokens)) if (found := _year(tokens, at)) is not None]
    if len(months) != 1 or not years:
        return None
    start, year, end = years[0]
    before = [token for at, token in enumerate(tokens[: months[0]]) if not start <= at < end and token not in _SKIPPED]
    after = [
        token for at, token in enumerate(tokens) if at > months[0] and not start <= at < end and token not in _SKIPPED
    ]
    day = _day(before[-2:]) or _day(before[-1:]) or _day(after[:2]) or _day(after[:1])
    return _iso(year, WORDS.months[tokens[months[0]]], day)


def _is_month(tokens: list[str], at: int) -> bool:
    """ "may" and "march" are verbs too: they count beside a number or another month only."""
    near = [token for token in tokens[max(0, at - 2) : at + 3] if token != tokens[at]]
    numbered = any(token[0].isdigit() or token in WORDS.ordinals | SMALL | WORDS.months for token in near)
    return numbered or tokens[at] not in _ALSO_VERBS


def _year(tokens: list[str], at: int) -> tuple[int, int] | None:
    """A year that stands here, and the index behind: 2026, two thousand twenty six, nineteen ninety."""
    if re.fullmatch(r"(19|20)\d\d", tokens[at]):
        return int(tokens[at]), at + 1
    if tokens[at : at + 2] == ["two", "thousand"]:
        end = at + 2 + (tokens[at + 2 : at + 3] == ["and"])
        tail, behind = _below_hundred(tokens, end)
        return 2000 + tail, behind if tail else at + 2
    if tokens[at] in ("twenty", "nineteen"):
        tail, behind = _below_hundred(tokens, at + 1)
        return ((2000 if tokens[at] == "twenty" else 1900) + tail, behind) if tail >= 10 else None
    return None


def _below_hundred(tokens: list[str], at: int) -> tuple[int, int]:
    """A number from 1 to 99 and the index behind; 0 when none stands here."""
    word = tokens[at] if at < len(tokens) else ""
    if word in WORDS.tens:
        unit = WORDS.units.get(tokens[at + 1], 0) if at + 1 < len(tokens) else 0
        return WORDS.tens[word] + unit, at + 1 + (unit > 0)
    return (SMALL[word], at + 1) if word in SMALL else (0, at)


def _day(words: list[str]) -> int | None:
    """The day these words say as a whole: 5, fifth, five, twenty first, thirty one."""
    if len(words) == 2 and words[0] in ("twenty", "thirty"):
        unit = WORDS.ordinals.get(words[1]) or WORDS.units.get(words[1], 0)
        return WORDS.tens[words[0]] + unit if 0 < unit < 10 else None
    if len(words) != 1:
        return None
    word = words[0]
    if word.isdigit() and len(word) <= 2:
        return int(word)
    return WORDS.ordinals.get(word) or SMALL.get(word) or None


def _iso(year: int, month: int, day: int | None) -> str | None:
    try:
        return date(year, month, day or 1).isoformat()[: None if day else 7]
    except ValueError:
        return None

"""Values of every kind from typed data and from speech. Each function answers None when the value does not fit."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from vivavoce.agents import addresses, numbers
from vivavoce.agents.dates import iso_date
from vivavoce.agents.numberwords import CURRENCIES, WORDS

DEFAULT_CURRENCY = "USD"
"""Taken for a bare number. Callers mostly leave the currency out, and the samples count in dollars."""


def as_text(value: object) -> str | None:
    """Text on one line, without control signs; a number becomes its figures."""
    number = _finite(value)
    if number is not None:
        return f"{_whole(number)}"
    if not isinstance(value, str):
        return None
    kept = "".join(sign for sign in value if unicodedata.category(sign) not in ("Cc", "Cs") or sign in "\n\t")
    return " ".join(kept.split()) or None


def as_number(value: object) -> int | float | None:
    found = _quantity(value)
    return None if found is None else _whole(found.value)


def as_range(value: object, low: float, high: float) -> int | float | None:
    """A number within bounds. "8 out of 10" fits 0..10 and not 0..5; nothing is scaled."""

    def fits(each: numbers.Quantity) -> bool:
        return each.of in (None, high) and low <= each.low and each.high <= high and (each.unit != "%" or high == 100)

    found = _quantity(value, fits)
    return _whole(found.value) if found is not None and fits(found) else None


def as_percent(value: object) -> float | None:
    """40.0 for "forty percent", "forty" and "two in five"; "half" is 50.0."""
    found = _quantity(value, lambda each: each.unit == "%")
    if found is None or found.unit not in ("", "%"):
        return None
    if found.of is not None:
        return round(found.value / found.of * 100, 6)
    return round(found.value * (100 if found.share and not found.unit else 1), 6)


def as_money(value: object) -> dict[str, Any] | None:
    """{"amount": 300.0, "currency": "USD"}. A period ("a month") is not kept: the field says which one is meant."""
    if isinstance(value, Mapping):
        found = _quantity(value.get("amount"))
        currency = value.get("currency") or (found.unit if found else "")
    else:
        found = _quantity(value, lambda each: each.unit not in ("", "%"))
        currency = found.unit if found else ""
    if found is None or found.unit == "%" or found.of is not None:
        return None
    code = _currency(currency or DEFAULT_CURRENCY)
    return {"amount": round(found.value, 6), "currency": code} if code else None


def _currency(said: object) -> str | None:
    if not isinstance(said, str):
        return None
    word = said.strip().lower()
    return CURRENCIES.get(word) or (word.upper() if re.fullmatch(r"[a-z]{3}", word) else None)


def as_phone(value: object) -> str | None:
    figures = str(value) if isinstance(value, int) and _finite(value) is not None else value
    return addresses.phone(figures) if isinstance(figures, str) else None


def as_option(value: object, options: tuple[str, ...]) -> str | None:
    """The option a value names, also within a sentence ("we deferred it"). A negated one names none."""
    text = as_text(value)
    if text is None:
        return None
    said = _bare(text)
    named = {_bare(option): option for option in options}
    if said in named:
        return named[said]
    if re.search(r"\b(?:not|no|never|neither|nor)\b|n't\b", said):
        return None
    found = {words for words in named if f" {words} " in f" {said} "} or _stemmed(said, set(named))
    found -= {words for words in found if any(words != other and words in other for other in found)}
    return named[found.pop()] if len(found) == 1 else None


def _stemmed(said: str, names: set[str]) -> set[str]:
    """Names of four letters and more whose beginning a word has: "deferred" and "deferring" name `defer`."""
    return {
        name
        for name in names
        if len(name) >= 4 and any(word.startswith(name[: max(4, len(name) - 1)]) for word in said.split())
    }


def _bare(text: str) -> str:
    flat = unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold()
    return " ".join(re.sub(r"[^\w']|_", " ", flat).split())


def parts_of(value: object, *, numeric: bool = False, money: bool = False) -> list[object]:
    """The entries of a list. Speech is parted at commas and at "and", unless that "and" stands within a number."""
    if isinstance(value, list | tuple):
        return list(value)
    if not isinstance(value, str):
        return [value]
    if value.strip(" .!").lower() in WORDS.nothing:
        return []
    parts = [part.strip() for part in re.split(r"[,;\n]", value) if part.strip(" .")]
    found: list[object] = []
    for part in parts:
        whole = money or (numeric and len(numbers.quantities(part)) == 1)
        halves = [part] if whole else re.split(r"(?:^|\s)(?:and|or|plus)\s", part)
        found += [half.strip() for half in halves if half.strip(" .")]
    return found or [value]


def _finite(value: object) -> float | None:
    """A number one can count with: no flag, no infinity, below a thousand billions."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int) and value.bit_length() > 50:
        return None
    number = float(value)
    return number if math.isfinite(number) and abs(number) < 1e15 else None


def _quantity(value: object, prefers: Callable[[numbers.Quantity], bool] | None = None) -> numbers.Quantity | None:
    """The number a value holds, be it typed or said."""
    if isinstance(value, str):
        found = numbers.the_quantity(value, prefers)
        return found if found is not None and _finite(found.value) is not None else None
    number = _finite(value)
    return None if number is None else numbers.Quantity(number, number)


def _whole(number: float) -> int | float:
    return int(number) if number == int(number) else round(number, 9)


def _read(read: Callable[[str], str | None]) -> Callable[[object], str | None]:
    return lambda value: read(value) if isinstance(value, str) else None


PLAIN: dict[str, Callable[[object], Any]] = {
    "text": as_text,
    "story": as_text,
    "quote": as_text,
    "number": as_number,
    "percent": as_percent,
    "money": as_money,
    "date": _read(iso_date),
    "email": _read(addresses.email),
    "phone": as_phone,
    "url": _read(addresses.url),
}
"""Of each plain kind, how a value is taken."""

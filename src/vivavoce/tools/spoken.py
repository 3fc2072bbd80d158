"""Numbers for the ear: two digits that matter, and words in place of signs."""

from __future__ import annotations

import math

_CURRENCIES = {"USD": "dollars", "EUR": "euros", "GBP": "pounds", "JPY": "yen", "INR": "rupees", "CHF": "francs"}
_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def rounded(value: float, digits: int = 2) -> float:
    """The value with `digits` significant digits: 2106 -> 2100."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def number(value: float) -> str:
    """2_106_400 -> "2.1 million"; 2106 -> "2,100"; 2.34 -> "2.3"."""
    near = rounded(value)
    for scale, word in _SCALES:
        if abs(near) >= scale:
            return f"{near / scale:g} {word}"
    return f"{near:,.0f}" if abs(near) >= 10 else f"{near:g}"


def money(value: float, currency: str = "") -> str:
    """2106.67 with "USD" -> "2,100 dollars". An unknown currency is left out rather than spelled."""
    word = _CURRENCIES.get(currency.upper(), "")
    return f"{number(value)} {word}".rstrip()


def months(value: float) -> str:
    if math.isinf(value):
        return "never"
    if value < 1:
        return "less than a month"
    near = round(value) if value >= 3 else rounded(value)
    return "one month" if near == 1 else f"{number(near)} months"

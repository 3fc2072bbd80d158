"""Quantities in a row of tokens: numbers with their sign, unit, whole and range."""

from __future__ import annotations

from typing import NamedTuple

from vivavoce.agents.cardinals import Cardinal, Token, Tokens, cardinal
from vivavoce.agents.numberwords import CURRENCIES, WORDS

_LINKS = ("to", "-", "or", "till", "through")
_POINTERS = ("no", "any", "every", "some", "this", "that", "the", "each", "which", "another", "first")


class Quantity(NamedTuple):
    """A number in a text.

    Attributes:
        low, high: equal unless a range was said.
        unit: "%", an ISO 4217 code, or "".
        of: 10 for "eight out of ten".
        share: it was said as a part: "half", "two thirds".
        start, end: tokens it spans.
        scale: the largest scale word in it, 1 without any.
    """

    low: float
    high: float
    unit: str = ""
    of: float | None = None
    share: bool = False
    start: int = 0
    end: int = 0
    scale: float = 1.0

    @property
    def value(self) -> float:
        """The middle of a range: "eight or nine" is 8.5."""
        return self.low / 2 + self.high / 2


def scan(row: list[Token]) -> list[Quantity]:
    """Every quantity in order. Clock times and years after a preposition are left out: they answer "when?"."""
    tokens = Tokens(row)
    found: list[Quantity] = []
    at = 0
    while at < len(tokens):
        quantity = _quantity(tokens, at)
        if quantity is not None and not _is_time(tokens, quantity):
            found.append(quantity)
        at = quantity.end if quantity is not None else at + 1
    return found


def _is_time(tokens: Tokens, quantity: Quantity) -> bool:
    follows, leads = tokens[quantity.end], tokens[quantity.start - 1]
    if follows in ("am", "pm", "o'clock", "oclock"):
        return True
    year = quantity.low == quantity.high and 1900 <= quantity.low <= 2100 and not quantity.unit
    return year and leads in ("in", "since", "until", "during", "year", "of") and follows != "of"


def _quantity(tokens: Tokens, at: int) -> Quantity | None:
    """A number or a range of two."""
    first = _measure(tokens, at)
    if first is None:
        return None
    link = tokens[first.end]
    if link in _LINKS or (link == "and" and tokens[at - 1] == "between"):
        second = _measure(tokens, first.end + 1)
        joined = _range(first, second, link) if second is not None else None
        if joined is not None:
            return joined
    return first


def _range(first: Quantity, second: Quantity, link: str) -> Quantity | None:
    if first.unit and second.unit and first.unit != second.unit:
        return None
    low, high = first.low, second.low
    if second.scale > 1 and first.scale == 1 and low * second.scale < high:
        low *= second.scale  # two to three thousand
    if low > high and link in ("or", "and"):
        low, high = high, low
    if low > high:
        return None  # "from ten to five" is a change, not a range
    unit, share = second.unit or first.unit, first.share and second.share
    return Quantity(low, high, unit, second.of, share, first.start, second.end, second.scale)


def _measure(tokens: Tokens, start: int) -> Quantity | None:
    """A number with its sign, its unit and the whole it is taken of."""
    sign, at = _sign(tokens, start)
    unit, at = _unit_before(tokens, at)
    if unit and tokens[at] == "-" and tokens.glued(at + 1):
        sign, at = -1.0, at + 1
    number = cardinal(tokens, at)
    if number is None or _is_pronoun(tokens, at, number.end) or _is_ordinal(tokens, number.end):
        return None
    value, end = number.value, number.end
    if not unit:
        unit, end, value = _unit_behind(tokens, number)
    of, end = _whole(tokens, end)
    return Quantity(sign * value, sign * value, unit, of, number.share, start, end, number.scale)


def _sign(tokens: Tokens, at: int) -> tuple[float, int]:
    minus = tokens[at] == "-" and not tokens.glued(at) and tokens.glued(at + 1)
    return (-1.0, at + 1) if minus or tokens[at] in ("minus", "negative") else (1.0, at)


def _unit_before(tokens: Tokens, at: int) -> tuple[str, int]:
    """ "$", "US$" or "EUR" before a number."""
    if tokens.run(at, WORDS.dollars, "$"):
        return WORDS.dollars[tokens[at]], at + 2
    word = tokens[at]
    if word in CURRENCIES and (len(word) == 1 or word in WORDS.codes):
        return CURRENCIES[word], at + 1
    return "", at


def _unit_behind(tokens: Tokens, number: Cardinal) -> tuple[str, int, float]:
    """Unit, index behind and value: "fifty cents" is 0.5 USD, "three dollars and fifty cents" 3.5."""
    value, at = number.value, number.end
    at += number.share and tokens[at] == "a"  # half a percent
    word = tokens[at]
    if word in ("%", "percent"):
        return "%", at + 1 + tokens.run(at + 1, ("point", "points")), value
    if tokens.run(at, "per", "cent") or tokens.run(at, "percentage", "points"):
        return "%", at + 2, value
    if word in WORDS.cents:
        return WORDS.cents[word], at + 1, value / 100
    if tokens.run(at, WORDS.dollars, ("dollar", "dollars")):
        return WORDS.dollars[word], at + 2, value
    if word not in CURRENCIES:
        return "", at, value
    small = cardinal(tokens, at + 1 + tokens.run(at + 1, "and"))
    if small is not None and small.value < 100 and tokens[small.end] in WORDS.cents:
        return CURRENCIES[word], small.end + 1, value + small.value / 100
    return CURRENCIES[word], at + 1, value


def _whole(tokens: Tokens, at: int) -> tuple[float | None, int]:
    """The ten of "eight out of ten", "8/10" and "eight in ten", and the index behind it."""
    for lead in (("out", "of"), ("/",), ("in",)):
        whole = cardinal(tokens, at + len(lead)) if tokens.run(at, *lead) else None
        if whole is None or whole.value <= 0:
            continue
        # "one in five" is a share, "three in 2024" a year, "two in ten days" a time
        if lead != ("in",) or (
            whole.value <= 100 and (whole.end >= len(tokens) or tokens[whole.end] in (".", ",", "of"))
        ):
            return whole.value, whole.end
    return None, at


def _is_pronoun(tokens: Tokens, at: int, end: int) -> bool:
    """ "no one", "one of them", "that one"."""
    if tokens[at] != "one" or end != at + 1:
        return False
    return tokens[end] in ("of", "thing", "another") or tokens[at - 1] in _POINTERS


def _is_ordinal(tokens: Tokens, end: int) -> bool:
    return tokens[end] in ("st", "nd", "rd", "th") and tokens.glued(end) and tokens.digits(end - 1)

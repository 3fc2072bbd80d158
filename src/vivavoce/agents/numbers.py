"""Numbers as people say and type them: "eight or nine", "half a million", "1.2k", "about forty percent", "a dozen".

English words, any script's digits. `quantities` finds every number in a text, `the_quantity` the one that is meant, or none
when it cannot be told: a doubtful number is asked for again rather than guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

UNITS = dict(
    zip(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], range(10), strict=True)
)
TEENS = dict(
    zip(
        ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"],
        range(10, 20),
        strict=True,
    )
)
TENS = dict(
    zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], range(20, 100, 10), strict=True)
)
SCALES = {"hundred": 1e2, "thousand": 1e3, "grand": 1e3, "k": 1e3, "lakh": 1e5, "million": 1e6, "mn": 1e6, "mil": 1e6}
SCALES |= {"crore": 1e7, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
SCALES |= {word + "s": scale for word, scale in SCALES.items() if len(word) > 3 and word != "grand"}
GROUPS = {"dozen": 12.0, "dozens": 12.0, "couple": 2.0, "pair": 2.0}
PARTS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5}
PARTS |= {"tenth": 10, "tenths": 10}
TIMES = {"once": 1, "twice": 2, "thrice": 3}
CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
CURRENCIES |= {"dollar": "USD", "buck": "USD", "euro": "EUR", "pound": "GBP", "quid": "GBP", "yen": "JPY"}
CURRENCIES |= {
    "rupee": "INR",
    "franc": "CHF",
    "yuan": "CNY",
    "krona": "SEK",
    "zloty": "PLN",
    "peso": "MXN",
    "won": "KRW",
}
CURRENCIES |= {word + "s": code for word, code in CURRENCIES.items() if word.isalpha()}
CODES = [
    "usd",
    "eur",
    "gbp",
    "jpy",
    "inr",
    "chf",
    "cny",
    "cad",
    "aud",
    "nzd",
    "sek",
    "nok",
    "dkk",
    "pln",
    "czk",
    "huf",
    "mxn",
    "brl",
    "krw",
    "zar",
    "sgd",
    "hkd",
    "ils",
    "try",
    "aed",
]
CURRENCIES |= {code: code.upper() for code in CODES if code != "try"}
DOLLARS = {"us": "USD", "american": "USD", "canadian": "CAD", "australian": "AUD", "singapore": "SGD"}
CENTS = {"cent", "cents", "pence", "penny"}
NOTHING = {"none", "nothing", "nil", "nought", "naught", "never", "zilch", "not a single one"}
CORRECTIONS = re.compile(
    r"\bno(?=,)|(?<=, )no\b|\b(?:sorry|actually|rather|i mean|make that|make it|scratch that|wait|correction)\b"
)
LEAD_IN = frozenset(
    [
        "about",
        "around",
        "roughly",
        "approximately",
        "maybe",
        "perhaps",
        "probably",
        "well",
        "so",
        "um",
        "uh",
        "er",
        "hmm",
        "like",
        "say",
        "i'd",
        "id",
        "i",
        "would",
        "guess",
        "think",
        "it's",
        "its",
        "it",
        "is",
        "was",
        "that's",
        "at",
        "least",
        "most",
        "up",
        "to",
        "nearly",
        "almost",
        "just",
        "over",
        "under",
        "some",
        "somewhere",
        "between",
        "from",
        "more",
        "less",
        "than",
        "call",
        "give",
        "or",
        "the",
        "a",
        "an",
        "only",
        "exactly",
        "yes",
        "yeah",
        "okay",
        "ok",
        "oh",
        "we",
        "we're",
        "pay",
        "charge",
        "for",
        "of",
        "our",
        "on",
        "average",
        "we'd",
        "i'm",
        "my",
        "they",
        "they'd",
        "you",
        "you'd",
        "usually",
        "typically",
        "and",
        "it'd",
        "be",
        "to",
        "range",
        "in",
        "region",
        "ballpark",
        "let's",
        "let",
        "me",
        "see",
    ]
)
"""Words that may stand before the number that is the answer; "eight, two of our clients left" has its answer first."""


class Quantity(NamedTuple):
    """A number in a text.

    Attributes:
        low, high: equal unless a range was said.
        unit: "%", an ISO 4217 code, or "".
        of: 10 for "eight out of ten".
        share: it was said as a part: "half", "two thirds".
        start, end: tokens it spans.
    """

    low: float
    high: float
    unit: str = ""
    of: float | None = None
    share: bool = False
    start: int = 0
    end: int = 0

    @property
    def value(self) -> float:
        """The middle of a range: "eight or nine" is 8.5."""
        return (self.low + self.high) / 2


_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:[,'\u2019 ]\d{3})+(?![\d])(?:\.\d+)?|\d+\.\d+|\d+,\d{1,2}(?!\d)|\d+|\.\d+)"
    r"|(?P<word>[^\W\d_][^\W_]*(?:['\u2019][^\W\d_]+)?)|(?P<sign>[-$€£¥₹%/,;.!?+])"
)


class _Token(NamedTuple):
    text: str
    digits: bool
    glued: bool
    """No space before it."""


def tokens_of(text: str) -> list[str]:
    """Words, numbers and signs in small letters, as `Quantity.start` and `.end` count them."""
    return [token.text for token in _tokens(text)]


def _tokens(text: str) -> list[_Token]:
    flat = unicodedata.normalize("NFKC", text).lower()
    flat = re.sub("[\u2010-\u2015\u2212]", "-", flat)
    flat = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", flat)  # twenty-five
    found = []
    end = -1
    for match in _TOKEN.finditer(flat):
        found.append(_Token(match[0], match["number"] is not None, match.start() == end))
        end = match.end()
    return found


def quantities(text: str) -> list[Quantity]:
    """Every number in a text, in order. "one" as a pronoun, ordinals, clock times and words such as q3 are none."""
    return _Scan(_tokens(text)).all()


def the_quantity(text: str, prefers: Callable[[Quantity], bool] | None = None) -> Quantity | None:
    """The number that is meant as the answer.

    In this order: a correction ("seven, no, eight") leaves what follows it; those that `prefers` likes, if any; the only one,
    or several that say the same; one that only lead-in words precede. Otherwise none.
    """
    flat = " ".join(text.lower().split()).strip(" .!?,")
    if flat in NOTHING:
        return Quantity(0.0, 0.0)
    corrections = list(CORRECTIONS.finditer(flat))
    if corrections:
        after = the_quantity(flat[corrections[-1].end() :], prefers)
        if after is not None:
            return after
    tokens = _tokens(flat)
    found = _Scan(tokens).all()
    if prefers is not None:
        found = [each for each in found if prefers(each)] or found
    if not found:
        return None
    if len({(each.low, each.high, each.unit) for each in found}) == 1:
        return found[0]
    head = found[0]
    before = [token.text for token in tokens[: head.start] if token.text not in ",.-"]
    glued = len(found) > 1 and found[1].start == head.end  # "nineteen ninety nine" is a year, a price or two numbers
    return head if not glued and all(word in LEAD_IN for word in before) else None


class _Scan:
    """One pass over the tokens of a text. Every `_x(at)` reads at a token and answers with the index behind, or nothing."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens

    def _word(self, at: int) -> str:
        return self._tokens[at].text if 0 <= at < len(self._tokens) else ""

    def _digits(self, at: int) -> bool:
        return 0 <= at < len(self._tokens) and self._tokens[at].digits

    def all(self) -> list[Quantity]:
        found: list[Quantity] = []
        at = 0
        while at < len(self._tokens):
            quantity = self._quantity(at)
            if quantity is None:
                at += 1
                continue
            if not self._is_time(quantity):
                found.append(quantity)
            at = quantity.end
        return found

    def _is_time(self, quantity: Quantity) -> bool:
        """Years after a preposition and clock times answer "when?", not "how many?"."""
        follows, leads = self._word(quantity.end), self._word(quantity.start - 1)
        if follows in ("am", "pm", "o'clock", "oclock"):
            return True
        year = quantity.low == quantity.high and 1900 <= quantity.low <= 2100 and quantity.low == int(quantity.low)
        return (
            year and not quantity.unit and leads in ("in", "since", "until", "during", "year", "of") and follows != "of"
        )

    def _quantity(self, at: int) -> Quantity | None:
        first = self._measure(at)
        if first is None:
            return None
        between = self._word(at - 1) == "between"
        link = self._word(first.end)
        if link in ("to", "-", "or", "till", "through") or (link == "and" and between):
            second = self._measure(first.end + 1)
            if second is not None and (joined := self._join(first, second, link)) is not None:
                return joined
        return first

    def _join(self, first: Quantity, second: Quantity, link: str) -> Quantity | None:
        if first.unit and second.unit and first.unit != second.unit:
            return None
        low, high = first.low, second.low
        scale = self._scale_said(second)
        if scale > 1 and self._scale_said(first) == 1 and low * scale < high:
            low *= scale  # two to three thousand
        if low > high and link in ("or", "and"):
            low, high = high, low
        if low > high:
            return None  # "from ten to five" is a change, not a range
        unit = second.unit or first.unit
        return Quantity(low, high, unit, second.of, first.share and second.share, first.start, second.end)

    def _scale_said(self, quantity: Quantity) -> float:
        said = [SCALES[token.text] for token in self._tokens[quantity.start : quantity.end] if token.text in SCALES]
        return max(said, default=1.0)

    def _measure(self, at: int) -> Quantity | None:
        """A number with its sign and unit."""
        start, unit, sign = at, "", 1.0
        if self._word(at) in ("minus", "negative") or (
            self._word(at) == "-" and not self._tokens[at].glued and self._next_glued(at)
        ):
            sign, at = -1.0, at + 1
        if (self._word(at) in DOLLARS or self._word(at) == "us") and self._word(at + 1) == "$":
            unit, at = DOLLARS[self._word(at)], at + 2
        elif self._word(at) in CURRENCIES and (self._word(at) in "$€£¥₹" or self._word(at) in CODES):
            unit, at = CURRENCIES[self._word(at)], at + 1
        if self._word(at) == "-" and unit and self._next_glued(at):
            sign, at = -1.0, at + 1
        number = self._cardinal(at)
        if number is None:
            return None
        value, end, share = number
        if self._pronoun(at, end) or self._ordinal(end):
            return None
        if unit == "":
            unit, end, value = self._unit(end, value)
        of, end = self._out_of(end)
        return Quantity(sign * value, sign * value, unit, of, share, start, end)

    def _next_glued(self, at: int) -> bool:
        return at + 1 < len(self._tokens) and self._tokens[at + 1].glued

    def _unit(self, at: int, value: float) -> tuple[str, int, float]:
        word = self._word(at)
        if word in ("%", "percent", "percents"):
            return "%", at + 1 + (self._word(at + 1) in ("point", "points")), value
        if (word == "per" and self._word(at + 1) == "cent") or (
            word == "percentage" and self._word(at + 1) == "points"
        ):
            return "%", at + 2, value
        if word in CENTS:
            return ("GBP" if word in ("pence", "penny") else "USD"), at + 1, value / 100
        if word in DOLLARS and self._word(at + 1) in ("dollar", "dollars"):
            return DOLLARS[word], at + 2, value
        if word not in CURRENCIES or (word == "won" and not self._digits(at - 1)):
            return "", at, value
        unit, at = CURRENCIES[word], at + 1
        joined = at + (self._word(at) == "and")
        cents = self._cardinal(joined)
        if cents is not None and cents[0] < 100 and (self._word(cents[1]) in CENTS):
            return unit, cents[1] + 1, value + cents[0] / 100
        return unit, at, value

    def _out_of(self, at: int) -> tuple[float | None, int]:
        for lead in (("out", "of"), ("/",), ("in",)):
            if tuple(self._word(at + k) for k in range(len(lead))) != lead:
                continue
            whole = self._cardinal(at + len(lead))
            # "in" takes a whole only in "one in five"; "3 in 2024" is a year
            if (
                whole is not None
                and whole[0] > 0
                and (lead != ("in",) or (whole[0] <= 100 and not self._unit(whole[1], 0.0)[0]))
            ):
                return whole[0], whole[1]
        return None, at

    def _pronoun(self, at: int, end: int) -> bool:
        if self._word(at) != "one" or end != at + 1:
            return False
        if self._word(end) == "of" or self._word(end) in ("thing", "another"):
            return True
        return self._word(at - 1) in (
            "no",
            "any",
            "every",
            "some",
            "this",
            "that",
            "the",
            "each",
            "which",
            "another",
            "first",
        )

    def _ordinal(self, end: int) -> bool:
        return self._word(end) in ("st", "nd", "rd", "th") and self._tokens[end].glued and self._digits(end - 1)

    def _cardinal(self, at: int) -> tuple[float, int, bool] | None:
        """A number without sign and unit: value, index behind, said as a share."""
        total, before, found, share = 0.0, float("inf"), False, False
        while (part := self._part(at)) is not None:
            value, behind, as_share = part
            scale, behind = self._scales(behind)
            if found and (value >= before or scale >= before or (self._digits(at) and before == 1)):
                break
            total, at, share = total + value * scale, behind, as_share and scale == 1 and not found
            found, before = True, scale
            if scale == 1:
                break
            extra, at = self._and_part(at)
            if extra:
                total += extra * scale
                break
            if self._word(at) == "and" and self._small(at + 1):
                at += 1
        if not found:
            return None
        if self._word(at - 1) == "and":
            at -= 1
        return total, at, share

    def _small(self, at: int) -> bool:
        """A word number that may follow "and": two thousand and five."""
        return self._word(at) in UNITS or self._word(at) in TEENS or self._word(at) in TENS

    def _scales(self, at: int) -> tuple[float, int]:
        scale = 1.0
        if self._word(at) == "m" and self._tokens[at].glued and self._digits(at - 1):
            return 1e6, at + 1
        if self._word(at) == "of" and self._word(at + 1) == "a" and self._word(at + 2) in ("million", "billion"):
            at += 2  # a quarter of a million
        if self._word(at) in ("a", "an") and self._word(at - 1) == "half" and self._word(at + 1) in SCALES:
            at += 1
        while (factor := SCALES.get(self._word(at))) is not None:
            scale, at = scale * factor, at + 1
        return scale, at

    def _and_part(self, at: int) -> tuple[float, int]:
        """ "and a half", "and three quarters": what it adds and the index behind."""
        if self._word(at) != "and":
            return 0.0, at
        if self._word(at + 1) in ("a", "one") and self._word(at + 2) in ("half", "third", "quarter"):
            return 1 / PARTS[self._word(at + 2)], at + 3
        count = UNITS.get(self._word(at + 1), 0)
        if count and self._word(at + 2) in ("thirds", "quarters"):
            return count / PARTS[self._word(at + 2)], at + 3
        return 0.0, at

    def _part(self, at: int) -> tuple[float, int, bool] | None:
        """What may stand before a scale word: 1.2, twelve, a, half a, two and a half, nine hundred."""
        word = self._word(at)
        if self._digits(at):
            value, end = _float(word), at + 1
            if self._word(end) == "/" and (value, self._word(end + 1)) in _SLASHED:
                return value / _float(self._word(end + 1)), end + 2, True
            extra, end = self._and_part(end)
            return self._grouped(value + extra, end)
        if word in TIMES:
            return float(TIMES[word]), at + 1, False
        if word in ("a", "an", "the"):
            return self._after_article(at + 1)
        if word == "half":
            return self._half(at)
        if word in GROUPS and word.endswith("s"):
            return None  # "dozens" says no number
        if word in GROUPS and self._word(at - 1) not in ("a", "the"):
            return (GROUPS[word], at + 1, False) if word == "dozen" else None
        return self._worded(at)

    def _after_article(self, at: int) -> tuple[float, int, bool] | None:
        word = self._word(at)
        if word in SCALES and word != "k" and not word.endswith("s"):
            return 1.0, at, False
        if word in GROUPS and not word.endswith("s"):
            end = at + 1
            if self._word(end) == "of" and (self._word(end + 1) in SCALES or self._word(end + 1) in GROUPS):
                end += 1
            return self._grouped(GROUPS[word], end)
        if word == "half":
            return self._half(at)
        if word in ("third", "quarter", "fifth", "tenth") and self._word(at - 1) == "a" and self._whole_follows(at + 1):
            return 1 / PARTS[word], at + 1, True
        return None

    def _whole_follows(self, at: int) -> bool:
        """ "a quarter of our users", or nothing more; "300 dollars a quarter" is a period."""
        return self._word(at) == "of" or (
            at >= len(self._tokens) and not self._digits(at - 3) and self._word(at - 3) not in CURRENCIES
        )

    def _half(self, at: int) -> tuple[float, int, bool]:
        end = at + 1
        if self._word(end) in ("a", "an") and self._word(end + 1) == "dozen":
            return 6.0, end + 2, False
        if self._word(end) == "dozen":
            return 6.0, end + 1, False
        return 0.5, end, True

    def _grouped(self, value: float, at: int) -> tuple[float, int, bool]:
        if self._word(at) in ("dozen", "dozens"):
            return value * 12, at + 1, False
        return value, at, False

    def _worded(self, at: int) -> tuple[float, int, bool] | None:
        small = self._below_hundred(at)
        if small is None:
            return None
        value, end = float(small[0]), small[1]
        if value and value < 10 and end == at + 1:
            count = self._word(end)
            if count in ("halves", "thirds", "quarters", "fifths", "tenths") or (
                value == 1 and count in ("third", "quarter")
            ):
                return value / PARTS[count], end + 1, True
            tail = self._below_hundred(end)
            if tail is not None and tail[0] >= 10:
                value, end = value * 100 + tail[0], tail[1]  # one fifty
        if self._word(end) == "hundred":
            value, end = value * 100, end + 1
            tail = self._below_hundred(end + (self._word(end) == "and"))
            if tail is not None and tail[0] > 0:
                value, end = value + tail[0], tail[1]
        value, end = self._decimals(value, end)
        extra, end = self._and_part(end)
        return self._grouped(value + extra, end)

    def _below_hundred(self, at: int) -> tuple[int, int] | None:
        word = self._word(at)
        if word in TENS:
            unit = UNITS.get(self._word(at + 1), 0)
            return TENS[word] + unit, at + 1 + (unit > 0)
        if word in TEENS:
            return TEENS[word], at + 1
        return (UNITS[word], at + 1) if word in UNITS else None

    def _decimals(self, value: float, at: int) -> tuple[float, int]:
        if self._word(at) != "point":
            return value, at
        figures, end = "", at + 1
        while len(figures) < 15:
            word = "zero" if self._word(end) in ("oh", "o") else self._word(end)
            small = self._below_hundred(end) if word != "zero" else (0, end + 1)
            if self._digits(end) and word.isdigit():
                figures, end = figures + word, end + 1
            elif small is not None:
                figures, end = figures + str(small[0]), small[1]
            else:
                break
        return (float(f"{int(value)}.{figures[:15]}"), end) if figures else (value, at)


_SLASHED = {(1.0, "2"), (1.0, "3"), (2.0, "3"), (1.0, "4"), (3.0, "4"), (1.0, "5")}


def _float(text: str) -> float:
    """1,200 and 1 200 are grouped by threes; 2,5 is a decimal comma."""
    if re.fullmatch(r"\d+,\d{1,2}", text):
        return float(text.replace(",", "."))
    return float(re.sub(r"[^\d.]", "", text))

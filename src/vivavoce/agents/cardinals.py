"""Numbers without units in a row of tokens: 1.2, twelve hundred, two and a half thousand, half a million."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from typing import NamedTuple

from vivavoce.agents.numberwords import CURRENCIES, SMALL, WORDS

_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:[,'\u2019 ]\d{3})+(?!\d)(?:\.\d+)?|\d+\.\d+|\d+,\d{1,2}(?!\d)|\d+|\.\d+)"
    r"|(?P<word>[^\W\d_][^\W_]*(?:['\u2019][^\W\d_]+)?)|(?P<sign>[-$€£¥₹%/,;.!?+])"
)
_SLASHED = {(1.0, "2"), (1.0, "3"), (2.0, "3"), (1.0, "4"), (3.0, "4"), (1.0, "5")}
_FRACTIONS = ("half", "third", "quarter", "fifth", "tenth")


class Token(NamedTuple):
    """A word, a number or a sign. `glued` is one with no space before it."""

    text: str
    digits: bool
    glued: bool


def tokenise(text: str) -> list[Token]:
    """Words and signs in small letters; hyphenated number words come apart."""
    flat = unicodedata.normalize("NFKC", text).lower()
    flat = re.sub("[\u2010-\u2015\u2212]", "-", flat)
    flat = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])", " ", flat)  # twenty-five
    found = []
    end = -1
    for match in _TOKEN.finditer(flat):
        found.append(Token(match[0], match["number"] is not None, match.start() == end))
        end = match.end()
    return found


class Cardinal(NamedTuple):
    """A number, the index behind it, whether it was said as a share ("half"), and its largest scale word."""

    value: float
    end: int
    share: bool = False
    scale: float = 1.0


class Tokens:
    """A row of tokens that can be asked what stands where; behind both ends stands nothing."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens

    def __len__(self) -> int:
        return len(self._tokens)

    def __getitem__(self, at: int) -> str:
        return self._tokens[at].text if 0 <= at < len(self._tokens) else ""

    def digits(self, at: int) -> bool:
        return 0 <= at < len(self._tokens) and self._tokens[at].digits

    def glued(self, at: int) -> bool:
        return 0 <= at < len(self._tokens) and self._tokens[at].glued

    def run(self, at: int, *words: str | Container[str]) -> bool:
        """Whether these words stand here one after the other; a container stands for any of its members."""
        return all(
            self[at + k] == word if isinstance(word, str) else self[at + k] in word for k, word in enumerate(words)
        )


def cardinal(tokens: Tokens, at: int) -> Cardinal | None:
    """The longest number that begins here: parts, each with its scale, from the largest down."""
    found: Cardinal | None = None
    smallest = float("inf")
    while (part := _part(tokens, at)) is not None:
        scale, end = _scale(tokens, part.end)
        if found and (part.value >= smallest or scale >= smallest):
            break
        total = (found.value if found else 0.0) + part.value * scale
        largest = max(scale, part.scale, found.scale if found else 1.0)
        found = Cardinal(total, end, part.share and scale == 1 and not found, largest)
        smallest = scale
        extra, behind = _fraction_added(tokens, end)
        if scale == 1 or extra:
            return found._replace(value=total + extra * scale, end=behind)
        at = end + (tokens.run(end, "and", SMALL))  # two thousand and five
    return found


def _scale(tokens: Tokens, at: int) -> tuple[float, int]:
    """The product of the scale words that stand here, and the index behind them."""
    if tokens[at] == "m" and tokens.glued(at) and tokens.digits(at - 1):
        return 1e6, at + 1
    if tokens.run(at, "of", "a", WORDS.scales):
        at += 2  # a quarter of a million
    elif tokens[at - 1] == "half" and tokens.run(at, "a", WORDS.scales):
        at += 1
    scale = 1.0
    while (factor := WORDS.scales.get(tokens[at])) is not None:
        scale, at = scale * factor, at + 1
    return scale, at


def _fraction_added(tokens: Tokens, at: int) -> tuple[float, int]:
    """What "and a half" or "and three quarters" adds, and the index behind it."""
    if tokens.run(at, "and", ("a", "one"), ("half", "third", "quarter")):
        return 1 / WORDS.parts[tokens[at + 2]], at + 3
    if tokens.run(at, "and", WORDS.units, ("thirds", "quarters")):
        return WORDS.units[tokens[at + 1]] / WORDS.parts[tokens[at + 2]], at + 3
    return 0.0, at


def _part(tokens: Tokens, at: int) -> Cardinal | None:
    """What may stand before a scale word: 1.2, twelve, a, half a, two and a half, nine hundred and five."""
    word = tokens[at]
    if tokens.digits(at):
        if tokens[at + 1] == "/" and (_figure(word), tokens[at + 2]) in _SLASHED:
            return Cardinal(_figure(word) / _figure(tokens[at + 2]), at + 3, share=True)
        return _grouped(tokens, _figure(word), at + 1)
    if word in WORDS.times:
        return Cardinal(float(WORDS.times[word]), at + 1)
    if word in ("a", "an"):
        return _after_article(tokens, at + 1)
    if word == "half":
        dozen = at + 1 + tokens.run(at + 1, ("a", "an"))
        return Cardinal(6.0, dozen + 1) if tokens[dozen] == "dozen" else Cardinal(0.5, at + 1, share=True)
    return Cardinal(12.0, at + 1) if word == "dozen" else _worded(tokens, at)


def _after_article(tokens: Tokens, at: int) -> Cardinal | None:
    word = tokens[at]
    if word in WORDS.scales and len(word) > 2 and not word.endswith("s"):
        return Cardinal(1.0, at)
    if word in WORDS.groups:
        counted = tokens.run(at + 1, "of", WORDS.scales) or tokens.run(at + 1, "of", WORDS.groups)
        return _grouped(tokens, WORDS.groups[word], at + 1 + counted)
    if word == "half":
        return _part(tokens, at)
    if word in _FRACTIONS and _is_share(tokens, at):
        return Cardinal(1 / WORDS.parts[word], at + 1, share=True)
    return None


def _is_share(tokens: Tokens, at: int) -> bool:
    """ "a quarter of our users", or "a quarter" as the whole answer; "300 dollars a quarter" is a period."""
    period = tokens.digits(at - 2) or tokens[at - 2] in CURRENCIES or tokens[at - 2] in SMALL
    return tokens[at + 1] == "of" or (at + 1 >= len(tokens) and not period)


def _worded(tokens: Tokens, at: int) -> Cardinal | None:
    small = _below_hundred(tokens, at)
    if small is None:
        return None
    value, end = float(small[0]), small[1]
    if 0 < value < 10 and (tokens[end] in WORDS.parts and (tokens[end].endswith("s") or value == 1)):
        return Cardinal(value / WORDS.parts[tokens[end]], end + 1, share=True)
    scale = 1.0
    tail = _below_hundred(tokens, end)
    if 0 < value < 10 and tail is not None and tail[0] >= 10:
        value, end = value * 100 + tail[0], tail[1]  # one fifty
    elif tokens[end] == "hundred":
        value, end, scale = value * 100, end + 1, 100.0
        tail = _below_hundred(tokens, end + tokens.run(end, "and"))
        if tail is not None and tail[0] > 0:
            value, end = value + tail[0], tail[1]
    value, end = _decimals(tokens, value, end)
    return _grouped(tokens, value, end, scale)


def _below_hundred(tokens: Tokens, at: int) -> tuple[int, int] | None:
    word = tokens[at]
    if word in WORDS.tens:
        unit = WORDS.units.get(tokens[at + 1], 0)
        return WORDS.tens[word] + unit, at + 1 + (unit > 0)
    return (SMALL[word], at + 1) if word in SMALL else None


def _decimals(tokens: Tokens, value: float, at: int) -> tuple[float, int]:
    """The figures behind "point": "two point two five" and "two point twenty five" are 2.25."""
    figures, end = "", at + 1
    while tokens[at] == "point" and len(figures) < 15:
        if tokens.run(end, ("oh", "o")):
            figures, end = figures + "0", end + 1
        elif tokens[end].isdigit():
            figures, end = figures + tokens[end], end + 1
        elif (small := _below_hundred(tokens, end)) is not None:
            figures, end = figures + str(small[0]), small[1]
        else:
            break
    return (float(f"{value:.0f}.{figures[:15]}"), end) if figures else (value, at)


def _grouped(tokens: Tokens, value: float, at: int, scale: float = 1.0) -> Cardinal:
    """The number, with "and a half" before a scale or a dozen behind it."""
    extra, end = _fraction_added(tokens, at)
    if tokens[end] == "dozen":
        return Cardinal((value + extra) * 12, end + 1, scale=scale)
    return Cardinal(value + extra, end, scale=scale)


def _figure(text: str) -> float:
    """1,200 and 1 200 are grouped by threes; 2,5 is a decimal comma."""
    if re.fullmatch(r"\d+,\d{1,2}", text):
        return float(text.replace(",", "."))
    return float(re.sub(r"[^\d.]", "", text))

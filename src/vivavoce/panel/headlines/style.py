"""What one headline does with words and signs, as figures: nothing in here knows what a word means."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec
import numpy as np

from vivavoce.panel.calibration.drawing import Floats
from vivavoce.panel.packaged import packaged


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`data/headlines.yaml`."""

    version: int
    lists: dict[str, tuple[str, ...]]
    statements: dict[str, str]
    """What readers care about, by a name for each."""


WORDS = packaged("headlines.yaml", Words)
_LISTS = {name: frozenset(words) for name, words in WORDS.lists.items()}
_WORD = re.compile(r"[a-z0-9$%*]+(?:['’-][a-z0-9]+)*", re.IGNORECASE)
_STRAIGHT = str.maketrans("’‘“”", "''\"\"")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"')]*\s+")
_STOP = re.compile(r"[^.]\.[\"')]*\s*$")
_DASH = re.compile(r"[—–]|\s-+\s|--")
_QUOTES = re.compile(r'"|(?:^|\s)\'|\'(?:\s|$)')
_THATS = re.compile(r"\bthat's\b|\bhere's\b|\bthis is\b|\bit's\b", re.IGNORECASE)
_AGE = re.compile(r"\d+[- ]year", re.IGNORECASE)
_USUAL_CHARS = 80
MOST = 3
"""Of words of one list that count."""


@lru_cache(20_000)
def _style(text: str) -> tuple[tuple[str, float], ...]:
    flat = text.translate(_STRAIGHT)
    said = _WORD.findall(flat)
    low = [word.lower() for word in said]
    found = _length(text, flat, low) | _signs(flat, said) | _beginning(flat, low)
    for name, words in _LISTS.items():
        hits = sum(word in words or (word.endswith("'s") and word[:-2] in words) for word in low)
        found[f"has_{name}"] = min(hits, MOST)
    found["age"] = float(_AGE.search(flat) is not None)
    return tuple(found.items())


def _length(text: str, flat: str, low: Sequence[str]) -> dict[str, float]:
    count, chars = max(1, len(low)), math.log(max(1, len(text)))
    sentences = [each for each in _SENTENCE.split(flat) if each.strip()]
    return {
        "chars": chars,
        "chars_off": (chars - math.log(_USUAL_CHARS)) ** 2,
        "words": math.log(count),
        "long_words": sum(len(word) > 6 for word in low) / count,
        "word_length": sum(map(len, low)) / count,
        "sentences": min(len(sentences), 4),
        "last_short": float(len(sentences) > 1 and len(_WORD.findall(sentences[-1])) <= 4),
    }


def _signs(flat: str, said: Sequence[str]) -> dict[str, float]:
    capitals = [word[0].isupper() for word in said[1:] if word[0].isalpha() and len(word) > 3]
    title = bool(capitals) and sum(capitals) / len(capitals) > 0.7
    return {
        "digits": float(any(letter.isdigit() for word in said for letter in word)),
        "dollars": float("$" in flat or "%" in flat),
        "question": float("?" in flat),
        "ends_question": float(flat.rstrip(" \"')").endswith("?")),
        "exclaims": float("!" in flat),
        "dots": float("..." in flat or "…" in flat),
        "ends_stop": float(_STOP.search(flat) is not None),
        "commas": min(flat.count(","), 3),
        "colon": float(":" in flat),
        "dash": float(_DASH.search(flat) is not None),
        "brackets": float("(" in flat or "[" in flat),
        "quotes": float(_QUOTES.search(flat) is not None),
        "masked": float("*" in flat),
        "caps": min(2, sum(word.isupper() and len(word) > 2 for word in said)),
        "title_case": float(title),
        "names": 0.0 if title else min(3, sum(capitals)),
    }


def _beginning(flat: str, low: Sequence[str]) -> dict[str, float]:
    first, count = low[0] if low else "", max(1, len(low))
    return {
        "starts_digit": float(re.match(r"\W*\d", flat) is not None),
        "thats": float(_THATS.search(flat) is not None),
        "starts_pronoun": float(first in _LISTS["she"] | _LISTS["he"] | _LISTS["they"]),
        "starts_asks": float(first in _LISTS["asks"]),
        "starts_look": float(first in _LISTS["look"]),
        "starts_if": float(first in ("if", "when", "after", "before", "once", "while")),
        "starts_the": float(first in ("the", "a", "an")),
        "ed": sum(word.endswith("ed") for word in low) / count * 5,
        "ing": sum(word.endswith("ing") for word in low) / count * 5,
        "ly": min(2, sum(word.endswith("ly") for word in low)),
    }


STYLE = tuple(name for name, _ in _style("x"))
"""Names of the figures, in the order of their columns."""
BLOCKS = {
    "length": tuple(_length("x", "x", ["x"])),
    "signs": (*_signs("x", ["x"]), "age"),
    "beginnings": tuple(_beginning("x", ["x"])),
    "lists": tuple(f"has_{name}" for name in _LISTS),
}
"""Which of them belong together."""


def style(texts: Sequence[str]) -> Floats:
    """Shape (len(texts), len(STYLE)). What lists count, they count up to three times."""
    return np.array([[value for _, value in _style(text)] for text in texts], np.float64).reshape(-1, len(STYLE))

"""Why a text is used with care, or not at all (`data/flags.yaml`).

What people wrote may be written for a machine that reads it. Such texts are marked, not mended: no persona is made of
them, and whoever looks at the corpus sees which they are. That a pattern misses one is certain; that is why what gets
through is quoted as data in a marked block, and never obeyed.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Sequence

import msgspec

from vivavoce.panel.packaged import packaged
from vivavoce.panel.reading.said import Sentence
from vivavoce.panel.reading.terms import Term, Terms

FEWEST_WORDS = 4
"""Fewer say too little for a persona: "love it so much" is the least. Not tuned."""
SELLS = 3.0
"""From here on it is an advert: a strong phrase and a weak one. Tuned on none; what it costs is in the page on
reading."""
MOST_HIDDEN = 2
"""Invisible letters within words of Latin letters that a copied text may bring along. Not tuned."""
LEAST_BLOB = 40
"""Characters of a run that may hide a text. Shorter ones are ids and hashes."""


class _Sells(msgspec.Struct, frozen=True):
    strong: tuple[str, ...]
    weak: tuple[str, ...]


class _Flags(msgspec.Struct, frozen=True):
    version: int
    instructions: tuple[str, ...]
    advert: _Sells


_DATA = packaged("flags.yaml", _Flags)
_ORDERS = tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in _DATA.instructions)
_SELLS = Terms(
    Term("advert", text, value)
    for value, texts in ((2.0, _DATA.advert.strong), (1.0, _DATA.advert.weak))
    for text in texts
)

_INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
_HIDDEN = re.compile(rf"[{_INVISIBLE}\U000e0000-\U000e0fff]|[\ufe00-\ufe0f](?=[\ufe00-\ufe0f])")
_WITHIN = re.compile(rf"(?<=[a-z])[{_INVISIBLE}]+(?=[a-z])", re.IGNORECASE)
# letters that are tags: a whole alphabet nobody sees. A flag is written with them, after a black one.
_TAGS = re.compile(r"(?<!🏴)(?<![\U000e0020-\U000e007f])[\U000e0001-\U000e007f]+")
# more than one choice of glyph for one letter: bytes are hidden that way
_SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}")
_OVERRIDES = re.compile("[\u202d\u202e]")
_BLOB = re.compile(rf"[A-Za-z0-9+/_-]{{{LEAST_BLOB},}}={{0,2}}")
_WRAP = re.compile(r"(?<!\n)\n(?!\n)")
_SPACED = re.compile(r"\b(?:\w[ .\-_*]){5,}\w\b")
_APART = re.compile(r"[ .\-_*]")
_MIXED = re.compile(r"\b(?=\w*[a-zA-Z])(?=\w*[\u0370-\u03ff\u0400-\u04ff])\w+")
_LEET = re.compile(r"\b(?=\w*[a-z])(?=\w*[013457])[a-z013457]{4,}\b", re.IGNORECASE)
_DIGITS = str.maketrans("013457", "oieast")
_LOOKS = str.maketrans(
    "аеорсухіјѕһԁԛԝкмтвн" + "АЕОРСУХІЈЅВНКМТ" + "αορνικτυ", "aeopcyxijshdqwkmtbh" + "AEOPCYXIJSBHKMT" + "aopvikty"
)


def flags_of(text: str, sentences: Sequence[Sentence], foreign: bool) -> tuple[str, ...]:
    """The flags of a text, in a fixed order."""
    flags = []
    if foreign:
        flags.append("not-english")
    if sum(len(sentence.words) for sentence in sentences) < FEWEST_WORDS:
        flags.append("too-short")
    if addresses_a_model(text):
        flags.append("instructions")
    if sells(sentences):
        flags.append("advert")
    return tuple(flags)


def addresses_a_model(text: str) -> bool:
    if _hides(text):
        return True
    plain = _plain(text)
    # an order may be broken into lines, be a line of its own, or have digits for letters
    ways = dict.fromkeys((plain, _WRAP.sub(" ", plain), _LEET.sub(lambda word: word[0].translate(_DIGITS), plain)))
    return any(pattern.search(way) for way in ways for pattern in _ORDERS) or any(map(_is_text, _BLOB.findall(text)))


def sells(sentences: Sequence[Sentence]) -> bool:
    found = {each.term for sentence in sentences for each in _SELLS.find(sentence.words)}
    strong = any(term.value == 2.0 for term in found)
    return strong and sum(term.value for term in found) >= SELLS


def _hides(text: str) -> bool:
    """Whether it holds letters that a machine reads and a person does not see."""
    if text.isascii():
        return False
    if _TAGS.search(text) or _SELECTORS.search(text) or _OVERRIDES.search(text):
        return True
    return sum(len(run) for run in _WITHIN.findall(text)) > MOST_HIDDEN


def _plain(text: str) -> str:
    """As a model would understand it: nothing hidden, no look-alikes, no letters s p a c e d out."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _HIDDEN.sub("", text))
        text = _MIXED.sub(lambda word: word[0].translate(_LOOKS), text)
    return _SPACED.sub(lambda run: _APART.sub("", run[0]), text)


def _is_text(blob: str) -> bool:
    """Whether a run of letters and digits is words in base64. Ids, hashes and tokens are not."""
    bare = blob.rstrip("=").replace("-", "+").replace("_", "/")
    bare = bare[: len(bare) - (len(bare) % 4 == 1)]
    try:
        inside = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return (
        inside.isprintable()
        and inside.count(" ") >= len(inside) / 20
        and sum(map(str.isalpha, inside)) > len(inside) / 2
    )

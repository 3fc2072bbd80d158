"""BERT's tokenizer: plain lower-case words, cut into the longest pieces that the vocabulary has.

Written after the reference (google-research/bert: tokenization.py; Wu et al. 2016) in place of `tokenizers`, which
brings 30 MB of packages to speak to a hub that is never asked. One thing is different on purpose: "[SEP]" in what
somebody wrote is three ordinary pieces and not the end of a text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

LONGEST_WORD = 100
"""The reference's: a longer one is unknown as a whole."""
MOST_CHARS = 16_384
"""Looked at of one text: many times of what so few pieces can hold, so that an endless one costs no more."""
_ASCII = re.compile(r"[a-z0-9]+|[!-/:-@\[-`{-~]")
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n\r"} | {127: None}
# The reference's blocks of ideographs; those of Hangul, Hiragana and Katakana are written in words and are not here.
_IDEOGRAPHS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """Texts as numbers of pieces.

    Args:
        vocabulary: pieces by their number; one that goes on a word begins with "##".
    """

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._begin, self._end, self._unknown = (self._numbers[name] for name in ("[CLS]", "[SEP]", "[UNK]"))
        self._pieces = lru_cache(65_536)(self._cut)

    def numbers(self, text: str, most: int) -> list[int]:
        """The pieces of a text between a begin and an end, `most` in all; none for a text without any."""
        found: list[int] = []
        for word in _words(text[:MOST_CHARS]):
            found += self._pieces(word)
            if len(found) >= most - 2:
                break
        return [self._begin, *found[: most - 2], self._end] if found else []

    def _cut(self, word: str) -> tuple[int, ...]:
        """The longest piece that it begins with, then again of what remains. Unknown as a whole where that fails."""
        found: list[int] = []
        first, goes_on = 0, ""
        while first < len(word) <= LONGEST_WORD:
            for after in range(len(word), first, -1):
                number = self._numbers.get(goes_on + word[first:after])
                if number is not None:
                    found.append(number)
                    first, goes_on = after, "##"
                    break
            else:
                return (self._unknown,)
        return tuple(found) or (self._unknown,)


def _words(text: str) -> Iterator[str]:
    if text.isascii():
        yield from _ASCII.findall(text.translate(_CONTROLS).lower())
        return
    word = ""
    for char in unicodedata.normalize("NFD", "".join(_cleaned(text))):
        category = unicodedata.category(char)
        if char == " " or _is_mark(char, category):
            if word:
                yield word
            word = ""
            if char != " ":
                yield char
        elif category != "Mn":
            word += char.lower()
    if word:
        yield word


def _cleaned(text: str) -> Iterator[str]:
    for char in text:
        if char.isspace():
            yield " "
        elif char == "\ufffd" or unicodedata.category(char).startswith("C"):
            continue
        elif any(first <= ord(char) <= last for first, last in _IDEOGRAPHS):
            yield f" {char} "
        else:
            yield char


def _is_mark(char: str, category: str) -> bool:
    """Punctuation, to which BERT counts every sign of ASCII."""
    return category.startswith("P") or (char.isascii() and not char.isalnum() and char.isprintable() and char != " ")

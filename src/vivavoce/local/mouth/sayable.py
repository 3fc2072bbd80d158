"""Text made fit to be spoken, in pieces that take a synthesiser little time each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MOST_CHARS = 300
"""About 20 s of speech: a piece is made whole, so this bounds what an interruption may waste (25 ms of work)."""

_TAG = re.compile(r"</?[A-Za-z!?][^<>]{0,200}>")
_MARKS = re.compile(r"[*_`#~|]+|\[\[|\]\]")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+|(?<=[。！？])")
_CLAUSE = re.compile(r"(?<=[,;:–—])\s+|(?<=[，、；：])")
_UNSAID = {"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk"}
"""Control and format characters, lone surrogates, private and unassigned ones, pictures (engines read out their
names)."""


def sayable(text: str) -> str:
    """The text without what is markup or no character of a language, on one line. May come out empty."""
    plain = _MARKS.sub(" ", _TAG.sub(" ", text))
    kept = (char if char.isprintable() and unicodedata.category(char) not in _UNSAID else " " for char in plain)
    return " ".join("".join(kept).split())


def pieces(text: str) -> Iterator[str]:
    """The sentences of a text that is fit to be spoken; one of over `MOST_CHARS` is split at clauses, words,
    anywhere."""
    for sentence in _SENTENCE.split(text):
        yield from _short(sentence.strip(), (_CLAUSE, re.compile(r"\s+")))


def _short(text: str, splits: tuple[re.Pattern[str], ...]) -> Iterator[str]:
    if len(text) <= MOST_CHARS:
        if any(char.isalnum() for char in text):
            yield text
        return
    if not splits:
        for at in range(0, len(text), MOST_CHARS):
            yield text[at : at + MOST_CHARS]
        return
    held = ""
    for part in splits[0].split(text):
        if held and len(held) + 1 + len(part) > MOST_CHARS:
            yield from _short(held, splits[1:])
            held = ""
        held = f"{held} {part}".strip()
    yield from _short(held, splits[1:])

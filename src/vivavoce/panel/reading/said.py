"""A text, taken apart once for everybody who reads it."""

from __future__ import annotations

from dataclasses import dataclass

from vivavoce.panel.texts import sentences, words


@dataclass(frozen=True, slots=True)
class Sentence:
    words: tuple[str, ...]
    asks: bool
    """Whether it ends in a question mark."""
    shouts: int
    """Exclamation marks."""


def said(text: str) -> tuple[Sentence, ...]:
    return tuple(
        Sentence(tuple(words(each)), each.rstrip(" \"'”’)]").endswith(("?", "？", "؟")), each.count("!"))
        for each in sentences(text)
    )

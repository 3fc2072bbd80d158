"""How somebody feels about what they speak of: words of feeling, turned around, made stronger or weaker by their
neighbours (`data/feelings.yaml`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from vivavoce.panel.packaged import packaged
from vivavoce.panel.reading.said import Sentence
from vivavoce.panel.reading.terms import Found, Term, Terms

DENIED = -0.6
"""What "not" makes of what follows: "not good" is less bad than "bad"."""
STRONGER = 1.3
WEAKER = 0.7
BEFORE_TURN = 0.5
"""What is said before a "but" counts less,"""
AFTER_TURN = 1.5
"""and what is said after it more."""
REACH = 3
"""So many words before a word of feeling may change it."""
LOUD = 0.3
"""What an exclamation mark adds, three at most."""
HALFWAY = 4.0
"""A sum this large is a sentiment of 0.7."""


class _Feelings(msgspec.Struct, frozen=True):
    version: int
    words: dict[int, tuple[str, ...]]
    denials: tuple[str, ...]
    stronger: tuple[str, ...]
    weaker: tuple[str, ...]
    turns: tuple[str, ...]


_FEELINGS = packaged("feelings.yaml", _Feelings)
_WORDS = Terms(Term("", text, float(value)) for value, texts in _FEELINGS.words.items() for text in texts)
_DENIALS = frozenset(_FEELINGS.denials)
_STRONGER = frozenset(_FEELINGS.stronger)
_WEAKER = frozenset(_FEELINGS.weaker)
_TURNS = frozenset(_FEELINGS.turns)


@dataclass(frozen=True, slots=True)
class Feelings:
    """What speaks for liking it and for disliking it, both from 0 on."""

    pleased: float
    displeased: float
    words: int
    """Of feeling, that were found."""

    def sentiment(self) -> float | None:
        """From -1 to 1; None where there is no word of feeling."""
        return squeezed(self.pleased - self.displeased) if self.words else None


def squeezed(total: float) -> float:
    """A sum of any size as a number from -1 to 1."""
    return total / math.sqrt(total * total + HALFWAY * HALFWAY)


def feelings_of(sentences: Sequence[Sentence]) -> Feelings:
    pleased = displeased = 0.0
    count = 0
    for sentence in sentences:
        found = [each for each in _WORDS.find(sentence.words) if each.term.value]
        values = _values(sentence, found)
        total = sum(values)
        louder = math.copysign(LOUD * min(sentence.shouts, 3), total) if total else 0.0
        pleased += sum(value for value in values if value > 0.0) + max(louder, 0.0)
        displeased -= sum(value for value in values if value < 0.0) + min(louder, 0.0)
        count += len(found)
    return Feelings(pleased, displeased, count)


def _values(sentence: Sentence, found: Sequence[Found]) -> list[float]:
    words = sentence.words
    turn = next((at for at in range(len(words) - 1, 0, -1) if words[at] in _TURNS), 0)
    values = []
    for each in found:
        value = each.term.value * _changed(words[max(0, each.at - REACH) : each.at])
        if turn:
            value *= AFTER_TURN if each.at > turn else BEFORE_TURN
        values.append(value)
    return values


def _changed(before: Sequence[str]) -> float:
    factor = 1.0
    for word in before:
        if word in _DENIALS:
            factor *= DENIED
        elif word in _STRONGER:
            factor *= STRONGER
        elif word in _WEAKER:
            factor *= WEAKER
    return factor

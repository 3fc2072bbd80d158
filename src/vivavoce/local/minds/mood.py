"""What an utterance does: answer, refuse, ask back, ask for time. By patterns alone; the data is `data/moods.yaml`."""

from __future__ import annotations

import re
from enum import Enum
from importlib import resources

import msgspec
import yaml

from vivavoce.agents.numbers import quantities


class Mood(Enum):
    """What an utterance does."""

    ANSWER = "answer"
    UNKNOWING = "unknowing"
    REFUSED = "refused"
    REPEAT = "repeat"
    WAIT = "wait"
    BYE = "bye"
    PERSON = "person"
    """Wants a human."""
    MACHINE = "machine"
    """Asks whether this is one."""
    THERE = "there"
    """Asks whether anybody is listening."""
    GREETING = "greeting"
    ASIDE = "aside"
    """Adds something that was not asked for."""
    ASKED_BACK = "asked_back"


class _Row(msgspec.Struct, frozen=True):
    mood: Mood
    most_words: int
    patterns: tuple[str, ...]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lead: str
    moods: tuple[_Row, ...]
    correction: str
    opening: str
    copula: str
    bare: tuple[str, ...]


_TEXT = resources.files("vivavoce.local").joinpath("data/moods.yaml").read_text("utf-8")
_TABLE = msgspec.convert(yaml.safe_load(_TEXT), _Table)
_MOODS = [
    (row.mood, row.most_words, re.compile("|".join(row.patterns).replace("{lead}", _TABLE.lead)))
    for row in _TABLE.moods
]
_CORRECTION = re.compile(_TABLE.correction)
_OPENING = re.compile(_TABLE.opening, re.IGNORECASE)
_COPULA = re.compile(_TABLE.copula, re.IGNORECASE)
_BARE = frozenset(_TABLE.bare)


def mood_of(text: str) -> Mood:
    """What an utterance does; what no pattern fits is an answer, and so is a question with a figure in it."""
    words = flat(text)
    count = len(words.split())
    for mood, most_words, pattern in _MOODS:
        if count <= most_words and pattern.search(words) and not (mood is Mood.ASKED_BACK and quantities(words)):
            return mood
    return Mood.ANSWER


def is_correction(text: str) -> bool:
    """Whether the caller takes back what was said before."""
    return _CORRECTION.search(flat(text)) is not None


def cleaned(text: str) -> str:
    """The caller's words without what people say before they begin."""
    return _OPENING.sub("", " ".join(text.split())).strip(" ,") or text.strip()


def without_copula(text: str) -> str:
    """ "It is small firms" without its "it is"."""
    return _COPULA.sub("", text)


def says_nothing(text: str) -> bool:
    """Nothing but "yes", "okay" and the like."""
    return set(flat(text).split()) <= _BARE


def flat(text: str) -> str:
    """Small letters, single spaces, no punctuation but what stands inside words."""
    words = text.lower().replace("\u2019", "'")
    return " ".join(re.sub(r"[^\w\s'@.]|\.(?=\s|$)", " ", words).split())

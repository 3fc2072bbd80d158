"""The vague-claim rule: a clause with a trigger and no anchor in the same or the next clause is vague.

English; the lexicon is data (`data/vague.yaml`). Hints have at most six words and name the missing anchor.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

from vivavoce.agents import numbers
from vivavoce.agents.packaged import packaged


class _Class(msgspec.Struct, frozen=True):
    hint: str
    clears: tuple[str, ...]
    triggers: tuple[str, ...]


class _Lexicon(msgspec.Struct, frozen=True):
    version: int
    classes: dict[str, _Class]
    anchors: dict[str, tuple[str, ...]]
    empty: tuple[str, ...]


def _pattern(entries: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(entries, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


_LEXICON = packaged("vague.yaml", _Lexicon)
_TRIGGERS = [(_pattern(each.triggers), each) for each in _LEXICON.classes.values()]
_ANCHORS = {name: _pattern(entries) for name, entries in _LEXICON.anchors.items()}
_EMPTY = {entry.replace("'", "") for entry in _LEXICON.empty}
_CLAUSE_END = re.compile(
    r"(?:[.;!?,:]\s+|\s[-\u2013\u2014]\s|\n)(?:(?:but|because|although|while|which)\s)?|\s(?:but|because|although)\s"
)
_FILLER = re.compile(r"\b(?:um|uh|er|erm|well|so|oh|honestly|yeah|hmm|i guess|i think|maybe|really|like|just)\b")


def clauses(text: str) -> list[str]:
    """The clauses of a text as it was said, in order."""
    return [clause.strip() for clause in _CLAUSE_END.split(text) if clause and clause.strip(" .,;!?")]


def hint(text: str) -> str | None:
    """The missing anchor of the first vague clause ("how many?", "when?", "who says?"), or None."""
    if says_nothing(text):
        return "what exactly?"
    said = clauses(text)
    for at, clause in enumerate(said):
        near = " ".join(said[at : at + 2])
        flat = _flat(clause)
        found = [(match.start(), -match.end(), each) for pattern, each in _TRIGGERS for match in pattern.finditer(flat)]
        for _, _, each in sorted(found, key=lambda entry: entry[:2]):
            if not any(_anchored(near, anchor) for anchor in each.clears):
                return each.hint
    return None


def story_hint(text: str) -> str | None:
    """A story is one dated episode: without a time it lacks "when?". A vague claim inside a dated story may stay."""
    if says_nothing(text):
        return "what happened?"
    if len(text.split()) < 4:
        return "what happened?"
    return None if _anchored(text, "time") else "when?"


def says_nothing(text: str) -> bool:
    """Nothing but fillers and phrases such as "it depends"."""
    flat = _FILLER.sub(" ", _flat(text)).replace("'", "")
    words = " ".join(re.findall(r"\w+", flat))
    return words == "" or words in _EMPTY


def _anchored(text: str, anchor: str) -> bool:
    if anchor == "number":
        return bool(numbers.quantities(text))
    if anchor == "time":
        return bool(_ANCHORS["time"].search(_flat(text))) or bool(re.search(r"\b(?:19|20)\d\d\b", text))
    if anchor == "name":
        # a word with a capital inside the clause names somebody; recognised speech has none, then only the number helps
        return bool(re.search(r"(?<=[\w,;:] )(?!I\b)[A-Z][\w&.-]+", text)) or "nothing" in _flat(text).split()
    return bool(_ANCHORS[anchor].search(_flat(text)))


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold().split())

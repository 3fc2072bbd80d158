"""What a text is about: one of 16 niches, or none where the words do not say (`data/niches.yaml`)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from vivavoce.panel.insights import NO_NICHE
from vivavoce.panel.packaged import packaged
from vivavoce.panel.reading.certainty import sure
from vivavoce.panel.reading.terms import Term, Terms

STRONG = 2.0
WEAK = 1.0
TITLE = 0.5
"""What a term in the title of a thread or the name of an app counts, beside one that the person said. Not tuned."""
ENOUGH = 2.0
"""Below this no niche is said: one strong term, or two weak ones."""
AHEAD = 1.0
"""By this much a niche must lead the next. On the tuned half eight in ten are right at this lead, four at none."""
RIGHT = ((1.0, 0.82), (2.0, 0.93), (3.0, 0.97), (4.0, 0.99))
"""Lead, and the share that was right at it on the tuned half of the data (`viva insights evaluate`)."""


class Niche(msgspec.Struct, frozen=True):
    title: str
    strong: tuple[str, ...]
    weak: tuple[str, ...]
    against: tuple[str, ...]
    """They hide the words they are made of."""


class _Niches(msgspec.Struct, frozen=True):
    version: int
    niches: dict[str, Niche]


NICHES: dict[str, Niche] = packaged("niches.yaml", _Niches).niches
_TERMS = Terms(
    Term(name, text, value)
    for name, niche in NICHES.items()
    for value, texts in ((STRONG, niche.strong), (WEAK, niche.weak), (0.0, niche.against))
    for text in texts
)


def scores(words: Sequence[str], title: Sequence[str] = ()) -> dict[str, float]:
    """What speaks for each niche; a term counts once, however often it is said."""
    found: dict[tuple[str, str], float] = {}
    for part, share in ((title, TITLE), (words, 1.0)):
        for each in _TERMS.find(part):
            found[each.term.owner, each.term.text] = each.term.value * share
    summed: dict[str, float] = {}
    for (owner, _), value in found.items():
        summed[owner] = summed.get(owner, 0.0) + value
    return summed


def niche_of(words: Sequence[str], title: Sequence[str] = ()) -> tuple[str, float]:
    """A niche and how sure it is; `NO_NICHE` and 0 where none leads."""
    ranked = sorted(scores(words, title).items(), key=lambda each: (-each[1], each[0]))
    if not ranked or ranked[0][1] < ENOUGH:
        return NO_NICHE, 0.0
    lead = ranked[0][1] - (ranked[1][1] if len(ranked) > 1 else 0.0)
    if lead < AHEAD:
        return NO_NICHE, 0.0
    return ranked[0][0], sure(lead, RIGHT)

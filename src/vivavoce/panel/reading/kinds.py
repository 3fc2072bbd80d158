"""Of what kind something said is: a pain, a need, praise, a question or a goal; or none that stands out
(`data/kinds.yaml`).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from vivavoce.panel.insights import KINDS, Kind
from vivavoce.panel.packaged import packaged
from vivavoce.panel.reading.certainty import sure
from vivavoce.panel.reading.feelings import Feelings, squeezed
from vivavoce.panel.reading.said import Sentence
from vivavoce.panel.reading.terms import Term, Terms

STRONG = 2.0
WEAK = 1.0
OPENED = 1.0
"""For a sentence that begins as questions do."""
ASKED = 1.5
"""For one that ends as they do."""
FELT = 3.0
"""What the strongest feeling adds to pain or to praise."""
ENOUGH = 1.0
"""Below this no kind is said."""
AHEAD = 1.0
"""By this much a kind must lead the next. On the tuned half six in ten are right at this lead, with four kinds."""
WANTS: frozenset[Kind] = frozenset({"need", "goal"})
RIGHT = ((1.0, 0.6), (2.0, 0.76), (2.5, 0.88), (3.0, 0.91), (4.0, 0.95))
"""Lead, and the share that was right at it on the tuned half of the data (`viva insights evaluate`)."""


class _Cues(msgspec.Struct, frozen=True):
    strong: tuple[str, ...]
    weak: tuple[str, ...]


class _Kinds(msgspec.Struct, frozen=True):
    version: int
    kinds: dict[Kind, _Cues]
    openers: tuple[str, ...]


_DATA = packaged("kinds.yaml", _Kinds)
_OPENERS = frozenset(_DATA.openers)
_TERMS = Terms(
    Term(kind, text, value)
    for kind, cues in _DATA.kinds.items()
    for value, texts in ((STRONG, cues.strong), (WEAK, cues.weak))
    for text in texts
)


def scores(sentences: Sequence[Sentence], feelings: Feelings) -> dict[str, float]:
    """What speaks for each kind; a phrase counts once, however often it is said."""
    found = {each.term for sentence in sentences for each in _TERMS.find(sentence.words)}
    summed = dict.fromkeys(map(str, KINDS), 0.0)
    for term in sorted(found, key=lambda each: (each.owner, each.text)):
        summed[term.owner] += term.value
    summed["question"] += max(map(_asking, sentences), default=0.0)
    summed["pain"] += FELT * squeezed(feelings.displeased)
    summed["praise"] += FELT * squeezed(feelings.pleased)
    return summed


def _asking(sentence: Sentence) -> float:
    opened = sentence.words[:1] and sentence.words[0] in _OPENERS
    return (OPENED if opened else 0.0) + (ASKED if sentence.asks else 0.0)


def kind_of(sentences: Sequence[Sentence], feelings: Feelings) -> tuple[Kind | None, float]:
    """A kind and how sure it is; None and 0 where none leads."""
    found = scores(sentences, feelings)
    ranked = sorted(KINDS, key=lambda kind: (-found[kind], kind))
    best = ranked[0]
    # a need and a goal are said with the same words, and are told apart by the more of them: neither holds the other up
    rivals = [kind for kind in ranked[1:] if not {best, kind} <= WANTS]
    lead = found[best] - found[rivals[0]]
    if found[best] < ENOUGH or lead < AHEAD:
        return None, 0.0
    return best, sure(lead, RIGHT)

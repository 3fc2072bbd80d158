"""How an offer is worded, whatever it offers: the features that an archetype has a taste in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from vivavoce.panel.packaged import packaged
from vivavoce.panel.reading.terms import Term, Terms
from vivavoce.panel.reasoner.offer import Said

_LISTS = packaged("wording.yaml", dict[str, list[str]])
_TERMS = Terms(Term(feature, phrase, 1.0) for feature, phrases in _LISTS.items() for phrase in phrases)
FEATURES = (*_LISTS, "figures", "question", "exclaims", "brief", "detail")
"""What a taste may be for. All but "detail" are shares of sentences: to say it twice as often in twice as many
sentences is the same.
"""
BRIEF_WORDS = 12
DETAILED_WORDS = 40
"""Both not tuned: a short line, and the length of a paragraph."""


@lru_cache(1_000)
def wording(offer: tuple[Said, ...]) -> Mapping[str, float]:
    """Each of `FEATURES`, from 0 to 1. Kept, for every persona reads the same offers."""
    does = [{found.term.owner for found in _TERMS.find(said.words)} for said in offer]
    has = {feature: [feature in each for each in does] for feature in _LISTS}
    has["figures"] = [any(letter.isdigit() for letter in said.text) for said in offer]
    has["question"] = [said.text.rstrip().endswith("?") for said in offer]
    has["exclaims"] = [said.text.rstrip().endswith("!") for said in offer]
    has["brief"] = [len(said.words) <= BRIEF_WORDS for said in offer]
    found = {name: sum(each) / max(1, len(each)) for name, each in has.items()}
    found["detail"] = min(1.0, sum(len(said.words) for said in offer) / DETAILED_WORDS)
    return MappingProxyType(found)

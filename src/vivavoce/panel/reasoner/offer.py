"""An offer as the reasoner reads it: sentence by sentence, and what each does besides saying what is on offer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from vivavoce.panel.packaged import packaged
from vivavoce.panel.reading.flags import addresses_a_model
from vivavoce.panel.reading.terms import Term, Terms
from vivavoce.panel.texts import sentences, words

_CUES = Terms(
    Term(owner, phrase, 1.0)
    for owner, phrases in packaged("cues.yaml", dict[str, list[str]]).items()
    for phrase in phrases
)
REACH = 4
"""A negator turns the words after it, this many: "no set-up and no long contract". Not tuned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sentence of an offer."""

    text: str
    words: tuple[str, ...]
    costs: bool = False
    """It takes something away."""
    frees: bool = False
    """It says that something is not, or no longer, taken away."""
    effort: bool = False
    eased: bool = False


@lru_cache(1_000)
def read(text: str) -> tuple[Said, ...]:
    """The sentences of an offer. One that is said again is not read again, so that repeating gains nothing.

    A question takes nothing away: "Tired of losing receipts?" names what hurts, and is part of the offer. What
    addresses a machine (`orders`) is no part of it.
    """
    found: dict[tuple[str, ...], Said] = {}
    for sentence in sentences(text):
        said = tuple(words(sentence))
        if said in found or not said or addresses_a_model(sentence):
            continue
        cues = _CUES.find(said)
        negators = [cue.at for cue in cues if cue.term.owner == "negators"]
        costs, frees = _turned([cue.at for cue in cues if cue.term.owner == "losses"], negators)
        effort, eased = _turned([cue.at for cue in cues if cue.term.owner == "effort"], negators)
        asks = sentence.rstrip().endswith("?")
        found[said] = Said(
            text=sentence,
            words=said,
            costs=costs and not asks,
            frees=frees and not costs,
            effort=effort and not asks,
            eased=eased and not effort,
        )
    return tuple(found.values())


@lru_cache(1_000)
def orders(text: str) -> tuple[str, ...]:
    """The sentences of an offer that tell a machine what to answer. They are shown, and count nothing."""
    return tuple(sentence for sentence in sentences(text) if addresses_a_model(sentence))


def _turned(places: list[int], negators: list[int]) -> tuple[bool, bool]:
    """Whether a word stands there as it is, and whether one stands there turned into its opposite."""
    turned = [any(0 < at - negator <= REACH for negator in negators) for at in places]
    return not all(turned), any(turned)

"""An offer as the reasoner reads it: sentence by sentence, and what each does besides saying what is on offer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from vivavoce.panel.packaged import packaged
from vivavoce.panel.reading.flags import addresses_a_model
from vivavoce.panel.reading.terms import Found, Term, Terms
from vivavoce.panel.texts import sentences, words

_CUES = Terms(
    Term(owner, phrase, 1.0)
    for owner, phrases in packaged("cues.yaml", dict[str, list[str]]).items()
    for phrase in phrases
)
_MODALS = ("will", "would", "may", "might", "can", "could", "must")
_JOINS = ("and", "or", "but", "then", "so")
REACH = 4
"""A negator turns the words after it, this many: "no set-up and no long contract". Not tuned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sentence of an offer."""

    text: str
    words: tuple[str, ...]
    costs: bool = False
    """It takes something away."""
    taking: tuple[str, ...] = ()
    """The single words by which it costs, where they may as well be what it is about (`about`)."""
    frees: bool = False
    """It says that something is not, or no longer, taken away."""
    effort: bool = False
    eased: bool = False
    alone: bool = False
    """It does something without anybody, or for good."""


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
        losses = [cue for cue in cues if cue.term.owner == "losses"]
        costs, frees = _turned([cue.at for cue in losses], negators)
        _, spared = _turned([cue.at for cue in cues if cue.term.owner == "burdens"], negators)
        effort, eased = _turned([cue.at for cue in cues if cue.term.owner == "effort"], negators)
        alone, _ = _turned([cue.at for cue in cues if cue.term.owner == "alone"], negators)
        asks = sentence.rstrip().endswith("?")
        found[said] = Said(
            text=sentence,
            words=said,
            costs=costs and not asks,
            taking=_single(said, losses, negators) if costs and not asks else (),
            frees=(frees or spared) and not costs,
            effort=effort and not asks,
            eased=eased and not effort,
            alone=alone and not asks,
        )
    return tuple(found.values())


@lru_cache(1_000)
def orders(text: str) -> tuple[str, ...]:
    """The sentences of an offer that tell a machine what to answer. They are shown, and count nothing."""
    return tuple(sentence for sentence in sentences(text) if addresses_a_model(sentence))


def about(said: Said, voice: str) -> bool:
    """Whether what a sentence seems to take away is what a voice complains of: "warns you before a password expires",
    to whom it expires. Such a sentence speaks of the pain in its own words, and is the cure rather than the cause.
    """
    return bool(said.taking) and not set(said.taking).isdisjoint(words(voice))


@lru_cache(10_000)
def wary(voice: str, *, complains: bool) -> bool:
    """Whether somebody wants to be asked before anything is done: to them, what does it alone is the trouble.

    Args:
        complains: it is a complaint; one that says "on its own" is about just that, unless it says that it should be
            ("invoices should come back by themselves"). A wish that says so wants it.
    """
    said = [_CUES.find(tuple(words(sentence))) for sentence in sentences(voice)]
    return any(
        cue.term.owner == "wary" or (complains and cue.term.owner == "alone" and not _wished(cue, cues))
        for cues in said
        for cue in cues
    )


def _wished(alone: Found, cues: list[Found]) -> bool:
    """Whether a sentence wants what it says is done alone: a wish stands before it, and no negator between or before
    the wish ("should never book on its own", "I do not want it to").
    """
    before = [cue.term.owner for cue in cues if cue.at < alone.at]
    return "wishes" in before and "negators" not in before


def _single(said: tuple[str, ...], losses: list[Found], negators: list[int]) -> tuple[str, ...]:
    """Words of losses that stand as they are; none where one of them has company ("no longer", "a fee of"), or is what
    "you" do ("you lose your history"): that much is said of what the offer does, whoever complains of what.
    """
    standing = [cue for cue in losses if not _turned([cue.at], negators)[1]]
    if any(cue.words > 1 or _befalls_you(said[: cue.at]) for cue in standing):
        return ()
    return tuple(said[cue.at] for cue in standing)


def _befalls_you(before: tuple[str, ...]) -> bool:
    """Whether the words before a verb end in a "you" that it is said of: "and you lose", not "the hours you lose"."""
    *start, last = before or ("",)
    if last in _MODALS:
        *start, last = start or ("",)
    return last == "you" and (not start or start[-1] in _JOINS)


def _turned(places: list[int], negators: list[int]) -> tuple[bool, bool]:
    """Whether a word stands there as it is, and whether one stands there turned into its opposite."""
    turned = [any(0 < at - negator <= REACH for negator in negators) for at in places]
    return not all(turned), any(turned)

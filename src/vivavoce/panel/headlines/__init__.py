"""A respondent for headlines that was learned from clicks: a sum one can read, calibrated, and silent when unsure.

It knows one-line headlines of one site and nothing else: what it was not fitted on it does not answer
(docs/explanation/panel-accuracy.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.ballots import Reason, Would
from vivavoce.panel.decision import EVEN, SETTLE
from vivavoce.panel.headlines.model import MODEL, Weighing, figures, weighing
from vivavoce.panel.headlines.saying import saying
from vivavoce.panel.headlines.style import WORDS
from vivavoce.panel.intervals import mean_of
from vivavoce.panel.outcome import Comparison, Decision, Share, Standing
from vivavoce.panel.reasoner.choice import shares
from vivavoce.panel.study import Study
from vivavoce.panel.studying import same
from vivavoce.panel.tally import HIGHEST, LOWEST
from vivavoce.panel.texts import language

NAME = f"headlines/{MODEL.version}"
LEAST_CHARS, MOST_CHARS = 40, 110
"""Of a headline: 99 of 100 that it was fitted on had 43 to 100."""
SURE = 0.65
"""Chance from which on it names a winner. On stories it was not fitted on it then answers a quarter of all pairs; at
the usual .95 it would never answer. The bar was set on those pairs, what comes above it is measured on them too.
"""
TERMS = 5
"""Of each variant, that are told."""


def texts(study: Study) -> list[str]:
    """Every text whose vector it wants, each once; none where it does not answer."""
    if not _answers(study):
        return []
    return sorted({*(variant.text for variant in study.variants), *WORDS.statements.values()})


def compare(study: Study, vectors: Mapping[str, NDArray[np.float32]], embedder: str) -> Comparison:
    """Which headline readers click more. The same study and vectors give the same comparison, in whatever order its
    variants are.

    Args:
        vectors: of all that `texts` names.
        embedder: what made them. With another one than it was fitted on it goes by style alone.
    Raises:
        InputError: a vector is missing.
    """
    ids = [variant.id for variant in study.variants]
    if not _answers(study):
        return _silent(study, "not-a-headline")
    near = embedder == MODEL.provenance.embedder
    model = weighing(near)
    found = figures(tuple(variant.text for variant in study.variants), vectors if near else None)
    terms = [{name: weight * row[name] for name, weight in model.weights.items()} for row in found]
    # to six places: below that the machine decides, and not the headline
    scores = [round(math.fsum(each.values()), 6) for each in terms]
    chances = dict(zip(ids, shares(scores, 1.0), strict=True)) if len(ids) > 1 else dict.fromkeys(ids, 0.0)
    decision, leader = _decided(study, chances, model, near), _leader(chances)
    return Comparison(
        respondent=NAME,
        validated=True,
        standings=tuple(_standing(id_, chances[id_]) for id_ in ids),
        leader=leader,
        decision=msgspec.structs.replace(decision, posterior=round(chances.get(leader, 0.0), 4)),
        votes=(),
        effective_size=0.0,
        flip_rate=None,
        asked=1,
        null=True,  # by construction: what says the same has the same score
        reasons={id_: _reasons(at, terms) for at, id_ in enumerate(ids)} if len(ids) > 1 else {},
    )


def _answers(study: Study) -> bool:
    return study.kind == "headline" and all(map(_is_headline, (variant.text for variant in study.variants)))


def _is_headline(text: str) -> bool:
    return LEAST_CHARS <= len(text) <= MOST_CHARS and "\n" not in text and language(text) in ("en", "")


def _decided(study: Study, chances: Mapping[str, float], model: Weighing, near: bool) -> Decision:
    first = max(chances, key=lambda each: chances[each])
    sure = chances[first]
    if len(chances) == 1:
        return _undecided("one-variant")
    if same(study.variants):
        return _undecided("identical")
    if sure < SURE:
        return Decision(word="undecided", why=("unsure",), settle=(SETTLE_CLICKS,))
    doubts = ["one-site"] if near else ["one-site", "style-only"]
    if len(chances) > 2:
        return Decision(word="leans", variant=first, sure=round(sure, 4), why=("pairs-only", *doubts))
    held_out = _held_out(model, sure)
    likely = held_out is not None and held_out.low > EVEN
    return Decision(
        word="likely" if likely else "leans",
        variant=first,
        sure=round(sure, 4),
        held_out=held_out,
        why=tuple(doubts),
    )


SETTLE_CLICKS = "Show both to readers: wordings as close as these are settled by clicks alone."


def _undecided(doubt: str) -> Decision:
    return Decision(word="undecided", why=(doubt,), settle=(SETTLE[doubt],))


def _held_out(model: Weighing, sure: float) -> Share | None:
    """Of all pairs in the band of certainty that it lies in. Of all that were at least as sure, more are right: that
    would flatter whoever only just passes the bar.
    """
    reached = [each.band.right for each in model.coverage if each.sure <= sure]
    return reached[-1] if reached else None


def _silent(study: Study, doubt: str) -> Comparison:
    return Comparison(
        respondent=NAME,
        validated=False,
        standings=tuple(_standing(variant.id, 0.0) for variant in study.variants),
        leader="",
        decision=Decision(
            word="undecided",
            why=(doubt,),
            settle=(f"Give it English headlines of one line, {LEAST_CHARS} to {MOST_CHARS} characters long.",),
        ),
        votes=(),
        effective_size=0.0,
        flip_rate=None,
        asked=1,
        abstained={doubt: 1},
    )


def _standing(variant: str, chance: float) -> Standing:
    """It is nobody, so it casts no vote, and says neither how much something appeals nor who would."""
    would: dict[Would, float] = {"would": 0.333333, "might": 0.333333, "would_not": 0.333333}
    return Standing(
        variant=variant,
        wins=0.0,
        appeal=mean_of((), 0.0, low=LOWEST, high=HIGHEST),
        would=would,
        chosen=round(chance, 4),
        best=round(chance, 4),
    )


def _leader(chances: Mapping[str, float]) -> str:
    ranked = sorted(chances, key=lambda each: -chances[each])
    return ranked[0] if len(ranked) > 1 and chances[ranked[0]] > chances[ranked[1]] else ""


def _reasons(at: int, terms: Sequence[Mapping[str, float]]) -> tuple[Reason, ...]:
    """What sets one headline apart from the mean of the others, the largest first."""
    others = [each for place, each in enumerate(terms) if place != at]
    apart = {
        name: round(value - math.fsum(sorted(each[name] for each in others)) / len(others), 4)
        for name, value in terms[at].items()
    }
    largest = sorted(apart, key=lambda name: (-abs(apart[name]), name))[:TERMS]
    return tuple(
        Reason(sign="pro" if apart[name] > 0 else "con", text=saying(name), term=name, weight=apart[name])
        for name in largest
        if apart[name]
    )

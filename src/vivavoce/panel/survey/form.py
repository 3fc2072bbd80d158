"""What people are asked, and what one of them answers."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from vivavoce.panel.ballots import Answer, Ballot, Would
from vivavoce.panel.study import Study

PERSON = "person"
"""What a ballot of a person has as its respondent."""
MOST_MARK = 10
WHY_CHARS = 2_000
"""Of a reason in one's own words; what is longer is cut."""
Asks: TypeAlias = Literal["none", "points", "four"]
"""How prices are asked for: not at all; the highest of the study's points somebody would still pay (a payment card); or
Van Westendorp's four. Never both: who has seen the points has been told what it may cost."""
Stance: TypeAlias = Literal["agree", "neither", "disagree", "unknown"]
MARKS: dict[Stance, float] = {"agree": 10.0, "neither": 5.5, "disagree": 1.0}
"""A stance on the scale of `outcome.Claim.score`; who does not know says nothing about it."""


class Form(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A study as people are asked it: a copy of its own, which no later change of the study touches."""

    study: Study
    seed: int
    """Of the orders in which people see the variants."""
    asks: Asks = "none"
    by: str = ""
    """Who asks and how they are reached, in their words; people read it before they agree."""


class Opinion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one person answered. Nothing in it says who they are."""

    order: tuple[str, ...]
    """Ids of variants, as they were shown."""
    appeal: dict[str, int]
    """1 to 10, by variant."""
    would: dict[str, Would]
    choice: str = ""
    """Id of a variant; empty where they could not choose, or there was nothing to choose from."""
    why: str = ""
    """In their own words, personal data masked."""
    claims: tuple[Stance, ...] = ()
    """As the study has its claims; empty where they were not asked."""
    pays: float | None = None
    """The highest of the study's prices they would pay; 0 for none of them, None where they did not say."""
    four: tuple[float, float, float, float] | None = None
    """Too cheap to be good, a bargain, getting expensive, too expensive; None where they did not say."""


class PersonAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An opinion as it was kept."""

    number: int
    """From 1; numbers of deleted answers stay free."""
    answered_at: float
    """Unix seconds, of the hour: the minute might tell who it was."""
    took_s: float
    """From agreeing to sending."""
    flags: tuple[str, ...]
    """Keys of `checks.FLAGS` that were seen when it came."""
    opinion: Opinion


def fits(form: Form, opinion: Opinion) -> bool:
    """Whether these are answers to what a form asks, each within its scale; no page takes others, but a file may hold
    them.
    """
    study, ids = form.study, {each.id for each in form.study.variants}
    prices = study.prices.points if study.prices is not None else ()
    return (
        sorted(opinion.order) == sorted(ids)
        and opinion.appeal.keys() == opinion.would.keys() == ids
        and all(1 <= mark <= MOST_MARK for mark in opinion.appeal.values())
        and (opinion.choice == "" or (len(ids) > 1 and opinion.choice in ids))
        and len(opinion.claims) in (0, len(study.claims))
        and (opinion.pays is None or (form.asks == "points" and opinion.pays in (0, *prices)))
        and (opinion.four is None or (form.asks == "four" and min(opinion.four) >= 0))
    )


def ballot_of(study: Study, answer: PersonAnswer) -> Ballot:
    """An answer as a ballot, for the same tally that counts a panel's. Who could not choose prefers all alike."""
    opinion = answer.opinion
    prefers: dict[str, float] = {}
    if len(study.variants) > 1:
        prefers = (
            {each.id: float(each.id == opinion.choice) for each in study.variants}
            if opinion.choice
            else {each.id: 1.0 / len(study.variants) for each in study.variants}
        )
    return Ballot(
        persona=f"r{answer.number:05d}",
        respondent=PERSON,
        order=opinion.order,
        answers=tuple(
            Answer(variant=each, appeal=float(opinion.appeal[each]), would=opinion.would[each])
            for each in opinion.order
        ),
        prefers=prefers,
    )

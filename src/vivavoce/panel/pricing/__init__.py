"""What a panel would pay: Gabor-Granger, van Westendorp and a demand curve, from what each member would pay at most.

The curves order prices and forecast nothing: how much a member minds the price is a prior of its archetype, and what
it would pay hangs on what people are said to pay today.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from vivavoce.errors import InputError
from vivavoce.panel.ballots import Question, Variant
from vivavoce.panel.money import code, mixed, sums
from vivavoce.panel.outcome import Pricing
from vivavoce.panel.overlap import effective_size
from vivavoce.panel.personas import Panel, Persona
from vivavoce.panel.pricing.demand import demand, elasticity, share_at
from vivavoce.panel.pricing.gabor import best_price, consistent, doubts, gabor_granger, priced_points
from vivavoce.panel.pricing.points import check
from vivavoce.panel.pricing.westendorp import westendorp
from vivavoce.panel.reasoner import Judgement, Reservation
from vivavoce.panel.reasoner.terms import reference_price
from vivavoce.panel.study import Study

__all__ = [
    "Judge", "best_price", "check", "consistent", "gabor_granger", "mixed_currencies", "priced", "priced_points",
    "westendorp",
]  # fmt: skip

Judge: TypeAlias = Callable[[Persona, Question, Variant], Judgement | None]
"""`Reasoner.judge` with its vectors; None for a member that abstains."""
MOST_SILENT = 0.5
"""Share of the members that may have no answer."""
STEPS_AWAY = (-2.0, -1.0, 0.0, 1.0)
"""Of the four prices of a member, in spreads from what it would pay at most: all but sure to be paid, likely, as likely
as not, unlikely. Assumed; of what is too cheap to be any good the reasoner knows nothing.
"""


def priced(study: Study, panel: Panel, judge: Judge, rho: float) -> Pricing | None:
    """What one variant may cost; None where the study does not ask.

    Args:
        rho: correlation of any two members.
    Raises:
        InputError: no such variant, or its prices are no price test.
    """
    test = study.prices
    if test is None:
        return None
    check(test.points)
    question = study.question
    variant = _tested(study, test.variant)
    why = ["not-validated", *_about_texts(study, variant)]
    reference = reference_price(question)
    found = [judge(persona, question, variant) for persona in panel.personas] if reference else []
    members = [each.reservation for each in found if each is not None]
    if reference is None:
        why.append("no-reference")
    elif question.reference_price is None:
        why.append("asked-reference")
    if reference and len(members) < MOST_SILENT * len(panel.personas):
        why.append("abstained")
    if not members:
        return Pricing(
            variant=variant.id,
            currency=study.currency,
            points=(),
            best=None,
            demand=(),
            elasticity=None,
            why=tuple(why),
        )
    people = effective_size(len(members), rho)
    points = priced_points(test.points, [share_at(price, members) for price in test.points], people)
    best = best_price(points, people)
    at = question.reference_price or test.points[len(test.points) // 2]
    return Pricing(
        variant=variant.id,
        currency=study.currency,
        points=points,
        best=best,
        demand=demand(test.points[0], test.points[-1], members),
        elasticity=elasticity(at, members),
        westendorp=westendorp([_four(each) for each in members if each is not None]),
        why=(*why, *doubts(points, best), "four-concluded"),
    )


def mixed_currencies(study: Study) -> bool:
    """Whether the texts of a study and its question name sums of more than one currency."""
    texts = (study.ask, study.context, study.today, *(variant.text for variant in study.variants))
    return mixed([code(study.currency), *(found for text in texts for found in sums(text))])


def _about_texts(study: Study, variant: Variant) -> Sequence[str]:
    found = {"currencies": mixed_currencies(study), "price-said": bool(sums(variant.text))}
    return [name for name, holds in found.items() if holds]


def _tested(study: Study, wanted: str) -> Variant:
    found = next((each for each in study.variants if each.id == wanted or not wanted), None)
    if found is None:
        known = ", ".join(repr(each.id) for each in study.variants)
        raise InputError(f"want a variant of {known} to test prices of, got {wanted!r}")
    return found


def _four(member: Reservation) -> tuple[float, ...]:
    return tuple(math.exp(member.middle + step * member.spread) for step in STEPS_AWAY)

"""Which ballots a study wants: every member, by every respondent, in every order, and each under a number of its own.

The numbers follow from the study alone, so whoever goes on with one after a death knows what is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

import msgspec

from vivavoce.errors import InputError
from vivavoce.panel.ballots import Question, Variant
from vivavoce.panel.designs import orders
from vivavoce.panel.study import Repeats, Study
from vivavoce.store.studies import Part
from vivavoce.studies.respondents.open import REASONER

NULL_MEMBERS = 20
"""Members who are also shown one variant twice under two names. Each sees them in one order, every other member in the
other: to a model both look alike, and what it is asked twice it answers twice. Not tuned."""
BLOCK = 10
"""Members that a respondent who costs something is asked for before anybody looks whether that is enough."""


class Ask(NamedTuple):
    """One ballot that is wanted."""

    number: int
    part: Part
    respondent: str
    """As it was asked for."""
    member: int
    """Its place on the panel."""
    order: tuple[str, ...]


def costs(respondent: str) -> bool:
    """Whether each ballot takes tokens, time of others, or money."""
    return respondent != REASONER


def repeats_of(study: Study, respondent: str) -> Repeats:
    """In how many orders a respondent is asked: the design's own word, else all it takes where that is free."""
    if study.repeats is not None:
        return study.repeats
    return "mirrored" if costs(respondent) else "full"


def blocks(study: Study, members: int, respondents: Sequence[str], seed: int) -> list[list[Ask]]:
    """All ballots that are wanted, in the order they are asked for. After each block of a respondent that costs
    something somebody looks whether it is enough; one that costs nothing is one block.
    """
    numbers = count()
    null = [variant.id for variant in same_twice(study).variants]
    ids = [variant.id for variant in study.variants]
    found: list[list[Ask]] = []
    for name in respondents:
        size = BLOCK if costs(name) else max(1, members)
        asked: list[Ask] = []
        if len(ids) > 1:
            asked = [
                Ask(next(numbers), "null", name, member, order)
                for member in range(min(members, NULL_MEMBERS))
                for order in orders(null, "once", member, seed)
            ]
        for first in range(0, members, size):
            asked += [
                Ask(next(numbers), "main", name, member, order)
                for member in range(first, min(members, first + size))
                for order in orders(ids, repeats_of(study, name), member, seed)
            ]
            found.append(asked)
            asked = []
    return found


def same_twice(study: Study) -> Question:
    """The question of the null test: the first variant under two names. Whoever finds a winner there finds one
    anywhere.
    """
    first = study.variants[0]
    twins = tuple(Variant(id=id_, text=first.text, price=first.price) for id_ in ("one", "other"))
    return msgspec.structs.replace(study.question, variants=twins)


def within_budget(study: Study, asks: Sequence[Sequence[Ask]]) -> int:
    """How many ballots are wanted in all.

    Raises:
        InputError: more of them cost something than the study allows.
    """
    paid = sum(costs(ask.respondent) for block in asks for ask in block)
    if paid > study.most_asks:
        raise InputError(
            f"want at most {study.most_asks} ballots of respondents that cost something (most_asks), got {paid}; "
            "take a smaller panel, `repeats: once`, or raise most_asks"
        )
    return sum(map(len, asks))

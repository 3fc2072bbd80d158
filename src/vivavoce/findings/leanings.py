"""What a panel's answers come to, before the cards: who would rather have what, and what nearly all of them say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from vivavoce.panel.ballots import Ballot, Question, Reason, Sign, Variant
from vivavoce.panel.texts import cut

NAMED = 12
"""Members who are named where more lean the same way."""
NEARLY_ALL = 0.8
"""Of the members who answer. Not tuned."""
OFFER_CHARS = 60
"""Of a variant, which stands whole above its cards."""
SEVERAL = 3
"""Fewer members are no "nearly all"."""
NONE_CLEAR, SILENT = "None more than another", "No answer"


class Leaning(msgspec.Struct, frozen=True):
    """One line: a variant (or an answer, where there is one variant), and who is for it."""

    respondent: str
    what: str
    members: str
    """Names; "nobody"."""


class Common(msgspec.Struct, frozen=True):
    """A reason that goes back to nobody and that nearly all members give for a variant."""

    respondent: str
    variant: str
    sign: Sign
    text: str
    members: int
    of: int


def leanings(
    question: Question, ballots: Sequence[Ballot], names: Mapping[str, str], would: Mapping[str, str]
) -> tuple[Leaning, ...]:
    """By respondent, in the order of the question's variants.

    Args:
        names: of members, by id.
        would: what a word about buying is called; lines are by these where there is one variant.
    """
    alone = len(question.variants) == 1
    lines = {word: said.capitalize() for word, said in would.items()}
    if not alone:
        lines = {each.id: _offer(each, question.currency) for each in question.variants}
    by: dict[str, dict[str, list[str]]] = {}
    for ballot in ballots:
        found = by.setdefault(ballot.respondent, {what: [] for what in lines})
        found.setdefault(_leans(ballot, alone=alone), []).append(names[ballot.persona])
    return tuple(
        Leaning(respondent, lines.get(what, what), _named(who))
        for respondent, found in by.items()
        for what, who in found.items()
    )


def common(ballots: Sequence[Ballot]) -> tuple[Common, ...]:
    """Told once, these leave room on the cards for what sets members apart."""
    given: Counter[tuple[str, str, Sign, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    for ballot in ballots:
        for answer in ballot.answers:
            asked[ballot.respondent, answer.variant] += 1
            alike = {(each.sign, each.text) for each in answer.reasons if not each.evidence}
            given.update((ballot.respondent, answer.variant, sign, text) for sign, text in alike)
    found = [
        Common(respondent, variant, sign, text, count, asked[respondent, variant])
        for (respondent, variant, sign, text), count in given.items()
        if asked[respondent, variant] >= SEVERAL and count >= NEARLY_ALL * asked[respondent, variant]
    ]
    return tuple(sorted(found, key=lambda each: (each.respondent, each.sign == "con", -each.members, each.text)))


def told(reason: Reason, respondent: str, variant: str, above: Sequence[Common]) -> bool:
    """Whether it stands above the cards already."""
    return not reason.evidence and any(
        (each.respondent, each.variant, each.sign, each.text) == (respondent, variant, reason.sign, reason.text)
        for each in above
    )


def _leans(ballot: Ballot, *, alone: bool) -> str:
    if not ballot.answers:
        return SILENT
    if alone:
        return ballot.answers[0].would
    ranked = sorted(ballot.prefers, key=lambda id_: -ballot.prefers[id_])
    if not ranked or (len(ranked) > 1 and ballot.prefers[ranked[0]] == ballot.prefers[ranked[1]]):
        return NONE_CLEAR
    return ranked[0]


def _offer(variant: Variant, currency: str) -> str:
    price = "" if variant.price is None else f"{variant.price:g} {currency}".strip()
    text = " ".join(variant.text.split())
    shown = cut(text, OFFER_CHARS)
    shown += " …" if shown != text else ""
    return f"{shown} ({price})" if price else shown


def _named(who: Sequence[str]) -> str:
    more = f" and {len(who) - NAMED} more" if len(who) > NAMED else ""
    return ", ".join(who[:NAMED]) + more if who else "nobody"

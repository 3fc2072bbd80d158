"""Why members like a variant or do not: what several of them say, told once, by how much it moved them together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vivavoce.panel.ballots import Ballot, Reason, Sign

ONE_EACH = frozenset({"price", "switching", "habit"})
"""Terms of which an offer has one, however a member puts it."""


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """One reason, and who gives it."""

    variant: str
    sign: Sign
    text: str
    """As the member says it whom it moves most."""
    quote: str
    """What was said that it goes back to; empty where nothing was."""
    members: tuple[str, ...]
    evidence: tuple[str, ...]
    """Ids of insights; that of the quote is the first."""
    weight: float
    """Sum over the members, in the reasoner's units; a reason without a weight counts as one."""


def because(ballots: Iterable[Ballot], *, most: int = 3) -> dict[str, tuple[Because, ...]]:
    """The weightiest reasons by variant, pros before cons, at most so many of each. Of a member one ballot counts, the
    first with an answer: in another order it says the same again.
    """
    heard: set[str] = set()
    # by what makes two reasons one; those that are one share a list
    found: dict[tuple[str, Sign, str], list[tuple[str, Reason]]] = {}
    for ballot in ballots:
        if ballot.persona in heard or not ballot.answers:
            continue
        heard.add(ballot.persona)
        for answer in ballot.answers:
            for reason in answer.reasons:
                keys = [(answer.variant, reason.sign, about) for about in _about(reason)]
                given = next((found[key] for key in keys if key in found), [])
                given.append((ballot.persona, reason))
                for key in keys:
                    found.setdefault(key, given)
    groups = {id(given): (variant, sign, given) for (variant, sign, _), given in found.items()}
    return _ranked([_told(*group) for group in groups.values()], most)


def _about(reason: Reason) -> list[str]:
    """Either of these makes two reasons one: their words, and what they go back to. Losses are told apart by their
    words alone, for they say of which sentence they are; and of some terms every offer has one.
    """
    if reason.term in ONE_EACH:
        return [reason.term]
    words = _words(reason)
    return [words] if reason.term == "loss" else [words, *reason.evidence[:1]]


def _words(reason: Reason) -> str:
    return " ".join(reason.text.casefold().split())


def _told(variant: str, sign: Sign, given: Sequence[tuple[str, Reason]]) -> Because:
    weightiest = max(given, key=lambda each: abs(each[1].weight))[1]
    # whom it moves most may have nothing to quote; whoever has must say it in the same words
    same = [reason for _, reason in given if reason.quote and _words(reason) == _words(weightiest)]
    quoted = max(same, key=lambda reason: abs(reason.weight), default=weightiest)
    return Because(
        variant=variant,
        sign=sign,
        text=weightiest.text,
        quote=quoted.quote,
        members=tuple(dict.fromkeys(persona for persona, _ in given)),
        evidence=tuple(dict.fromkeys([*quoted.evidence, *(id_ for _, each in given for id_ in each.evidence)])),
        weight=round(math.fsum(abs(reason.weight) or 1.0 for _, reason in given), 6),
    )


def _ranked(found: Sequence[Because], most: int) -> dict[str, tuple[Because, ...]]:
    by_variant: Mapping[str, dict[Sign, list[Because]]] = {each.variant: {"pro": [], "con": []} for each in found}
    for each in sorted(found, key=lambda each: (-each.weight, each.text)):
        by_variant[each.variant][each.sign].append(each)
    return {variant: tuple(sides["pro"][:most] + sides["con"][:most]) for variant, sides in by_variant.items()}

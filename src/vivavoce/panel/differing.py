"""Where respondents part: the same member, the same question, another answer.

Only words and favourites are compared. The marks of two respondents are on scales of their own: a 6 of one may be an 8
of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from vivavoce.panel.ballots import Ballot
from vivavoce.panel.outcome import Comparison

_STEPS = {"would_not": 0, "might": 1, "would": 2}


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What respondents say differently of one member."""

    persona: str
    variant: str = ""
    """Whether they would take this one; empty: which one they would rather have."""
    says: dict[str, str]
    """By respondent: "would", "might", "would_not", or the id of a variant."""
    steps: int = 0
    """From 1, "might" against one of the others, to 2, "would" against "would_not"; 0 for a choice between variants."""


def differences(ballots: Sequence[Ballot]) -> list[Difference]:
    """The plainest first, then as the ballots come. Who abstains says nothing that could differ."""
    by_persona: dict[str, list[Ballot]] = {}
    for ballot in ballots:
        by_persona.setdefault(ballot.persona, []).append(ballot)
    found: list[Difference] = []
    for persona, theirs in by_persona.items():
        found += _of_variants(persona, theirs)
        favourites = {ballot.respondent: one for ballot in theirs if (one := favourite(ballot))}
        if len(set(favourites.values())) > 1:
            found.append(Difference(persona=persona, says=favourites))
    return sorted(found, key=lambda each: each.steps == 1)


def leaders_differ(comparisons: Iterable[Comparison]) -> bool:
    """Whether respondents that answer for members put different variants first, decided or not."""
    return len({each.leader for each in comparisons if each.votes and each.leader}) > 1


def favourite(ballot: Ballot) -> str:
    """The variant they would rather have; empty where it makes no difference to them, or there is but one."""
    most = max(ballot.prefers.values(), default=0.0)
    first = [variant for variant, chance in ballot.prefers.items() if chance == most]
    return first[0] if len(first) == 1 else ""


def _of_variants(persona: str, ballots: Sequence[Ballot]) -> list[Difference]:
    found = []
    for variant in dict.fromkeys(answer.variant for ballot in ballots for answer in ballot.answers):
        says = {
            ballot.respondent: answer.would
            for ballot in ballots
            for answer in ballot.answers
            if answer.variant == variant
        }
        steps = [_STEPS[word] for word in says.values()]
        if apart := max(steps) - min(steps):
            found.append(Difference(persona=persona, variant=variant, says=dict(says), steps=apart))
    return found

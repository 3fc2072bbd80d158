"""How alike the members of a panel are, and how many independent ones it is worth.

A member's answer is taken as a sum over the people it was drawn from, each with the weight of what they said among the
member's points. If what those people think is independent, two members are as correlated as the cosine of their
weights; the mean over all pairs is rho, and n members are worth n / (1 + (n - 1) rho). That is never more than the
people behind them: 200 members made of what 12 people said are worth 12 at most.

But who is cited is dealt out in turn, so that members who want and suffer the very same seem to be strangers. The same
is therefore taken over their points, as if each point were a voice, and the larger rho holds.

What we inferred without evidence is one voice, ours, in whichever member it speaks: a panel of nothing else has a rho
of 1 and is worth one member.

This counts what is heard twice, and no more. People of one forum may think alike, and whoever did not post is not in
it: both make a panel worth less. How alike votes are is measured on votes.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from vivavoce.panel.evidence import Side
from vivavoce.panel.personas import Persona

Voice = TypeVar("Voice", bound=Hashable)

OURS = ""
"""The voice of what we inferred; no person is called so."""


def voices(persona: Persona, people: Mapping[str, str]) -> dict[str, float]:
    """Whose words a persona is made of, and with how much weight; in all, that of its points.

    Args:
        people: who said an insight, by its id.
    """
    heard: dict[str, float] = {}
    for point in (*persona.frustrations, *persona.goals):
        speakers = sorted({people[insight] for insight in point.evidence}) or [OURS]
        for speaker in speakers:
            heard[speaker] = heard.get(speaker, 0.0) + point.weight / len(speakers)
    return heard


def concerns(persona: Persona) -> dict[tuple[Side, str], float]:
    """What a persona suffers and wants, and with how much weight, whoever said it."""
    sides: tuple[Side, ...] = ("frustration", "goal")
    return {
        (side, point.text): point.weight
        for side, points in zip(sides, (persona.frustrations, persona.goals), strict=True)
        for point in points
    }


def alike(personas: Sequence[Persona], people: Mapping[str, str]) -> float:
    """rho of a panel: by who was heard or by what they said, whichever is more."""
    by_people = overlap([voices(persona, people) for persona in personas])
    return max(by_people, overlap([concerns(persona) for persona in personas]))


def overlap(members: Sequence[Mapping[Voice, float]]) -> float:
    """The mean cosine of any two members' voices, from 0 (nobody in common) to 1; 0 where there is one member."""
    count = len(members)
    if count < 2:
        return 0.0
    together: dict[Voice, float] = {}
    for member in members:
        length = math.sqrt(math.fsum(weight * weight for weight in member.values()))
        for speaker, weight in member.items():
            together[speaker] = together.get(speaker, 0.0) + weight / length
    # the square of the sum of unit vectors holds each pair twice, and each member with itself once
    square = math.fsum(weight * weight for weight in together.values())
    return min(max((square - count) / (count * (count - 1)), 0.0), 1.0)


def effective_size(count: int, rho: float) -> float:
    """How many independent members as many members are worth, of which any two are correlated by rho."""
    return count / (1 + (count - 1) * rho)

"""How alike the members of a panel are, and how many independent ones it is worth.

A member's answer is taken as a sum over the people it was drawn from, each with the weight of what they said among the
member's points. If what those people think is independent, two members are as correlated as the cosine of their
weights; the mean over all pairs is rho, and n members are worth n / (1 + (n - 1) rho). That is never more than the
people behind them: 200 members made of what 12 people said are worth 12 at most.

What we inferred without evidence is one voice, ours, in whichever member it speaks: a panel of nothing else has a rho
of 1 and is worth one member.

This counts who is heard twice, and no more. People of one forum may think alike, and whoever did not post is not in it:
both make a panel worth less. How alike votes are is measured on votes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from vivavoce.panel.personas import Persona

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


def overlap(members: Sequence[Mapping[str, float]]) -> float:
    """rho: the mean cosine of any two members' voices, from 0 (nobody in common) to 1; 0 where there is one member."""
    count = len(members)
    if count < 2:
        return 0.0
    together: dict[str, float] = {}
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

"""Where a panel parts: two kinds of members who choose differently, by what hurts them most or by how they decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from vivavoce.panel.archetypes import ARCHETYPES
from vivavoce.panel.outcome import Comparison, Vote
from vivavoce.panel.personas import Panel, Persona
from vivavoce.panel.troubles import leading, quoted

FEWEST = 2
"""Members of a kind: one alone is nobody's kind."""
APART = 0.2
"""Difference of two kinds' mean share of preference from which on they part. Not tuned; a hypothesis comes of it."""
CITED = 5


class Parting(NamedTuple):
    text: str
    evidence: tuple[str, ...]
    """Ids of insights."""


class _Kind(NamedTuple):
    called: str
    votes: tuple[Vote, ...]
    evidence: tuple[str, ...]


def divided(panel: Panel, comparison: Comparison) -> Parting | None:
    """The two kinds of members that are farthest from each other on one variant; None where none are far."""
    votes = {vote.persona: vote for vote in comparison.votes if vote.chosen}
    voters = [persona for persona in panel.personas if persona.id in votes]
    best, farthest = None, 0.0
    for sort in (_by_trouble, _by_archetype):
        kinds: dict[str, list[Persona]] = {}
        for persona in voters:
            kinds.setdefault(sort(persona), []).append(persona)
        kinds.pop("", None)
        told = [_kind(name, members, votes) for name, members in kinds.items() if len(members) >= FEWEST]
        for one, other in combinations(told, 2):
            for variant in (standing.variant for standing in comparison.standings):
                gap = round(_mean(one.votes, variant) - _mean(other.votes, variant), 6)
                if abs(gap) >= APART and abs(gap) > farthest:
                    farthest = abs(gap)
                    best = _parting(variant, *((one, other) if gap > 0 else (other, one)))
    return best


def _by_trouble(persona: Persona) -> str:
    point = leading(persona)
    return f"who suffer most from {quoted(point.text)}" if point is not None and point.origin == "real" else ""


def _by_archetype(persona: Persona) -> str:
    known = ARCHETYPES.get(persona.archetype)
    return f"whose way of deciding is “{known.title}”" if known is not None else ""


def _kind(called: str, members: Sequence[Persona], votes: dict[str, Vote]) -> _Kind:
    points = [point for persona in members if (point := leading(persona)) is not None]
    evidence = tuple(dict.fromkeys(id_ for point in points for id_ in point.evidence))
    return _Kind(called, tuple(votes[persona.id] for persona in members), evidence[:CITED])


def _mean(votes: Sequence[Vote], variant: str) -> float:
    return math.fsum(vote.chosen.get(variant, 0.0) for vote in votes) / len(votes)


def _parting(variant: str, more: _Kind, less: _Kind) -> Parting:
    return Parting(
        f"People {more.called} choose {quoted(variant)} more often than people {less.called}.",
        tuple(dict.fromkeys((*more.evidence, *less.evidence))),
    )

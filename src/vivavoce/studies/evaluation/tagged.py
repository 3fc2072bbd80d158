"""Labelled texts by niche, with the tags that people gave them: what an embedder's figures are measured on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vivavoce.studies.evaluation.labelled import Labelled

QUESTIONS, GOALS, COMPLAINTS = "banking77", "crowdre", "cfpb1k"
"""Sources of the data that are looked at in a way of their own."""


@dataclass(frozen=True, slots=True)
class Body:
    """Texts of one niche and what people tagged them with."""

    name: str
    texts: list[str]
    tags: list[frozenset[str]]
    tuned_on: bool
    """Whether figures are chosen by it; the others only tell what came of that."""


def for_cuts(rows: Sequence[Labelled]) -> list[Body]:
    """Questions to a bank with one intent each, and wishes for a home with their authors' own tags. Half of the intents
    and every second part of the home are for tuning. What else is tagged there does not tell what says the same: the
    tags of reviews of apps are phrases of the text itself, those of restaurants are eight aspects, several a text.
    """
    halves = _halves(rows)
    by_niche: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for row in rows:
        if row.source == QUESTIONS:
            by_niche.setdefault(row.niche + halves[row.tags], []).append((row.text, frozenset([row.tags])))
        elif row.source == GOALS and (tags := frozenset(tag for tag in row.tags.lower().split(";") if tag)):
            by_niche.setdefault(row.niche, []).append((row.text, tags))
    return _bodies(by_niche)


def for_pairs(rows: Sequence[Labelled]) -> list[Body]:
    """Tagged texts by niche: all there are, of many kinds, since here pairs are told apart by degree and nothing is
    grouped. Halves for tuning and for telling share no intent (banking) and no product (the others).
    """
    halves = _halves(rows)
    by_niche: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for row in rows:
        tags = frozenset(tag.rpartition(":")[0] or tag for tag in row.tags.lower().split(";") if tag)
        if tags and row.source != COMPLAINTS:  # there the tag is the niche
            half = halves[row.tags] if row.source == QUESTIONS else ""
            by_niche.setdefault(row.niche + half, []).append((row.text, tags))
    return _bodies(by_niche)


def alike(tags: Sequence[frozenset[str]]) -> NDArray[np.bool_]:
    """Which two texts share a tag."""
    known = {tag: at for at, tag in enumerate(sorted({tag for some in tags for tag in some}))}
    held = np.zeros((len(tags), len(known)), np.float32)
    for at, some in enumerate(tags):
        held[at, [known[tag] for tag in some]] = 1
    shared: NDArray[np.bool_] = held @ held.T > 0
    return shared


def _halves(rows: Sequence[Labelled]) -> dict[str, str]:
    """Which half an intent of the questions is in."""
    intents = sorted({row.tags for row in rows if row.source == QUESTIONS})
    return {intent: f"-{'ab'[at % 2]}" for at, intent in enumerate(intents)}


def _bodies(by_niche: Mapping[str, list[tuple[str, frozenset[str]]]]) -> list[Body]:
    return [
        Body(niche, [text for text, _ in said], [tags for _, tags in said], tuned_on=at % 2 == 0)
        for at, (niche, said) in enumerate(sorted(by_niche.items()))
    ]

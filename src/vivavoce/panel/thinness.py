"""Whether there is enough evidence for a panel, and what to say where there is not.

Thin evidence stops a study unless it is forced: a panel looks just as sure of itself when it is made of nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import get_args

from vivavoce.errors import InputError
from vivavoce.panel.duplicates import fingerprint
from vivavoce.panel.evidence import Body, Side, bearing, person_of
from vivavoce.panel.insights import Insight
from vivavoce.panel.personas import Persona

LEAST_INSIGHTS = 30
"""Where the reference (panel, section 4) says to abstain; of those that tell something, or chatter would fill it up."""
LEAST_PEOPLE = 3
MOST_OF_ONE = 0.6
"""Share of the insights that one thread, app, call or person may have."""
MOST_INFERRED = 0.5
"""Share of the members' weight that may be ours."""
MOST_FOREIGN = 0.5
"""Share of the insights that may be in a language we hardly read."""
SOME = 0.1
"""Share of the insights from which on something is worth a warning. Not tuned, as little as the shares above."""
MOST_ALIKE = 0.5
"""Overlap of the members above which any number of them is worth fewer than two: 1 / 0.5. It is asked of the overlap,
since what a panel is worth hangs on its size as well. Not tuned, for that would want votes. Of 18 corpora it blames
four nearly always, whose themes are few or not what people said, and eleven never (docs/explanation/personas.md).
"""

STOPS = {
    "thin": f"fewer than {LEAST_INSIGHTS} insights say what hurts or what is wanted",
    "few-people": f"fewer than {LEAST_PEOPLE} people said what hurts or what is wanted",
    "one-sided": f"one thread, app, call or person said more than {MOST_OF_ONE:.0%} of the insights",
    "mostly-inferred": f"more than {MOST_INFERRED:.0%} of what the members want and suffer was inferred, not said",
    "not-english": f"more than {MOST_FOREIGN:.0%} of the insights are in a language that is hardly read here",
}
"""What stops a study unless it is forced, and why."""
CAUTIONS = {
    "one-source": "all insights come from one source",
    "some-not-english": "some insights are in a language that is hardly read here",
    "poisoned": "insights that give orders to a model were left out; others may be subtler",
    "copies": "many insights were copies of others and were left out",
    "same-words": "many people said the very same words: a campaign may be behind them",
    "unread": "insights that nobody has read were left out: read the corpus again",
    "people-unknown": "most insights do not say who said them: one person may count as many",
    "side-inferred": "nobody said what hurts, or nobody said what is wanted, so that side was inferred",
    "anecdotes": "most of what the members really suffer and want was said by one person alone",
    "assumed-archetypes": "the evidence sounds like too few archetypes, so some were assumed",
    "weak-embedding": "the embedder knows spellings and no meanings: themes are rough",
    "alike": f"the members share so much that any number of them is worth fewer than {1 / MOST_ALIKE:.0f}",
}
"""What makes a panel worth less, and why."""


class ThinEvidenceError(InputError):
    """There is too little evidence for a panel that means something.

    Attributes:
        why: keys of `STOPS`.
    """

    def __init__(self, why: Iterable[str], body: Body, remedy: str) -> None:
        self.why = tuple(why)
        reasons = "; ".join(STOPS[reason] for reason in self.why)
        people = len({person_of(insight) for insight in body.insights})
        says = len(telling(body))
        counts = ", ".join(f"{count} {reason}" for reason, count in body.left_out.items())
        without = f"; left out: {counts}" if counts else ""
        super().__init__(
            f"the evidence is too thin ({len(body.insights)} insights of {people} people; {says} of the insights say "
            f"what hurts or what is wanted{without}): {reasons}. {remedy}"
        )


def explained(warning: str) -> str:
    """A warning of a panel as a clause."""
    return STOPS.get(warning) or CAUTIONS[warning]


def telling(body: Body) -> list[Insight]:
    """Insights that a member can be made of. The others are of the right niche and length, and nobody's trouble."""
    pairs = zip(body.insights, body.readings, strict=True)
    return [insight for insight, reading in pairs if bearing(reading) is not None]


def weaknesses(body: Body) -> list[str]:
    """What is wrong with a body of evidence, before anybody is drawn from it: keys of `STOPS` and `CAUTIONS`."""
    count = len(body.insights)
    people = Counter(person_of(insight) for insight in body.insights)
    groups = Counter((insight.source, insight.group) for insight in body.insights if insight.group)
    most = max([*people.values(), *groups.values()], default=0)
    foreign = sum("not-english" in reading.flags for reading in body.readings)
    unknown = sum(not insight.person for insight in body.insights)
    outright = {found[0] for found in map(bearing, body.readings) if found is not None and found[1] == "real"}
    collected = count + sum(body.left_out.values())
    tell = telling(body)
    same = max(Counter(fingerprint(insight.text) for insight in body.insights).values(), default=0)
    found = {
        "thin": len(tell) < LEAST_INSIGHTS,
        "few-people": len({person_of(insight) for insight in tell}) < LEAST_PEOPLE,
        "one-sided": most > MOST_OF_ONE * count,
        "not-english": foreign > MOST_FOREIGN * count,
        "one-source": len({insight.source for insight in body.insights}) == 1,
        "some-not-english": SOME * count < foreign <= MOST_FOREIGN * count,
        "poisoned": body.left_out.get("instructions", 0) > 0,
        "copies": body.left_out.get("copy", 0) > SOME * collected,
        "same-words": same > max(1, SOME * count),
        "unread": body.left_out.get("unread", 0) > 0,
        "people-unknown": unknown > count / 2,
        "side-inferred": count > 0 and not outright >= set(get_args(Side)),
        "weak-embedding": body.weak,
    }
    return [name for name, holds in found.items() if holds]


def inferred_share(personas: Sequence[Persona]) -> float:
    """Share of the members' weight that is ours."""
    inferred = [
        point.weight
        for persona in personas
        for point in (*persona.frustrations, *persona.goals)
        if point.origin == "inferred"
    ]
    return math.fsum(inferred) / len(personas)


def anecdotal(personas: Sequence[Persona], people: int) -> bool:
    """Whether most real points are what one person alone said, of as many people."""
    real = [
        point.reach
        for persona in personas
        for point in (*persona.frustrations, *persona.goals)
        if point.origin == "real"
    ]
    return sum(round(reach * people) <= 1 for reach in real) > len(real) / 2

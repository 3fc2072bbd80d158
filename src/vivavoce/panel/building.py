"""Drawing a panel from a body of evidence. The same evidence, spec and seed give the same panel, byte for byte."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest

from vivavoce.errors import InputError
from vivavoce.panel.archetypes import chosen, likeness
from vivavoce.panel.evidence import Body, digest, person_of
from vivavoce.panel.insights import NO_NICHE, Insight
from vivavoce.panel.naming import introduced, named
from vivavoce.panel.overlap import alike, effective_size
from vivavoce.panel.personas import Archetype, Panel, PanelSpec, Persona, Point, Quote
from vivavoce.panel.points import Points
from vivavoce.panel.quotes import best_sentence, is_verbatim
from vivavoce.panel.richness import QUOTES, richness
from vivavoce.panel.seats import FACE, Seats
from vivavoce.panel.texts import words
from vivavoce.panel.thinness import (
    MOST_ALIKE,
    MOST_INFERRED,
    STOPS,
    ThinEvidenceError,
    anecdotal,
    inferred_share,
    weaknesses,
)

VERSION = 4
"""Of how panels are drawn and what is said of them: another one makes other panels of the same evidence."""
MOST_MEMBERS = 200
MOST_REAL_WEIGHT = 100.0
LEAST_HEARD = 3
"""People who sound like an archetype before it sits on a panel. Not tuned."""
SHORT_CHARS = 160
"""What is no longer is quoted whole."""


def build(body: Body, spec: PanelSpec, seed: int) -> Panel:
    """A panel of personas drawn from the evidence.

    Raises:
        InputError: the spec does not hold, or the evidence was gathered for another niche or audience.
        ThinEvidenceError: there is too little evidence, and the spec does not force it; or there is none at all.
    """
    archetypes = _checked(body, spec)
    people = {insight.id: person_of(insight) for insight in body.insights}
    found = weaknesses(body)
    _stop(found, body, spec)
    said = [words(insight.text) for insight in body.insights]
    sounds = dict(zip((archetype.id for archetype in archetypes), likeness(archetypes, said), strict=True))
    heard = {
        archetype: len({people[body.insights[row].id] for row, like in enumerate(likes) if like})
        for archetype, likes in sounds.items()
    }
    seated = _seated(archetypes, heard, spec)
    if any(heard[archetype.id] < LEAST_HEARD for archetype in seated):
        found.append("assumed-archetypes")
    # neither size nor force draw anything, so that the first members of a larger panel are those of a smaller one
    evidence = body.hash()
    chance = random.Random(  # noqa: S311  # the same panel again is the point
        digest(evidence, body.embedder, spec.niche, spec.audience, spec.archetypes, spec.real_weight, seed)
    )
    names = named(chance, MOST_MEMBERS)
    # by the root: lists of words are of unequal length, and so is what they catch
    seats = Seats([math.sqrt(heard[archetype.id] + 1) for archetype in seated])
    points = Points(body, sounds, spec.real_weight)
    personas = []
    for place in range(spec.size):
        archetype = seated[seats.give(chance)]
        frustrations, goals = points.draw(archetype, chance)
        behind = [body.insights[row] for row in sorted(points.rows(frustrations, goals))]
        personas.append(_persona(body, people, behind, spec, place, names[place], archetype, frustrations, goals))
    if inferred_share(personas) > MOST_INFERRED:
        found.append("mostly-inferred")
        _stop(found, body, spec)
    if anecdotal(personas, len(set(people.values()))):
        found.append("anecdotes")
    rho = alike(personas, people)
    if rho > MOST_ALIKE:
        found.append("alike")
    # what was left out draws nobody, but warns: another panel to whoever reads it
    left_out = sorted(body.left_out.items())
    return Panel(
        id=digest(evidence, body.embedder, body.themes, left_out, spec, seed, VERSION),
        seed=seed,
        evidence_hash=evidence,
        spec=spec,
        personas=tuple(personas),
        insights=len(body.insights),
        people=len(set(people.values())),
        effective_size=round(effective_size(spec.size, rho), 2),
        overlap=round(rho, 4),
        warnings=tuple(found),
        embedder=body.embedder,
        version=VERSION,
    )


def _checked(body: Body, spec: PanelSpec) -> tuple[Archetype, ...]:
    if not 1 <= spec.size <= MOST_MEMBERS:
        raise InputError(f"want a panel of 1 to {MOST_MEMBERS} members, got {spec.size}")
    if not 1 <= spec.real_weight <= MOST_REAL_WEIGHT:
        raise InputError(f"want what is real to count 1 to {MOST_REAL_WEIGHT:g} times as much, got {spec.real_weight}")
    if (body.niche, body.audience) != (spec.niche, spec.audience):
        raise InputError("the evidence was gathered for another niche or audience than the panel is asked for")
    return chosen(spec.archetypes)


def _stop(found: Sequence[str], body: Body, spec: PanelSpec) -> None:
    """Raise where there is too little; nothing at all cannot be forced."""
    why = [name for name in found if name in STOPS]
    if body.insights and (spec.forced or not why):
        return
    remedy = "Collect more, or force it." if body.insights else "Collect some: a panel without evidence is fiction."
    raise ThinEvidenceError(why, body, remedy)


def _seated(archetypes: Sequence[Archetype], heard: dict[str, int], spec: PanelSpec) -> list[Archetype]:
    """Those who were asked for; otherwise those the evidence sounds like, and the plainest where they are few."""
    if spec.archetypes:
        return list(archetypes)
    supported = [archetype for archetype in archetypes if heard[archetype.id] >= LEAST_HEARD]
    plain = [archetype for archetype in archetypes if archetype not in supported]
    return supported + plain[: max(0, FACE - len(supported))]


def _persona(
    body: Body,
    people: Mapping[str, str],
    behind: Sequence[Insight],
    spec: PanelSpec,
    place: int,
    name: str,
    archetype: Archetype,
    frustrations: tuple[Point, ...],
    goals: tuple[Point, ...],
) -> Persona:
    points = (*frustrations, *goals)
    insights = {insight.id: insight for insight in body.insights}
    cited = {id_ for point in points for id_ in point.evidence}
    niches = Counter(
        reading.niche for reading in body.readings if reading.insight in cited and reading.niche != NO_NICHE
    )
    quotes: list[Quote] = []
    heard: set[str] = set()
    # from either side in turn, or all quotes would be of what hurts
    for point in filter(None, chain.from_iterable(zip_longest(frustrations, goals))):
        for id_ in point.evidence:
            insight = insights[id_]
            text = _quotable(insight.text, point.text)
            if text and people[id_] not in heard and len(quotes) < QUOTES:
                heard.add(people[id_])
                quotes.append(
                    Quote(text=text, insight=id_, source=insight.source, url=insight.url, said_at=insight.said_at)
                )
                break  # one voice a point, so that the quotes are of different things
    return Persona(
        id=f"p{place + 1:02d}",
        name=name,
        archetype=archetype.id,
        niche=spec.niche or min(niches, key=lambda niche: (-niches[niche], niche), default=NO_NICHE),
        summary=introduced(archetype, frustrations, goals),
        frustrations=frustrations,
        goals=goals,
        quotes=tuple(quotes),
        richness=richness(points, len(quotes), behind, len(set(people.values()))),
        temperature=archetype.temperature,
        bias=archetype.bias,
        priors=archetype.priors,
    )


def _quotable(text: str, about: str) -> str:
    """The whole text where it is short, otherwise the sentence that says it; empty where there is none to quote."""
    quote = text.strip() if len(text.strip()) <= SHORT_CHARS else best_sentence(text, about)
    return quote if is_verbatim(quote, text) else ""

"""What hurts a persona and what it wants: themes drawn from the evidence, each with people who said it.

The first theme of a member is given like a seat, so that over a whole panel every theme leads as often as people speak
of it. The others are drawn by how many speak of them, rather those that sound like the archetype, rather not those that
many members have already. What we conclude only fills up what people did not say outright.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import get_args

import msgspec

from vivavoce.panel.evidence import Body, Side, Theme, person_of
from vivavoce.panel.labels import names
from vivavoce.panel.personas import Archetype, Origin, Point
from vivavoce.panel.seats import FACE, Seats
from vivavoce.panel.vectors import mean_of

FEWEST, MOST = 3, 8
"""Frustrations and goals of a persona. Nobody has more than half of the themes of a side, unless that is less than the
fewest: members who all have everything have nothing to disagree about."""
CITED, CITED_LATER = 2, 1
"""Insights behind a point, of different people: of the first members, who are read, and of the others, who vote. Few,
so that a member stays somebody and does not become the mean of all: by who is cited, 100 members made of 120 people
have a rho of .05 with one a point, .11 with two, .16 with three (the invented corpus of tests/panel/bodies.py, mean of
eight seeds; 22 November 2026).
"""
ALIKE = 3.0
"""How many times likelier a theme is that is altogether in the words an archetype is drawn to. Not tuned."""
CROWDED = 4.0
"""How much less likely a theme is that all members so far have: 1 / (1 + 4). Any two of five members share .34 of their
points (Jaccard, same corpus, eight seeds), without it .41.
"""
NEARER = 4.0
"""How many times more the insight counts that is nearest to the audience than the one farthest from it. Not tuned."""


class _Spring(msgspec.Struct, frozen=True):
    """A theme, made ready to be drawn from."""

    label: str
    origin: Origin
    rows: tuple[int, ...]
    """The most typical first."""
    mass: float
    """How much people speak of it."""
    reach: float


class _Pool:
    """Themes of one side and origin, and who has been given which."""

    def __init__(self, springs: Sequence[_Spring]) -> None:
        self.springs = springs
        self._leads = Seats([spring.mass for spring in springs]) if springs else None
        self._had: Counter[int] = Counter()
        self._members = 0

    def draw(self, wanted: int, liking: Sequence[float], chance: random.Random) -> list[_Spring]:
        """As many different themes as are wanted, the one that is owed a seat first; all where there are no more."""
        if self._leads is None or not wanted:
            return []
        self._members += 1
        lead = self._leads.give(chance, liking)
        # as by lot without putting back: of clocks that run by weight, those that ring first
        clocks = sorted(
            (chance.expovariate(spring.mass * likes / (1 + CROWDED * self._had[at] / self._members)), at)
            for at, (spring, likes) in enumerate(zip(self.springs, liking, strict=True))
        )
        drawn = [lead, *(at for _, at in clocks if at != lead)][:wanted]
        self._had.update(drawn)
        return [self.springs[at] for at in drawn]


class Points:
    """Draws the points of one member after the other, and remembers what the others have.

    Args:
        sounds: which insights sound like an archetype, by its id.
        real_weight: how many times more what people said counts than what we inferred.
    """

    def __init__(self, body: Body, sounds: Mapping[str, Sequence[bool]], real_weight: float) -> None:
        self._body = body
        self._sounds = sounds
        self._real_weight = real_weight
        self._people = [person_of(insight) for insight in body.insights]
        count = len(set(self._people))
        counts = emphasis(body)
        springs: dict[tuple[Side, Origin], list[_Spring]] = {}
        for theme in body.themes:
            springs.setdefault((theme.side, theme.origin), []).append(self._spring(theme, counts, count))
        self._pools = {
            key: _Pool(_shared(springs.get(key, []), count)) for key in product(get_args(Side), get_args(Origin))
        }
        self._rows: dict[tuple[Side, Origin, str], set[int]] = {}
        for theme in body.themes:
            self._rows.setdefault((theme.side, theme.origin, theme.label), set()).update(theme.rows)
        self._cited: Counter[str] = Counter()
        self._members = 0

    def draw(self, archetype: Archetype, chance: random.Random) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
        """Frustrations and goals of the next member, 3 to 8 of each, its leading theme first; weights sum to 1."""
        hurts = self._side("frustration", archetype, archetype.frustrations, chance)
        wants = self._side("goal", archetype, archetype.goals, chance)
        self._members += 1
        whole = math.fsum(point.weight for point in (*hurts, *wants))
        hurts, wants = (
            [msgspec.structs.replace(point, weight=point.weight / whole) for point in points]
            for points in (hurts, wants)
        )
        return tuple(hurts), tuple(wants)

    def rows(self, frustrations: Sequence[Point], goals: Sequence[Point]) -> set[int]:
        """All that was said of these points, not only what is cited; nothing of what we made up."""
        sides: tuple[Side, ...] = ("frustration", "goal")
        found: set[int] = set()
        for side, points in zip(sides, (frustrations, goals), strict=True):
            for point in points:
                if point.evidence:
                    found |= self._rows[side, point.origin, point.text]
        return found

    def _side(self, side: Side, archetype: Archetype, typical: Sequence[str], chance: random.Random) -> list[Point]:
        """What people said; where it is too little, what can be concluded from what they said; and then our ideas."""
        real, inferred = self._pools[side, "real"], self._pools[side, "inferred"]
        most = max(FEWEST, len(real.springs) // 2)
        drawn = real.draw(min(chance.randint(FEWEST, MOST), most), self._liking(real, archetype), chance)
        missing = max(0, FEWEST - len(drawn))
        labels = {spring.label for spring in drawn}
        others = inferred.draw(missing, self._liking(inferred, archetype), chance)
        drawn += [spring for spring in others if spring.label not in labels]
        points = [self._point(spring, archetype) for spring in drawn]
        made_up = chance.sample(typical, max(0, FEWEST - len(points)))
        return points + [Point(text=text, origin="inferred", weight=1.0) for text in made_up]

    def _point(self, spring: _Spring, archetype: Archetype) -> Point:
        """A theme as a point: cited are those who were cited least, rather in the archetype's words, rather typical."""
        sounds, people, cited = self._sounds[archetype.id], self._people, self._cited
        places = sorted(
            range(len(spring.rows)),
            key=lambda place: (cited[people[spring.rows[place]]], not sounds[spring.rows[place]], place),
        )
        rows: dict[str, int] = {}
        for row in (spring.rows[place] for place in places):
            if len(rows) < (CITED if self._members < FACE else CITED_LATER):
                rows.setdefault(people[row], row)
        cited.update(rows.keys())  # one each: of a mapping a counter would add the values
        insights = [self._body.insights[row] for row in rows.values()]
        return Point(
            text=spring.label,
            origin=spring.origin,
            weight=self._real_weight if spring.origin == "real" else 1.0,
            # whose sentence the theme is called by stands first, and is quoted first
            evidence=tuple(each.id for each in sorted(insights, key=lambda each: not names(spring.label, each.text))),
            reach=spring.reach,
        )

    def _liking(self, pool: _Pool, archetype: Archetype) -> list[float]:
        """Of each theme of a pool, from 1 to `ALIKE`."""
        sounds = self._sounds[archetype.id]
        return [1 + (ALIKE - 1) * sum(sounds[row] for row in spring.rows) / len(spring.rows) for spring in pool.springs]

    def _spring(self, theme: Theme, counts: Sequence[float], people: int) -> _Spring:
        loudest: dict[str, float] = {}
        for row in theme.rows:
            loudest[self._people[row]] = max(loudest.get(self._people[row], 0.0), counts[row])
        return _Spring(
            label=theme.label,
            origin=theme.origin,
            rows=tuple(sorted(theme.rows, key=self._typical(theme.rows))),
            mass=math.fsum(loudest.values()),
            reach=len(loudest) / people,
        )

    def _typical(self, rows: Sequence[int]) -> Callable[[int], tuple[float, int]]:
        vectors = self._body.vectors
        middle = mean_of(vectors[list(rows)])
        # rounded, so that another machine's last digit does not choose another insight
        nearness = {row: round(float(vectors[row] @ middle), 3) for row in rows}
        return lambda row: (-nearness[row], row)


def _shared(springs: Sequence[_Spring], people: int) -> Sequence[_Spring]:
    """Without those that one person alone speaks of: anecdotes, needed only where there is little else."""
    shared = [spring for spring in springs if round(spring.reach * people) > 1]
    return shared if len(shared) >= MOST else springs


def emphasis(body: Body) -> list[float]:
    """How much each insight counts: alike without an audience, otherwise more the nearer it is to it."""
    if not body.nearness:
        return [1.0] * len(body.insights)
    # by rank: what cosines are usual is another thing for every embedder
    order = sorted(range(len(body.nearness)), key=lambda row: (round(body.nearness[row], 3), row))
    last = max(1, len(order) - 1)
    place = {row: rank / last for rank, row in enumerate(order)}
    return [float(NEARER ** place[row]) for row in range(len(order))]

"""Whether verdicts are as good as they say: simulated people whose preference is known, some of them correlated.

Run: python -m bench verdicts
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.results import Row
from vivavoce.panel.decision import EARLY, SURE
from vivavoce.panel.overlap import effective_size
from vivavoce.panel.posterior import PRIOR, best
from vivavoce.panel.tally import BIASED

SEED = 44
WORLDS = 20_000
LOOK_EVERY = 10
"""Members, as studies that cost something look."""
Chance: TypeAlias = np.random.Generator
Counts: TypeAlias = NDArray[np.int64]


@lru_cache(500_000)
def sure(wins: int, of: int, rho: float) -> float:
    """How sure the first of two variants is to be what most would choose."""
    worth = effective_size(of, rho) / of
    return best([wins * worth, (of - wins) * worth])[0]


def likings(chance: Chance, spread: float, worlds: int) -> NDArray[np.float64]:
    """Worlds, by the share of all people who prefer the first variant."""
    return chance.beta(spread, spread, worlds)


def polled(chance: Chance, shares: NDArray[np.float64], people: int, rho: float) -> Counts:
    """Of as many people in each world, any two correlated by rho, how many say the first."""
    if rho:
        scale = 1 / rho - 1
        shares = chance.beta(shares * scale, (1 - shares) * scale)
    return chance.binomial(people, shares)


def judged(shares: NDArray[np.float64], wins: Counts, people: int, told: float) -> tuple[float, float, float]:
    """Share of verdicts, share of them that are right, and how right they say they are.

    Args:
        told: the correlation that the tally is told of.
    """
    first = np.array([sure(int(each), people, told) for each in wins])
    said = np.maximum(first, 1 - first)
    decided = said >= SURE
    right = (first > 0.5) == (shares > 0.5)
    if not decided.any():
        return 0.0, 0.0, 0.0
    return float(decided.mean()), float(right[decided].mean()), float(said[decided].mean())


def by_lot(chance: Chance, worlds: int, people: int, orders: int) -> Counts:
    """People who choose by lot in each order: by world and member, 1 for the first, -1 for the second, 0 for who
    changed sides.
    """
    drawn = chance.integers(0, 2, (worlds, people, orders)) * 2 - 1
    return np.where((drawn == drawn[:, :, :1]).all(axis=2), drawn[:, :, 0], 0)


def looked(votes: Counts, bar: float, every: int) -> float:
    """Share of worlds in which somebody who looks after every so many members sees a verdict at least once, or at the
    end one at `SURE`.
    """
    wins, of = np.cumsum(votes > 0, axis=1), np.cumsum(votes != 0, axis=1)
    members = votes.shape[1]
    seen = np.zeros(len(votes), bool)
    for at in range(every - 1, members, every):
        limit = SURE if at == members - 1 else bar
        for world in np.flatnonzero(~seen & (of[:, at] > 0)):
            first = sure(int(wins[world, at]), int(of[world, at]), 0.0)
            seen[world] = max(first, 1 - first) >= limit
    return float(seen.mean())


def needed_members(share: float, right: float) -> int:
    """The fewest independent people of whom so many in a hundred panels end in the right verdict."""
    chance = np.random.default_rng(SEED)
    for people in range(5, 2_000, 5):
        wins = chance.binomial(people, share, 4_000)
        if float(np.mean([sure(int(each), people, 0.0) >= SURE for each in wins])) >= right:
            return people
    return 2_000


def worst_by_lot(members: int) -> tuple[float, int]:
    """How often who chooses by lot between two equals is told to find a winner, at worst of all panels of up to so many
    members, and of how many that is. Exact.
    """
    worst = (0.0, 0)
    for of in range(1, members + 1):
        few = 0  # the most who may prefer the one of so many, for a winner
        while 2 * few < of and sure(of - few, of, 0.0) >= BIASED:
            few += 1
        failed = 2 * sum(math.comb(of, each) for each in range(few)) / 2**of
        worst = max(worst, (failed, of))
    return worst


def rows(*, brief: bool = False) -> list[Row]:
    worlds = 300 if brief else WORLDS
    found = []
    for what, spread, people, rho, told in (
        ("20 strangers", PRIOR, 20, 0.0, 0.0),
        ("100 strangers", PRIOR, 100, 0.0, 0.0),
        ("100 strangers, variants rather alike", 5.0, 100, 0.0, 0.0),
        ("100 strangers, variants much alike", 20.0, 100, 0.0, 0.0),
        ("100 members of rho .1", PRIOR, 100, 0.1, 0.1),
        ("100 members of rho .3", PRIOR, 100, 0.3, 0.3),
        ("100 members of rho .1, taken for strangers", PRIOR, 100, 0.1, 0.0),
        ("100 members of rho .3, taken for strangers", PRIOR, 100, 0.3, 0.0),
    ):
        chance = np.random.default_rng(SEED)
        shares = likings(chance, spread, worlds)
        given, right, said = judged(shares, polled(chance, shares, people, rho), people, told)
        found.append(Row(what=f"verdicts given: {what}", value=round(100 * given, 1), unit="%"))
        if given:
            found.append(
                Row(what=f"verdicts right: {what}", value=round(100 * right, 1), unit="%",
                    beside=round(100 * said, 1), than="as they say")
            )  # fmt: skip
    looks: tuple[tuple[str, Callable[[Counts], float], int], ...] = (
        ("one look at the end, one order", lambda votes: looked(votes, SURE, 200), 1),
        ("one look at the end, two orders", lambda votes: looked(votes, SURE, 200), 2),
        (f"20 looks at {SURE:g}", lambda votes: looked(votes, SURE, LOOK_EVERY), 1),
        (f"20 looks at {EARLY:g}", lambda votes: looked(votes, EARLY, LOOK_EVERY), 1),
    )
    for what, look, orders in looks:
        votes = by_lot(np.random.default_rng(SEED), worlds // 5, 200, orders)
        found.append(Row(what=f"winner where 200 choose by lot: {what}", value=round(100 * look(votes), 1), unit="%"))
    failed, members = worst_by_lot(60 if brief else 1_000)
    found.append(
        Row(what=f"equals told apart by lot, at worst ({members} members)", value=round(100 * failed, 1), unit="%")
    )
    for share in () if brief else (0.8, 0.7, 0.6, 0.55):
        found.append(
            Row(what=f"strangers for a right verdict in 8 of 10 panels, at {share:.0%} to {1 - share:.0%}",
                value=needed_members(share, 0.8), unit="people")
        )  # fmt: skip
    return found

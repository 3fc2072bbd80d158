"""Many bad calls over all cores, added up; the first that failed, shrunk."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Callable, Iterator

import msgspec

from vivavoce.errors import InputError
from vivavoce.storm.outcome import Outcome, add, outcome_of
from vivavoce.storm.world.kinds import KINDS, draw
from vivavoce.storm.world.script import Script

REPLAY_EVERY = 20
"""Of so many calls one is fed to a second conversation, which must decide the same."""
AT_ONCE = 8
MOST_FAILING = 100
"""Scripts of failing calls that are kept to be shrunk."""
TOLD_EVERY = 50
"""Calls between two words of how far it is: some ten seconds."""

Tell = Callable[[str, float | None], None]


class Storm(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. The same storm is the same calls."""

    calls: int = 2000
    seed: int = 1
    faults: int = 5
    minutes: tuple[float, float] = (15.0, 45.0)
    kinds: tuple[str, ...] = ()
    """Only these; empty for all that a call survives, and now and then one that it does not."""

    def __post_init__(self) -> None:
        if unknown := [kind for kind in self.kinds if kind not in KINDS]:
            raise InputError(f"want some of {', '.join(KINDS)}, got {unknown[0][:60]!r}")

    def script(self, number: int) -> Script:
        """The call of this number."""
        chance = random.Random(f"{self.seed} {number}")  # noqa: S311  # repeatable, guards nothing
        minutes = round(chance.uniform(*self.minutes), 1)
        kinds = self.kinds
        if not kinds:
            for_good = chance.random() < FOR_GOOD
            kinds = tuple(name for name, kind in KINDS.items() if kind.transient is not for_good)
            if for_good:
                return draw(chance.getrandbits(32), minutes, 1, kinds)
        return draw(chance.getrandbits(32), minutes, self.faults, kinds)


FOR_GOOD = 0.01
"""So many calls meet a fault that none survives."""


class Sum(msgspec.Struct, kw_only=True):
    """What came of a storm."""

    total: Outcome
    failing: list[tuple[int, list[str]]]
    """Calls that broke a bound: the number, and which bounds."""


def storm(asked: Storm, *, jobs: int = 0, tell: Tell = lambda what, share: None) -> Sum:
    """Play all calls.

    Args:
        jobs: processes; 0 for one for each core.
        tell: is told how far it is.
    """
    found = Sum(total=Outcome(), failing=[])
    played = _played(asked, jobs or len(os.sched_getaffinity(0)))
    for done, (number, outcome) in enumerate(played, start=1):
        add(found.total, outcome)
        if broken := outcome.broken():
            found.failing.append((number, broken))
        if done % TOLD_EVERY == 0 or done == asked.calls:
            tell(f"{done} of {asked.calls} calls", done / asked.calls)
    found.failing.sort()
    del found.failing[MOST_FAILING:]
    return found


def _played(asked: Storm, jobs: int) -> Iterator[tuple[int, Outcome]]:
    tasks = ((asked, number) for number in range(asked.calls))
    if jobs == 1:
        yield from map(_one, tasks)
        return
    # not forked: whoever asks for a storm may have threads
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap_unordered(_one, tasks, chunksize=AT_ONCE)


def _one(task: tuple[Storm, int]) -> tuple[int, Outcome]:
    asked, number = task
    return number, outcome_of(asked.script(number), replay=number % REPLAY_EVERY == 0)

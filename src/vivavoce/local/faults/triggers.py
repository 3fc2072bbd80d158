"""When the faults of one connection happen."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Literal

from vivavoce.local.faults.script import AnyFault, Script

Side = Literal["client", "server"]


class Trigger:
    """One rule, on one connection.

    Args:
        chance: draws; of its own, so that the other rules and connections do not change what it gives.
    """

    def __init__(self, fault: AnyFault, chance: random.Random) -> None:
        self.fault = fault
        self._chance = chance
        self._seen = 0

    def draw(self) -> bool:
        """Whether it happens at all, where only chance decides."""
        return self.fault.when.chance is None or self._chance.random() < self.fault.when.chance

    def met(self, side: Side, kinds: frozenset[str], turn: int) -> bool:
        """Whether it happens with this message."""
        when = self.fault.when
        wanted = when.client if side == "client" else when.server
        if wanted is None or wanted not in kinds or when.turn not in (None, turn):
            return False
        if when.chance is not None:
            return self.draw()
        self._seen += 1
        return self._seen == (when.nth or 1)


class Triggers:
    """The rules of a script that stand over one connection, and which turn it is in.

    Args:
        link: which connection of the server it is, from 1.
    """

    def __init__(self, script: Script, link: int) -> None:
        self._all = [
            Trigger(fault, random.Random(f"{script.seed}/{number}/{link}"))  # noqa: S311  repeatable, guards nothing
            for number, fault in enumerate(script.faults)
            if fault.when.link in (None, link)
        ]
        self._turn = 1

    def __iter__(self) -> Iterator[Trigger]:
        return iter(self._all)

    def by(self, side: Side, kinds: frozenset[str]) -> list[AnyFault]:
        """What happens with this message. A turn ends with the server's `turnComplete`."""
        met = [trigger.fault for trigger in self._all if trigger.met(side, kinds, self._turn)]
        if side == "server" and "turnComplete" in kinds:
            self._turn += 1
        return met

    def timed(self) -> Iterable[tuple[float, AnyFault]]:
        """What happens some seconds after the setup was answered."""
        for trigger in self._all:
            if trigger.fault.when.after_s is not None and trigger.draw():
                yield trigger.fault.when.after_s, trigger.fault

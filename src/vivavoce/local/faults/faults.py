"""The faults of one server.

faults = Faults(read_script(path), clock)
number, status = faults.arrived()
async with faults.on(line, number) as socket:
    await Session(socket, parts, entrance).run()
"""

from __future__ import annotations

import logging
import random

from vivavoce.local.faults.links import Link, Links
from vivavoce.local.faults.script import AnyFault, RefuseUpgrade, Script
from vivavoce.local.faults.socket import FaultySocket, Line
from vivavoce.local.faults.triggers import Triggers
from vivavoce.local.tempo import Clock

log = logging.getLogger(__name__)

MOST_TOLD = 10_000
"""The newest faults that happened are remembered, so many."""


class Faults:
    """The faults of one server.

    Attributes:
        happened: of each fault that happened, the connection and its name, in their order.
    """

    def __init__(self, script: Script, clock: Clock) -> None:
        self._script = script
        self._clock = clock
        self._links = Links(clock)
        self._arrivals = 0
        self.happened: list[tuple[int, str]] = []

    def arrived(self) -> tuple[int, int | None]:
        """A client dials: which connection this is, and the HTTP status it is refused with, if it is."""
        self._arrivals += 1
        for number, rule in enumerate(self._script.faults):
            if not isinstance(rule, RefuseUpgrade) or rule.when.link not in (None, self._arrivals):
                continue
            chance = random.Random(f"{self._script.seed}/{number}/{self._arrivals}")  # noqa: S311  repeatable
            if rule.when.chance is None or chance.random() < rule.when.chance:
                self._tell(self._arrivals, rule)
                return self._arrivals, rule.status
        return self._arrivals, None

    def on(self, line: Line, number: int) -> FaultySocket:
        """A connection with its faults."""
        chance = random.Random(f"{self._script.seed}/network/{number}")  # noqa: S311  repeatable, guards nothing
        triggers = Triggers(self._script, number)
        return FaultySocket(line, triggers, Link(number), self._links, self._clock, chance, self._tell)

    def _tell(self, connection: int, what: AnyFault) -> None:
        log.info("fault on connection %d: %s", connection, type(what).__name__)
        self.happened.append((connection, type(what).__name__))
        del self.happened[:-MOST_TOLD]

"""Names of personas, and the sentence that introduces them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from vivavoce.panel.personas import Archetype, Point

NAMES = (
    "Amari", "Ariel", "Avery", "Billie", "Blair", "Cameron", "Casey", "Charlie", "Dana", "Eden", "Ellis", "Emery",
    "Finley", "Frankie", "Harper", "Hayden", "Jamie", "Jordan", "Jules", "Kai", "Kerry", "Kim", "Kit", "Lee", "Logan",
    "Marlowe", "Micah", "Mika", "Morgan", "Nico", "Nikita", "Noor", "Parker", "Quinn", "Reese", "Remy", "Ren", "Riley",
    "Robin", "Rowan", "Sage", "Sasha", "Shay", "Skyler", "Tal", "Tatum", "Taylor", "Toni", "Val", "Wren",
)  # fmt: skip
"""Given names in use for any gender; who bears one says nothing. None of them is a voice of an example agent."""


def named(chance: random.Random, count: int) -> list[str]:
    """As many different names, in an order that chance says. The first of more are the same as of fewer."""
    order = chance.sample(NAMES, len(NAMES))
    rounds = -(-count // len(order))
    return [name if again == 0 else f"{name} {again + 1}" for again in range(rounds) for name in order][:count]


def introduced(archetype: Archetype, frustrations: Sequence[Point], goals: Sequence[Point]) -> str:
    """One line: how they decide, what hurts most, what they want most; what we inferred is said to be so."""
    hurts, wants = frustrations[0], goals[0]
    return f"{archetype.about} Hurts: {_said(hurts)}. Wants: {_said(wants)}."


def _said(point: Point) -> str:
    return point.text if point.origin == "real" else f"{point.text} (inferred)"

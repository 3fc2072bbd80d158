"""What a whole panel suffers and wants: the points of its members, counted together."""

from __future__ import annotations

from dataclasses import dataclass

from vivavoce.panel.evidence import Side
from vivavoce.panel.personas import Origin, Panel, Persona, Point
from vivavoce.panel.texts import cut

SHOWN_CHARS = 80
CITED = 5
"""Insights named behind one, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One point, and who has it."""

    side: Side
    origin: Origin
    text: str
    members: tuple[str, ...]
    """Ids of personas, as they sit."""
    weight: float
    """Over all members."""
    reach: float
    """Share of the people in the evidence who say it."""
    evidence: tuple[str, ...]
    """Ids of insights, at most `CITED`."""

    @property
    def named(self) -> str:
        return quoted(self.text)


def quoted(text: str) -> str:
    """Words of people within a sentence of ours: in quotation marks, on one line, cut."""
    plain = " ".join(text.split())
    shown = cut(plain, SHOWN_CHARS)
    return f"“{shown}”" if shown == plain else f"“{shown} …”"


def leading(persona: Persona) -> Point | None:
    """What hurts a member most: the first of those that weigh most, what people said before what we inferred."""
    return max(persona.frustrations, key=lambda point: (point.origin == "real", point.weight), default=None)


def shared(panel: Panel) -> list[Shared]:
    """Every point of a panel: what people said before what we inferred, then what more people say, then what weighs
    more over the members.
    """
    sides: dict[tuple[Side, str], list[tuple[str, Point]]] = {}
    for persona in panel.personas:
        for point in persona.frustrations:
            sides.setdefault(("frustration", point.text), []).append((persona.id, point))
        for point in persona.goals:
            sides.setdefault(("goal", point.text), []).append((persona.id, point))
    found = [
        Shared(
            side=side,
            origin="real" if any(point.origin == "real" for _, point in held) else "inferred",
            text=text,
            members=tuple(id_ for id_, _ in held),
            weight=sum(point.weight for _, point in held),
            reach=max(point.reach for _, point in held),
            evidence=tuple(dict.fromkeys(id_ for _, point in held for id_ in point.evidence))[:CITED],
        )
        for (side, text), held in sides.items()
    ]
    return sorted(found, key=lambda each: (each.origin != "real", -each.reach, -round(each.weight, 9), each.text))

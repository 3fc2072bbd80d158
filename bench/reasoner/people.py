"""Personas of whom nothing is known but what somebody said."""

from __future__ import annotations

from collections.abc import Sequence

from vivavoce.panel.personas import Persona, Point, Priors

PANEL = 20
"""People of a panel."""


def persona(said: Sequence[str], niche: str = "", *, wanted: bool = False, kind: str = "") -> Persona:
    """Somebody of whom nothing is known but what they said."""
    points = tuple(
        Point(text=text, origin="real", weight=1 / len(said), evidence=(f"{at:016x}",)) for at, text in enumerate(said)
    )
    return Persona(
        id="p01",
        name="",
        archetype=kind,
        niche=niche,
        summary="",
        frustrations=() if wanted else points,
        goals=points if wanted else (),
        quotes=(),
        richness=0.0,
        temperature=0.5,
        bias="",
        priors=Priors(loss=2.0, switching=0.5, price=1.3, style={}),
    )

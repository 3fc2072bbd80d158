"""Personas of whom nothing is known but what somebody said."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from vivavoce.panel.personas import Persona, Point, Priors

PRIORS = Priors(loss=2.0, switching=0.5, price=1.3, style={})
"""The middle of the archetypes'."""
TEMPERATURE = 0.5


def persona(said: Sequence[str], niche: str = "", *, loss: float = PRIORS.loss) -> Persona:
    """Somebody who wants what they said, one thing as much as another."""
    points = tuple(
        Point(text=text, origin="real", weight=1 / len(said), evidence=(f"{at:016x}",)) for at, text in enumerate(said)
    )
    return Persona(
        id="p01",
        name="",
        archetype="",
        niche=niche,
        summary="",
        frustrations=(),
        goals=points,
        quotes=(),
        richness=0.0,
        temperature=TEMPERATURE,
        bias="",
        priors=msgspec.structs.replace(PRIORS, loss=loss),
    )

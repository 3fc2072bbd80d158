"""Who sits on a panel: personas made of what real people said. Every claim about one names its evidence."""

from __future__ import annotations

from itertools import chain
from typing import Literal, TypeAlias

import msgspec

Origin: TypeAlias = Literal["real", "inferred"]
"""Whether people said it, or we concluded it from an archetype."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A frustration or a goal of a persona."""

    text: str
    """In few words, as a label; where it is real, words that people used."""
    origin: Origin
    weight: float
    """How much it counts beside the others of this persona; they sum to 1."""
    evidence: tuple[str, ...] = ()
    """Ids of insights; none only for an inferred one."""
    reach: float = 0.0
    """Share of the people in the evidence who say it, from 0 to 1."""


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A person's own words: the insight's text or a whole sentence of it, checked to be verbatim."""

    text: str
    insight: str
    source: str
    url: str = ""
    said_at: float | None = None


class Priors(msgspec.Struct, frozen=True, kw_only=True):
    """How an archetype decides (`reference` §7): each is a prior of ours until a calibration says otherwise."""

    loss: float
    """λ: how much more a loss weighs than a gain; 1 is even."""
    switching: float
    """κ: what leaving the present way costs them."""
    price: float
    """p: sensitivity to the logarithm of price over the reference."""
    style: dict[str, float]
    """γ: taste in wording, by feature of the text."""


class Decider(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of people who decide, as data (`data/archetypes.yaml`)."""

    id: str
    title: str
    about: str
    temperature: float
    """Noise of choice: 0 always takes what it values most, 1 nearly draws lots."""
    bias: str
    """Id of its main bias, such as "status-quo"."""
    priors: Priors
    drawn_to: tuple[str, ...]
    """Words of insights that sound like this archetype."""
    goals: tuple[str, ...]
    frustrations: tuple[str, ...]
    """Typical ones: used as inferred where there is too little that is real."""


class Archetype(Decider, frozen=True, kw_only=True):
    """A kind of decider, and where we have it from."""

    sources: dict[str, str]
    """Where each number comes from; "assumed" where nowhere."""


class Persona(msgspec.Struct, frozen=True, kw_only=True):
    """One member of a panel."""

    id: str
    """"p01" and so on: its place on the panel."""
    name: str
    """A given name, so that a page can be read; it says nothing about gender, origin or age."""
    archetype: str
    niche: str
    summary: str
    frustrations: tuple[Point, ...]
    """3 to 8."""
    goals: tuple[Point, ...]
    """3 to 8."""
    quotes: tuple[Quote, ...]
    """At most 5."""
    richness: float
    """From 0 to 1 (`richness`)."""
    temperature: float
    bias: str
    priors: Priors


class PanelSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked of a panel."""

    size: int = 5
    """3 to 5 to be read, 20 to 200 to decide."""
    niche: str = ""
    """Only what was said in it; empty for all."""
    archetypes: tuple[str, ...] = ()
    """Ids to choose from; empty for all that the evidence supports."""
    audience: str = ""
    """Who it is for, in the words of whoever asks: insights near to it count more."""
    real_weight: float = 3.0
    """How many times more what people said counts than what we inferred (P1). To be fitted, not believed."""
    forced: bool = False
    """Build it although the evidence is thin."""


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """Personas drawn from one body of evidence. The same evidence, spec and seed give the same panel, byte for byte."""

    id: str
    """Hash of evidence and what was left out of it, spec and seed; where it is kept, also of its corpus."""
    seed: int
    evidence_hash: str
    """Of the insights and readings that were used."""
    spec: PanelSpec
    personas: tuple[Persona, ...]
    insights: int
    """How many there were to draw from."""
    people: int
    """How many different people said them, as far as their sources tell."""
    effective_size: float
    """How many independent members the panel is worth: n / (1 + (n - 1) rho)."""
    overlap: float
    """rho: how alike the members are, by who was heard or by what they said, whichever is more."""
    warnings: tuple[str, ...] = ()
    """Why to trust it less: "thin", "one-sided", "one-source", "mostly-inferred", "weak-embedding", ..."""
    embedder: str = ""
    version: int = 1

    def evidence(self) -> set[str]:
        """Ids of all insights it rests on."""
        points = chain.from_iterable((*persona.frustrations, *persona.goals) for persona in self.personas)
        quotes = chain.from_iterable(persona.quotes for persona in self.personas)
        return {id_ for point in points for id_ in point.evidence} | {quote.insight for quote in quotes}

"""What an evaluation says."""

from __future__ import annotations

import msgspec


class Measure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One figure with its interval, beside what it would be without us."""

    part: str
    """"niche", "kind", "sentiment", "flags", "groups" or "richness"."""
    of: str
    """What it was measured on."""
    figure: str
    """What is counted."""
    value: float
    low: float
    high: float
    rows: int
    """Texts, groups or panels behind it."""
    coverage: float | None = None
    """Share of texts on which something was said at all; the figure is of those."""
    tuned: float | None = None
    """The same figure on the half that was looked at while lists were made: how much of it is memory."""
    floors: dict[str, float] = {}
    """The same figure for those who know nothing."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    reader: str
    embedder: str
    seed: int
    measures: tuple[Measure, ...]
    notes: tuple[str, ...]
    """What the figures do not say."""

"""What the parts of a study are to each other: sources, embedders, respondents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import msgspec

from vivavoce.panel import vectors
from vivavoce.panel.ballots import Ballot, Sheet
from vivavoce.panel.insights import Insight
from vivavoce.panel.personas import Persona
from vivavoce.panel.sense import Sense

Vectors: TypeAlias = vectors.Vectors
"""One row a text, each of length 1 (or all zeros for a text with nothing in it)."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a source."""

    insights: tuple[Insight, ...]
    cursor: str | None
    """Where the next page begins, to be handed in again, also by another process on another day; None at the end."""
    left_out: dict[str, int] = {}
    """Items of this page that are no insights, by reason: "empty", "deleted", "bot", "unreadable"."""
    total: int | None = None
    """How many items there are in all, where the source says so: a claim, for progress only."""


class Source(Protocol):
    """A place where people say things. It keeps nothing: where it was is in the cursor.

    Raises:
        SourceError: see `studies.sources.errors`; its `kind` says whether to wait, to stop, or to ask a person.
    """

    name: str

    async def page(self, query: str, cursor: str | None) -> Page:
        """What is said about `query`, from a cursor on (None: from the beginning)."""
        ...

    async def close(self) -> None: ...


class Embedder(Protocol):
    name: str
    """With its version: vectors of two names are never compared."""
    size: int
    weak: bool
    """Too crude for decisions (hashing): whoever uses it says so on every result."""

    @property
    def sense(self) -> Sense | None:
        """What its cosines mean; None where nobody has measured it. Whoever needs it asks `senses.sense_of`."""
        ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Raises MissingError, InputError or SourceError, never returns fewer rows than texts."""
        ...

    async def close(self) -> None: ...


class Respondent(Protocol):
    name: str

    async def answer(self, persona: Persona, sheet: Sheet) -> Ballot:
        """A ballot, also when there is no answer (`abstains`). Never raises for what a model or a network did."""
        ...

    async def close(self) -> None: ...

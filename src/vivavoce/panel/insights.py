"""What a real person said, where and when, and what we make of it. Everything the panel believes hangs off these."""

from __future__ import annotations

import hashlib
from typing import Literal, TypeAlias, get_args

import msgspec

Kind: TypeAlias = Literal["pain", "need", "praise", "question", "goal"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NO_NICHE = "none"
"""Said when the reader is not sure enough of any niche; never a guess."""


class Insight(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that one person said, with personal data masked. It never changes."""

    id: str
    """16 hex digits, made of `source` and `ref`: collected twice, it is the same one (`insight_id`)."""
    source: str
    """Which kind of place: "hackernews", "reddit", "app-store", "google-play", "product-hunt", "github",
    "stackexchange", "file", "calls"."""
    ref: str
    """What the source calls it."""
    text: str
    """Verbatim but for masked personal data; 1 to `MAX_TEXT_CHARS` characters."""
    url: str = ""
    """Where a person can read it; empty where there is no public place."""
    said_at: float | None = None
    """Unix seconds."""
    group: str = ""
    """What it hangs off at its source (a thread, an app, a call): never on both sides of a split."""
    title: str = ""
    """Of the group."""
    lang: str = ""
    """BCP 47, empty when not known."""
    rating: float | None = None
    """Stars from 1 to 5, where the source has them."""
    person: str = ""
    """A pseudonym that tells two people of one source apart and nothing else; empty when not known."""
    tags: tuple[str, ...] = ()
    licence: str = ""


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the reader makes of an insight. Every part says how sure it is; unsure is said, not guessed."""

    insight: str
    """Id."""
    niche: str = NO_NICHE
    niche_sure: float = 0.0
    """From 0 to 1."""
    kind: Kind | None = None
    """None when no kind stands out."""
    kind_sure: float = 0.0
    sentiment: float | None = None
    """From -1 to 1; None where there is nothing to go by (another language, no words of feeling)."""
    flags: tuple[str, ...] = ()
    """Why it is used with care or not at all: "not-english", "too-short", "instructions" (it addresses a model),
    "advert"."""


MAX_TEXT_CHARS = 4_000
"""Longer ones are cut at a sentence by whoever collects them."""
LEFT_OUT = frozenset({"instructions", "advert", "too-short"})
"""Flags of what no persona is made of."""


def insight_id(source: str, ref: str) -> str:
    """The id of what a source calls `ref`: 16 hex digits, the same on every machine."""
    return hashlib.blake2b(f"{source}\0{ref}".encode("utf-8", "replace"), digest_size=8).hexdigest()

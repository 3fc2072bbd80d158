"""What a panel is drawn from: insights, what they were read as, where they lie, and the themes they fall into.

A theme is a cluster of insights on one side: what hurts, or what is wanted. Themes are made per side, so that "I want
it to sync" and "it never syncs" are two things; and apart for what was said outright and what we conclude, so that many
who praise an app do not drown the few who say what it lacks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec
import numpy as np

from vivavoce.errors import InputError
from vivavoce.panel.insights import LEFT_OUT, Insight, Reading
from vivavoce.panel.personas import Origin
from vivavoce.panel.vectors import Vectors

Side: TypeAlias = Literal["frustration", "goal"]

DISLIKED = -0.4
"""At most this sentiment, and what was said hurts although it is of no clear kind. Not tuned."""


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that several people say, or one alone."""

    side: Side
    origin: Origin
    label: str
    """Words that people used."""
    rows: tuple[int, ...]
    """Of `Body.insights`, rising."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Body:
    """One body of evidence, made by `studies.evidence.gather` for one niche and one audience.

    Raises:
        InputError: its parts do not fit each other.
    """

    insights: tuple[Insight, ...]
    """By id, rising; without those that are left out."""
    readings: tuple[Reading, ...]
    """One for each insight, in the same order."""
    vectors: Vectors
    """One row for each insight."""
    themes: tuple[Theme, ...]
    embedder: str
    weak: bool = False
    """Too crude an embedder for decisions."""
    niche: str = ""
    audience: str = ""
    nearness: tuple[float, ...] = ()
    """Cosine of each insight to the audience; none where no audience was named."""
    left_out: dict[str, int] = field(default_factory=dict)
    """How many insights were not used, by reason: the flags in `LEFT_OUT`, and "copy"."""

    def __post_init__(self) -> None:
        count = len(self.insights)
        ids = [insight.id for insight in self.insights]
        if ids != sorted(set(ids)):
            raise InputError("a body of evidence wants its insights by id, each once")
        if [reading.insight for reading in self.readings] != ids:
            raise InputError(f"a body of evidence wants one reading for each of its {count} insights, in their order")
        if self.vectors.ndim != 2 or len(self.vectors) != count:
            raise InputError(f"a body of evidence wants {count} vectors, got an array of {self.vectors.shape}")
        if self.nearness and len(self.nearness) != count:
            raise InputError(f"a body of evidence wants {count} cosines to its audience, got {len(self.nearness)}")
        if not np.isfinite(self.vectors).all() or not np.isfinite(self.nearness).all():
            raise InputError("a body of evidence wants finite vectors and cosines")
        for theme in self.themes:
            rows = theme.rows
            if not rows or list(rows) != sorted(set(rows)) or not 0 <= rows[0] <= rows[-1] < count:
                raise InputError(f"a theme wants rows below {count}, rising, at least one")

    def hash(self) -> str:
        """Of the insights and readings: what people said, and what was made of it."""
        return digest(self.insights, self.readings)


def bearing(reading: Reading) -> tuple[Side, Origin] | None:
    """What an insight says about the one who said it, and whether they said it or we conclude it.

    Who complains, says a frustration; who needs or aims at something, says a goal. Who praises a thing wants to keep
    it, and who asks how to do one wants to do it: goals as well, but by inference. So is a frustration that has no
    clear kind and sounds bad.
    """
    match reading.kind:
        case "pain":
            return "frustration", "real"
        case "need" | "goal":
            return "goal", "real"
        case "praise" | "question":
            return "goal", "inferred"
        case None:
            if reading.sentiment is not None and reading.sentiment <= DISLIKED:
                return "frustration", "inferred"
            return None


def person_of(insight: Insight) -> str:
    """Who said it, as far as the source tells. Where it does not, everything was said by somebody else."""
    return f"{insight.source}:{insight.person}" if insight.person else f"{insight.source}#{insight.id}"


def usable(
    insights: Sequence[Insight], readings: Sequence[Reading], niche: str = ""
) -> tuple[list[tuple[Insight, Reading]], dict[str, int]]:
    """Insights with their readings that a panel for a niche may be drawn from, by id; and how many were left out, why.

    What another niche says is no part of this evidence, and not counted. An insight nobody has read is left out as
    "unread"; one that is handed in twice is there once. People are numbered (`numbered`).
    """
    read = {reading.insight: reading for reading in readings}
    used: list[tuple[Insight, Reading]] = []
    left_out: dict[str, int] = {}
    for insight in sorted({insight.id: insight for insight in insights}.values(), key=lambda insight: insight.id):
        reading = read.get(insight.id)
        if reading is None:
            left_out["unread"] = left_out.get("unread", 0) + 1
        elif niche and reading.niche != niche:
            continue
        elif flags := sorted(LEFT_OUT.intersection(reading.flags)):
            left_out[flags[0]] = left_out.get(flags[0], 0) + 1
        else:
            used.append((insight, reading))
    people = numbered([insight for insight, _ in used])
    return [(insight, reading) for insight, (_, reading) in zip(people, used, strict=True)], left_out


def numbered(insights: Iterable[Insight]) -> list[Insight]:
    """The same insights with numbers for people, in their order: pseudonyms are each data folder's own, and the same
    insights are to give the same panel and the same result in every one.
    """
    numbers: dict[tuple[str, str], str] = {}
    return [
        msgspec.structs.replace(
            insight, person=numbers.setdefault((insight.source, insight.person), str(len(numbers) + 1))
        )
        if insight.person
        else insight
        for insight in insights
    ]


def digest(*parts: object) -> str:
    """16 hex digits of whatever can be written as JSON."""
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]

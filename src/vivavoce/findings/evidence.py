"""Facts in the roles a scorecard gives them, with the rung that whoever vouches for them earns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from vivavoce.findings.record import FactRecord
from vivavoce.findings.scorecard import Scorecard

DEEPEST = 6
"""Levels of a value that are written out; deeper ones nobody reads in a sentence."""


class Range(NamedTuple):
    low: float
    likely: float
    high: float


class Dossier:
    """The known facts of one or more talks, asked for by part.

    Where several facts play a part, those with the best evidence speak: a customer's figure stands over the founder's.
    """

    def __init__(self, facts: Sequence[FactRecord], card: Scorecard) -> None:
        self.card = card
        self._parts: dict[str, list[FactRecord]] = {}
        known = [fact for fact in facts if fact.known]
        for part, names in card.fields.items():
            found = [fact for name in names for fact in known if fact.field == name]
            found.sort(key=lambda fact: -self.worth(part, fact))
            self._parts[part] = found

    def of(self, part: str) -> list[FactRecord]:
        """Known facts of the part, best evidence first."""
        return self._parts.get(part, [])

    def worth(self, part: str, fact: FactRecord) -> float:
        """Evidence multiplier of one fact, 0..1."""
        ladder = self.card.ladder
        if fact.source == "sourced" and not fact.reference:
            return ladder[self.card.vouched["founder-said"]]  # a source that is not named is somebody's word
        if fact.source != "customer-verified":
            return ladder[self.card.vouched[fact.source]]
        if part == "commitments":
            return max(
                (ladder.get(word, ladder["opinion"]) for word in as_words(fact.value)), default=ladder["opinion"]
            )
        return ladder[self.card.customer.get(part, "opinion")]

    def evidence(self, part: str) -> float:
        """Multiplier of the best fact of a part, 0 when nothing is known."""
        found = self.of(part)
        return self.worth(part, found[0]) if found else 0.0

    def number(self, part: str) -> Range | None:
        """The part's figure: the median over the facts with the best evidence that hold a number."""
        found = [(self.worth(part, fact), span) for fact in self.of(part) if (span := as_range(fact.value)) is not None]
        if not found:
            return None
        best = found[0][0]
        spans = [span for worth, span in found if worth == best]
        return Range(min(s.low for s in spans), median(s.likely for s in spans), max(s.high for s in spans))

    def customers(self, rung: float, part: str | None = None) -> int:
        """How many different customers vouch for something at the rung or above; unnamed ones count as one."""
        parts = [part] if part is not None else list(self._parts)
        return len(
            {
                fact.customer.strip().casefold()
                for name in parts
                for fact in self.of(name)
                if fact.source == "customer-verified" and self.worth(name, fact) >= rung
            }
        )


def as_range(value: Any) -> Range | None:
    """8, "8", {"amount": 79, "currency": "USD"} or {"low": 40, "high": 60} as a range; None when it is no number."""
    if isinstance(value, Mapping):
        if "amount" in value:
            return as_range(value["amount"])
        low, high = as_range(value.get("low")), as_range(value.get("high"))
        if low is None or high is None:
            return None
        likely = as_range(value.get("likely")) or Range(0, (low.likely + high.likely) / 2, 0)
        return Range(*sorted((low.likely, likely.likely, high.likely)))
    if isinstance(value, str):
        try:
            value = float(value.replace(",", ""))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300 or not math.isfinite(value):
        return None
    return Range(float(value), float(value), float(value))


def as_words(value: Any) -> list[str]:
    """The words of a list or of a text with commas, lower case."""
    items = value if isinstance(value, list | tuple) else str(value).split(",")
    return [str(item).strip().casefold() for item in items]


def as_text(value: Any, depth: int = 0) -> str:
    """A value as one would write it in a sentence: "79 USD", "40 to 60", "a, b"."""
    if depth > DEEPEST:
        return "…"
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,d}"
        case float():
            return f"{value:,.2f}".rstrip("0").rstrip(".") if math.isfinite(value) else "endless"
        case {"amount": amount, **rest}:
            return f"{as_text(amount, depth + 1)} {rest.get('currency') or ''}".rstrip()
        case {"low": low, "high": high}:
            return f"{as_text(low, depth + 1)} to {as_text(high, depth + 1)}"
        case Mapping():
            return ", ".join(f"{name}: {as_text(item, depth + 1)}" for name, item in value.items())
        case list() | tuple():
            return ", ".join(as_text(item, depth + 1) for item in value)
    return str(value)

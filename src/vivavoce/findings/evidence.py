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

    Where several facts play a part, those with the best evidence speak: customers' figures stand over the founder's.
    """

    def __init__(self, facts: Sequence[FactRecord], card: Scorecard) -> None:
        self.card = card
        known = [fact for fact in facts if fact.known]
        self._parts = {
            part: [fact for name in names for fact in known if fact.field == name]
            for part, names in card.fields.items()
        }
        self._rungs: dict[str, float] = {}
        """Customer -> the rung of the strongest thing they did. Whoever paid is believed about the rest as well."""
        for part, found in self._parts.items():
            for fact in found:
                if fact.source == "customer-verified":
                    who = _customer(fact)
                    self._rungs[who] = max(self._rungs.get(who, 0.0), self._deed(part, fact))
        for found in self._parts.values():
            found.sort(key=lambda fact: -self.worth(fact))

    def of(self, part: str) -> list[FactRecord]:
        """Known facts of the part, best evidence first."""
        return self._parts.get(part, [])

    def worth(self, fact: FactRecord) -> float:
        """Evidence multiplier of one fact, 0..1."""
        if fact.source == "customer-verified":
            return self._rungs[_customer(fact)]
        # a source that is not named is somebody's word
        unnamed = fact.source == "sourced" and not fact.reference
        return self.card.ladder[self.card.vouched["founder-said" if unnamed else fact.source]]

    def evidence(self, part: str) -> float:
        """Multiplier of a part: the median over those who speak for it, 0 when nothing is known."""
        return median(map(self.worth, self._speaking(part))) if self.of(part) else 0.0

    def number(self, part: str) -> Range | None:
        """The part's figure: the median over those who speak for it and gave a number."""
        spans = [span for fact in self._speaking(part) if (span := as_range(fact.value)) is not None]
        if not spans:
            return None
        return Range(min(s.low for s in spans), median(s.likely for s in spans), max(s.high for s in spans))

    def customers(self, rung: float, part: str | None = None) -> int:
        """Different customers who did something at the rung or above, in one part or anywhere; unnamed ones are one."""
        if part is None:
            return sum(reached >= rung for reached in self._rungs.values())
        return len(
            {
                _customer(fact)
                for fact in self.of(part)
                if fact.source == "customer-verified" and self._deed(part, fact) >= rung
            }
        )

    def _speaking(self, part: str) -> list[FactRecord]:
        """Every customer if there is one, else the facts with the best evidence."""
        found = self.of(part)
        customers = [fact for fact in found if fact.source == "customer-verified"]
        return customers or [fact for fact in found if self.worth(fact) == self.worth(found[0])]

    def _deed(self, part: str, fact: FactRecord) -> float:
        """What a customer's fact shows by itself: a commitment the rung it names, an account of the past behaviour."""
        ladder = self.card.ladder
        if part == "commitments":
            return max(
                (ladder.get(word, ladder["opinion"]) for word in as_words(fact.value)), default=ladder["opinion"]
            )
        return ladder[self.card.customer.get(part, "opinion")]


def _customer(fact: FactRecord) -> str:
    return fact.customer.strip().casefold()


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

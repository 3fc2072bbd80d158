"""Raw values of the dimensions, 0..10, and the evidence behind each."""

from __future__ import annotations

import math

import msgspec

from vivavoce.errors import InputError
from vivavoce.findings.evidence import Dossier, Range
from vivavoce.tools import economics as formulas
from vivavoce.tools.sensitivity import plausible

_INPUTS = ("price", "margin", "churn", "cac")


class Dimension(msgspec.Struct, frozen=True):
    id: str
    title: str
    weight: float
    raw: float | None
    """0..10; None when nothing is known of it, which counts 0 in the score."""
    low: float | None
    high: float | None
    evidence: float
    """Multiplier, 0..1."""


class Economics(msgspec.Struct, frozen=True):
    inputs: formulas.Inputs
    result: formulas.UnitEconomics
    range: tuple[float, float]
    """LTV:CAC with everything at its bad end and with everything at its good end."""
    currency: str
    """As the founder named it, "" when nobody did."""
    evidence: float
    """That of the weakest input: a sum is as good as its worst figure."""


def economics(dossier: Dossier, swing: float) -> Economics | None:
    """Unit economics from the facts; None when an input is missing or cannot be (a margin of 300 %)."""
    spans = [dossier.number(name) for name in _INPUTS]
    price, margin, churn, cac = spans
    if price is None or margin is None or churn is None or cac is None:
        return None
    try:
        inputs = formulas.Inputs(price.likely, margin.likely, churn.likely, cac.likely)
        ends = plausible(inputs, swing)
        if any(span.low != span.high for span in (price, margin, churn, cac)):
            worst = formulas.Inputs(price.low, margin.low, churn.high, cac.high)
            best = formulas.Inputs(price.high, margin.high, churn.low, cac.low)
            ends = (formulas.unit_economics(worst).ratio, formulas.unit_economics(best).ratio)
    except InputError:
        return None
    evidence = min(dossier.evidence(name) for name in _INPUTS)
    named = [
        fact.value.get("currency")
        for part in ("price", "cac")
        for fact in dossier.of(part)
        if isinstance(fact.value, dict)
    ]
    currency = next((str(word) for word in named if word), "")
    return Economics(inputs, formulas.unit_economics(inputs), ends, currency, evidence)


def weigh(dossier: Dossier, money: Economics | None, rung: float) -> tuple[Dimension, ...]:
    """The dimensions of the scorecard, in its order. One without a formula is a rating of 0..10 by its own name."""
    found = {
        "severity": (dossier.number("severity"), dossier.evidence("severity")),
        "frequency": (_frequency(dossier), dossier.evidence("per_month")),
        "spend": (_spend(dossier), min(dossier.evidence("spend"), dossier.evidence("price"))),
        "willingness": (_willingness(dossier, rung), dossier.evidence("commitments")),
        "reach": (_reach(dossier), dossier.evidence("channel")),
        "market": (_market(dossier), dossier.evidence("som")),  # a goal needs no evidence
        "unit_economics": (_economics(money), money.evidence if money else 0.0),
    }
    dimensions = []
    for name, weighed in dossier.card.dimensions.items():
        span, evidence = found.get(name) or (dossier.number(name), dossier.evidence(name))
        low, raw, high = (None, None, None) if span is None else (max(0.0, min(10.0, end)) for end in span)
        dimensions.append(Dimension(name, weighed.title, weighed.weight, raw, low, high, evidence))
    return tuple(dimensions)


def _frequency(dossier: Dossier) -> Range | None:
    span = dossier.number("per_month")
    return span and Range(*(10 * math.log10(1 + 12 * max(0.0, end)) / math.log10(1 + 365) for end in span))


def _spend(dossier: Dossier) -> Range | None:
    """What they spend today against three times the price, both per month."""
    spend, price = dossier.number("spend"), dossier.number("price")
    if spend is None or price is None or price.likely <= 0:
        return None
    return Range(*(10 * max(0.0, end) / (3 * price.likely) for end in spend))


def _willingness(dossier: Dossier, rung: float) -> Range | None:
    """Share of the customers heard who committed something; a founder's word counts whole, at a founder's evidence."""
    if not dossier.of("commitments"):
        return None
    heard = dossier.customers(0)
    share = dossier.customers(rung, "commitments") / heard if heard else 1.0
    return Range(10 * share, 10 * share, 10 * share)


def _reach(dossier: Dossier) -> Range | None:
    """Half for a channel with a name, the rest when what a customer costs is known too."""
    if not dossier.of("channel"):
        return None
    raw = 10.0 if dossier.number("cac") else 5.0
    return Range(raw, raw, raw)


def _market(dossier: Dossier) -> Range | None:
    som, target = dossier.number("som"), dossier.number("target")
    if som is None or target is None or target.likely <= 0:
        return None
    return Range(*(10 * end / target.likely for end in som))


def _economics(money: Economics | None) -> Range | None:
    """LTV:CAC against the common bar of 3."""
    if money is None:
        return None
    return Range(
        *(10 * ratio / formulas.TARGET_RATIO for ratio in (money.range[0], money.result.ratio, money.range[1]))
    )

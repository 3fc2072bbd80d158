"""The founder verdict: gates first, then a score, from who vouches for what.

Three kinds of knowledge are kept apart: the founder says, a source says, a customer did. Every fact gets the rung of
the evidence ladder that its source class earns, so a talk with the founder alone stays below the first gate whatever
was said in it, and the same facts vouched for by enough customers pass. Pure: same facts and rule, same verdict.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec

from vivavoce.findings.evidence import Dossier, as_text
from vivavoce.findings.record import FactRecord, ResultRule
from vivavoce.findings.scorecard import Scorecard, Trial, load_scorecard
from vivavoce.findings.weighing import Dimension, Economics, economics, weigh

Decision = Literal["not-enough-evidence", "no-go-or-pivot", "no-go-as-modelled", "conditional", "go"]
TITLES: dict[Decision, str] = {
    "not-enough-evidence": "Not enough evidence",
    "no-go-or-pivot": "No-go, or pivot",
    "no-go-as-modelled": "No-go as modelled",
    "conditional": "Conditional",
    "go": "Go",
}
EXPERIMENTS = 3
OPEN_GATE = 100.0
"""What settling a gate is worth; the weights of all dimensions together are 100, so a gate always comes first."""


class Gate(msgspec.Struct, frozen=True):
    """A condition before any score. `open` means that nobody knows yet, which holds a go back like a failure does."""

    id: str
    title: str
    state: Literal["passed", "failed", "open"]
    came: str


class Experiment(msgspec.Struct, frozen=True):
    id: str
    title: str
    how: str
    counts: str
    takes: str


class Verdict(msgspec.Struct, frozen=True):
    decision: Decision
    title: str
    why: str
    gates: tuple[Gate, ...]
    score: float | None
    """0..10; None while a gate is not passed."""
    band: tuple[float, float] | None
    """The score with every input at the bad and at the good end of its range."""
    potential: float
    """The score if every claim held up and every unknown turned out perfect: below the bar nothing more can help."""
    dimensions: tuple[Dimension, ...]
    economics: Economics | None
    experiments: tuple[Experiment, ...]
    sources: dict[str, int]
    """Known facts by source class."""
    customers: int
    """Customers with evidence at the threshold's rung or above."""
    thresholds: dict[str, float]
    scorecard: str
    floor: dict[str, float]
    unknown_floor: tuple[str, ...]
    """Names under `floor` that the scorecard does not have; they were not applied."""


def judge(facts: Sequence[FactRecord], rule: ResultRule) -> Verdict:
    """The verdict on the facts of one talk, or of several put together.

    Raises:
        InputError: the rule names no scorecard of this package.
    """
    card = load_scorecard(rule.scorecard)
    dossier = Dossier(facts, card)
    limits = msgspec.to_builtins(card.thresholds)
    limits |= {name: value for name, value in rule.floor.items() if name in limits}
    customers = dossier.customers(limits["rung"])
    money = economics(dossier, limits["swing"])
    gates = (
        _episode(dossier),
        _customers(customers, max(1, math.ceil(limits["customer_evidence"]))),
        _pain(dossier, limits["min_severity"]),
        _ratio(money, limits["min_ratio"]),
    )
    dimensions = weigh(dossier, money, limits["rung"])
    score, band = None, None
    if all(gate.state == "passed" for gate in gates):
        score = sum(one.weight * (one.raw or 0) * one.evidence for one in dimensions) / 100
        low = sum(one.weight * (one.low or 0) * one.evidence for one in dimensions) / 100
        high = sum(one.weight * (one.high or 0) * one.evidence for one in dimensions) / 100
        band = (low, high)
    sources: Counter[str] = Counter(fact.source for fact in facts if fact.known)
    potential = sum(one.weight * (10 if one.raw is None else one.raw) for one in dimensions) / 100
    decision = _decide(gates, score, potential, limits)
    return Verdict(
        decision=decision,
        title=TITLES[decision],
        why=_why(decision, gates, sources, score, limits),
        gates=gates,
        score=score,
        band=band,
        potential=potential,
        dimensions=dimensions,
        economics=money,
        experiments=_next(card, dossier, gates, dimensions, money, limits),
        sources=dict(sources),
        customers=customers,
        thresholds=limits,
        scorecard=rule.scorecard,
        floor=dict(rule.floor),
        unknown_floor=tuple(name for name in rule.floor if name not in limits),
    )


def _decide(gates: Sequence[Gate], score: float | None, potential: float, limits: dict[str, float]) -> Decision:
    state = {gate.id: gate.state for gate in gates}
    if state["episode"] != "passed" or state["customers"] != "passed":
        return "not-enough-evidence"
    if state["pain"] == "failed":
        return "no-go-or-pivot"
    if state["ratio"] == "failed":
        return "no-go-as-modelled"
    if score is None:
        return "not-enough-evidence"
    if score >= limits["go"]:
        return "go"
    if score >= limits["conditional"]:
        return "conditional"
    return "not-enough-evidence" if potential >= limits["conditional"] else "no-go-or-pivot"


def _episode(dossier: Dossier) -> Gate:
    title = "A customer told, or confirmed, a dated episode of the problem"
    if any(fact.source == "customer-verified" for fact in dossier.of("episode")):
        return Gate("episode", title, "passed", "told by a customer")
    told = "told by the founder only" if dossier.of("episode") else "no episode was told"
    return Gate("episode", title, "open", told)


def _customers(came: int, wanted: int) -> Gate:
    title = f"Customers who did something: {wanted} or more"
    return Gate("customers", title, "passed" if came >= wanted else "open", f"{came} of {wanted}")


def _pain(dossier: Dossier, least: float) -> Gate:
    title = f"Severity {least:g} or more, and money or a workaround spent on it today"
    severity, spend = dossier.number("severity"), dossier.number("spend")
    workaround = bool(dossier.of("workaround"))
    if severity is not None and severity.likely < least:
        return Gate("pain", title, "failed", f"severity {severity.likely:g}")
    if spend is not None and spend.likely <= 0 and not workaround:
        return Gate("pain", title, "failed", "nothing is spent and there is no workaround")
    if severity is None:
        return Gate("pain", title, "open", "severity is not known")
    if spend is None and not workaround:
        return Gate("pain", title, "open", "nothing known of what they do today")
    return Gate(
        "pain", title, "passed", f"severity {severity.likely:g}, {'a workaround' if workaround else 'money spent'}"
    )


def _ratio(money: Economics | None, least: float) -> Gate:
    title = f"LTV to CAC reaches {least:g} somewhere in the plausible range"
    if money is None:
        return Gate("ratio", title, "open", "price, churn, margin or cost of a customer is not known")
    ends = " to ".join("endless" if math.isinf(end) else f"{end:.1f}" for end in money.range)
    return Gate("ratio", title, "failed" if money.range[1] < least else "passed", ends)


def _why(
    decision: Decision, gates: Sequence[Gate], sources: Counter[str], score: float | None, limits: dict[str, float]
) -> str:
    if decision == "not-enough-evidence":
        outside = sources["customer-verified"] + sources["sourced"]
        if not sources:
            return "Nothing has been established yet, so there is nothing to judge."
        if not outside:
            return (
                "Everything here was said by the founder or computed from it. Nobody who has the problem, and no dated "
                "source, vouches for it yet. That is no judgement of the idea: it is where every idea begins."
            )
        if score is not None:
            return (
                f"All gates passed, but only {score:.1f} of 10 is evidenced. If what is unknown or only said held "
                f"up, it could reach {limits['conditional']:g}; so this is no verdict against it."
            )
        return "Some of it is vouched for from outside, but these gates are still open: " + _listed(gates, "open") + "."
    if score is None:
        return "Stopped at a gate: " + _listed(gates, "failed") + "."
    needs = f"Go needs {limits['go']:g}, conditional {limits['conditional']:g}."
    line = f"All gates passed; the score is {score:.1f} of 10. {needs}"
    return line + (" Run the first experiment below before spending more." if decision == "conditional" else "")


def _listed(gates: Sequence[Gate], state: str) -> str:
    return "; ".join(f"{gate.title} ({gate.came})" for gate in gates if gate.state == state)


def _next(
    card: Scorecard,
    dossier: Dossier,
    gates: Sequence[Gate],
    dimensions: Sequence[Dimension],
    money: Economics | None,
    limits: dict[str, float],
) -> tuple[Experiment, ...]:
    """The experiments that settle most of what is open, each by what those before it leave; on a tie the first."""
    worth = {gate.id: OPEN_GATE for gate in gates if gate.state != "passed"}
    for one in dimensions:
        worth[one.id] = one.weight * (1 - one.evidence if one.raw is not None else 1)
    words = {name: as_text(facts[0].value) for name in card.fields if (facts := dossier.of(name))}
    words["customer_evidence"] = f"{limits['customer_evidence']:g}"
    if money is not None and math.isfinite(money.result.max_cac):
        words["max_cac"] = as_text({"amount": round(money.result.max_cac), "currency": money.currency})
    left = list(card.experiments)
    chosen: list[Experiment] = []
    while left and len(chosen) < EXPERIMENTS:
        best = max(left, key=lambda trial: sum(worth.get(name, 0) for name in trial.settles))
        if not any(worth.get(name, 0) for name in best.settles):
            break
        left.remove(best)
        worth = {name: value for name, value in worth.items() if name not in best.settles}
        chosen.append(_worded(best, words))
    return tuple(chosen)


def _worded(trial: Trial, words: dict[str, str]) -> Experiment:
    how, counts, title = (fill(text, words) for text in (trial.how, trial.counts, trial.title))
    return Experiment(trial.id, title, how, counts, trial.takes)


def fill(text: str, words: dict[str, str]) -> str:
    """{name|fallback} in a text. The fallback also stands where the fact is too long to read well inside a sentence."""
    parts = text.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        inside, _, rest = part.partition("}")
        name, _, fallback = inside.partition("|")
        word = words.get(name, "")
        filled.append((word if 0 < len(word) <= LONGEST_WORD else fallback) + rest)
    return "".join(filled)


LONGEST_WORD = 48
"""Characters of a fact that still read well in the middle of a sentence."""

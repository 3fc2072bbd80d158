"""What is different between two results, and what was different before: spec, evidence, seed, versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any, Literal, TypeAlias

import msgspec

from vivavoce.panel.ballots import Variant
from vivavoce.panel.discussion import turned
from vivavoce.panel.outcome import Comparison, Result
from vivavoce.panel.study import Study

What: TypeAlias = Literal[
    "spec", "panel", "evidence", "seed", "respondents", "embedder", "versions",
    "verdict", "standing", "claim", "price", "hypothesis", "segment", "discussion", "lead", "warning",
]  # fmt: skip
CAUSES: tuple[What, ...] = ("spec", "panel", "evidence", "seed", "respondents", "embedder", "versions")
SHOWN_CHARS = 80
LEAD_CHARS = 20
"""Shown of what is the same, before it differs."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    what: What
    where: str
    """Which field, respondent or variant; empty where there is but one."""
    before: str
    after: str


def changes(before: tuple[Study, Result], after: tuple[Study, Result]) -> tuple[Change, ...]:
    """Causes first (`CAUSES`), then what came of them. The same causes give the same result of the reasoner; a language
    model that is asked anew may say something else.
    """
    (study, result), (other_study, other) = before, after
    return (
        *_specs(study, other_study), *_causes(result, other), *_effects(result, other), *_findings(result, other),
    )  # fmt: skip


def _specs(study: Study, other: Study) -> Iterator[Change]:
    for name in Study.__struct_fields__:
        one, two = getattr(study, name), getattr(other, name)
        if name == "variants":
            texts = [{each.id: each for each in variants} for variants in (one, two)]
            for id_ in dict.fromkeys([*texts[0], *texts[1]]):
                yield from _variants(id_, texts[0].get(id_), texts[1].get(id_))
        else:
            yield from _change("spec", name, one, two)


def _variants(id_: str, one: Variant | None, two: Variant | None) -> Iterator[Change]:
    """By what differs: the price of a long text would never be seen behind it."""
    if one is None or two is None:
        yield from _change("spec", f"variant {id_}", one and one.text, two and two.text)
        return
    for name in ("text", "price"):
        yield from _change("spec", f"variant {id_}, {name}", getattr(one, name), getattr(two, name))


def _causes(result: Result, other: Result) -> Iterator[Change]:
    one, two = result.reproduction, other.reproduction
    yield from _change("panel", "", one.panel, two.panel)
    yield from _change("evidence", "", one.evidence_hash, two.evidence_hash)
    yield from _change("seed", "", one.seed, two.seed)
    yield from _change("respondents", "", ", ".join(one.respondents), ", ".join(two.respondents))
    yield from _change("embedder", "", one.embedder, two.embedder)
    for name in sorted({*one.versions, *two.versions}):
        yield from _change("versions", name, one.versions.get(name), two.versions.get(name))


def _effects(result: Result, other: Result) -> Iterator[Change]:
    comparisons = [{each.respondent: each for each in found.comparisons} for found in (result, other)]
    for name in dict.fromkeys([*comparisons[0], *comparisons[1]]):
        one, two = comparisons[0].get(name), comparisons[1].get(name)
        yield from _change("verdict", name, one and _verdict(one), two and _verdict(two))
        if one is None or two is None:
            continue
        marks = [{each.variant: each for each in found.standings} for found in (one, two)]
        for variant in dict.fromkeys([*marks[0], *marks[1]]):
            first, second = marks[0].get(variant), marks[1].get(variant)
            said = [
                None if each is None else f"{each.wins:g} wins, {each.appeal.value:.1f}" for each in (first, second)
            ]
            yield from _change("standing", f"{name}: {variant}", *said)


def _findings(result: Result, other: Result) -> Iterator[Change]:
    """What else came of it, by what it is about; a figure that is not shown on a page is not shown here."""
    for what, told in _TOLD.items():
        one, two = told(result), told(other)
        for where in dict.fromkeys([*one, *two]):
            yield from _change(what, where, one.get(where), two.get(where))


def _claims(result: Result) -> dict[str, str]:
    return {
        each.text: f"{each.verdict}, {each.score:.1f}, {each.people} people, "
        f"{len(each.supporting)} for, {len(each.opposing)} against"
        for each in result.claims
    }


def _prices(result: Result) -> dict[str, str]:
    pricing = result.pricing
    if pricing is None:
        return {}
    points = {f"{pricing.variant} at {each.price:g}": f"{each.would.value:.0%}" for each in pricing.points}
    best = "cannot be told" if pricing.best is None else f"{pricing.best:g}"
    doubts = f" ({', '.join(pricing.why)})" if pricing.why else ""
    return {f"best of {pricing.variant}": f"{best}{doubts}", **points}


def _hypotheses(result: Result) -> dict[str, str]:
    return {each.text: f"{each.state}: {each.test}" for each in result.hypotheses}


def _segments(result: Result) -> dict[str, str]:
    return {
        each.name: f"{len(each.members)} members, prefer {each.prefers or 'nothing together'}; "
        + ", ".join(f"{variant} {mark:.1f}" for variant, mark in each.appeal.items())
        for each in result.segments
    }


def _discussion(result: Result) -> dict[str, str]:
    talk = result.discussion
    if talk is None:
        return {}
    return {
        "": f"{turned(talk)} of {len(talk.moves)} changed their favourite, "
        f"{talk.leader_before or 'nobody'} led before, {talk.leader_after or 'nobody'} after"
    }


_TOLD: dict[What, Callable[[Result], dict[str, str]]] = {
    "claim": _claims,
    "price": _prices,
    "hypothesis": _hypotheses,
    "segment": _segments,
    "discussion": _discussion,
    "lead": lambda result: {each.url: f"{each.about}, {each.fit:.0%}" for each in result.leads},
    "warning": lambda result: {"": ", ".join(result.warnings)},
}


def _verdict(comparison: Comparison) -> str:
    decision = comparison.decision
    if decision.word == "undecided":
        return f"undecided ({', '.join(decision.why)})"
    return f"{decision.word} {decision.variant}, {decision.sure:.0%} sure"


def _change(what: What, where: str, before: Any, after: Any) -> Iterator[Change]:
    if before != after:
        one, two = _text(before), _text(after)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))
        yield Change(what=what, where=where, before=_shown(one, same), after=_shown(two, same))


def _text(value: Any) -> str:
    """Nothing where there was nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _shown(text: str, same: int) -> str:
    """In a line, from a little before the place where it is no longer the same.

    Args:
        same: characters that both begin with.
    """
    if len(text) <= SHOWN_CHARS:
        return text
    at = min(max(0, same - LEAD_CHARS), len(text) - SHOWN_CHARS + 1)
    start = "…" if at else ""
    shown = f"{start}{text[at:]}"
    return shown if len(shown) <= SHOWN_CHARS else f"{shown[: SHOWN_CHARS - 1]}…"

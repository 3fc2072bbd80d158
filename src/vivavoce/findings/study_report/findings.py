"""Prices, claims, hypotheses, segments, the discussion and leads, as a report shows them."""

from __future__ import annotations

from collections.abc import Mapping, Set

from vivavoce.findings.panel_sheet import PLACES
from vivavoce.findings.study_report import words
from vivavoce.findings.study_report.view import (
    ClaimRow,
    HypothesisRow,
    LeadRow,
    MoveRow,
    Option,
    PriceRow,
    Prices,
    Round,
    SegmentRow,
)
from vivavoce.findings.survey_page import day
from vivavoce.panel.discussion import turned
from vivavoce.panel.doubts import said
from vivavoce.panel.outcome import Claim, Discussion, Hypothesis, Lead, Pricing, Segment, Westendorp

CITED = 6
"""Insights that a claim or a hypothesis leads to; a claim's others are counted."""
MOVES = 12
"""Members of the discussion whose words stand in the report: those who moved most."""
MOVED = 0.05
"""Of a mark, below which it reads as it did before."""
TONES = {"supported": "good", "contradicted": "bad", "mixed": "warn", "no-evidence": "none", "open": "none"}
ORIGINS = {"asked": "yours", "known": "from what is known", "unknown": "from what is not known"}


def prices(pricing: Pricing, options: Mapping[str, Option]) -> Prices:
    money = pricing.currency
    return Prices(
        option=options[pricing.variant],
        best="" if pricing.best is None else words.money(pricing.best, money),
        rows=tuple(
            PriceRow(
                price=words.money(each.price, money),
                would=words.percent(each.would.value),
                interval=words.range_of(each.would),
                revenue=f"{each.revenue:.2f}",
            )
            for each in pricing.points
        ),
        limits=() if pricing.westendorp is None else _limits(pricing.westendorp, money),
        elasticity="" if pricing.elasticity is None else f"{pricing.elasticity:.1f}".replace("-", "−"),
        why=tuple(words.sentence(said(key)) for key in pricing.why),
    )


def claim(found: Claim, there: Set[str]) -> ClaimRow:
    return ClaimRow(
        text=found.text,
        verdict=found.verdict.replace("-", " "),
        tone=TONES[found.verdict],
        # a middle mark would read as an answer
        score="" if found.verdict == "no-evidence" else f"{found.score:.1f}",
        people=found.people,
        too_few=words.too_few(found),
        supporting=_there(found.supporting, there),
        opposing=_there(found.opposing, there),
        nearest=_there(tuple(id_ for id_ in found.nearest if id_ not in found.supporting + found.opposing), there),
    )


def hypothesis(found: Hypothesis, there: Set[str]) -> HypothesisRow:
    return HypothesisRow(
        text=found.text,
        origin=ORIGINS[found.origin],
        state=found.state,
        test=found.test,
        evidence=_there(found.evidence, there),
    )


def segment(found: Segment, members: Mapping[str, str], names: Mapping[str, str], there: Set[str]) -> SegmentRow:
    prefers = f"prefer {words.inside(names[found.prefers])}" if found.prefers in names else "do not agree"
    marks = ", ".join(f"{words.inside(names[id_])} {mark:.1f}" for id_, mark in found.appeal.items() if id_ in names)
    count = len(found.members)
    return SegmentRow(
        name=found.name,
        members=f"{count} of {len(members)} members",
        prefers=f"{prefers} (mean marks: {marks})" if marks else prefers,
        say=found.say,
        evidence=_there(found.evidence, there),
    )


def discussion(found: Discussion, members: Mapping[str, str], names: Mapping[str, str], there: Set[str]) -> Round:
    """The second round: how many changed their favourite, and what those say who moved most."""
    if not found.moves:
        return Round(lead="Nobody gave an answer, so there was nothing to discuss.", moves=())
    moved = [each for each in found.moves if each.swayed_by]
    loudest = sorted(moved, key=lambda each: -max(_shifts(each.before, each.after).values(), default=0.0))[:MOVES]
    before, after = (words.inside(names.get(id_, "nobody")) for id_ in (found.leader_before, found.leader_after))
    leads = f"{before} led before and after" if before == after else f"{before} led before, {after} after"
    return Round(
        lead=f"{turned(found)} of {len(found.moves)} members changed their favourite after they heard the others; "
        f"{leads}.",
        moves=tuple(
            MoveRow(
                member=members.get(each.persona, each.persona),
                says=each.says,
                changes=tuple(
                    f"{words.inside(names[id_])} {each.before[id_]:.1f} → {each.after[id_]:.1f}"
                    for id_, shift in _shifts(each.before, each.after).items()
                    if id_ in names and shift >= MOVED
                ),
                evidence=_there(each.evidence, there),
            )
            for each in loudest
        ),
    )


def lead(found: Lead) -> LeadRow:
    when = "" if found.said_at is None else f", {day(found.said_at)}"
    return LeadRow(
        about=found.about,
        where=f"{PLACES.get(found.source, f'on {found.source}')}{when}",
        url=found.url,
        fit=words.percent(found.fit),
    )


def _limits(found: Westendorp, currency: str) -> tuple[tuple[str, str], ...]:
    crossings = (
        ("too cheap to be trusted below", found.marginal_cheapness),
        ("fewest put off at", found.optimal),
        ("as many find it cheap as expensive at", found.indifference),
        ("too expensive above", found.marginal_expensiveness),
    )
    return tuple((name, "unknown" if price is None else words.money(round(price, 2), currency))
                 for name, price in crossings)  # fmt: skip


def _shifts(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    return {id_: abs(after[id_] - mark) for id_, mark in before.items() if id_ in after}


def _there(ids: tuple[str, ...], there: Set[str]) -> tuple[str, ...]:
    return tuple(id_ for id_ in ids if id_ in there)[:CITED]

"""Panels, studies, ballots and comparisons for tests, all of invented people who speak of invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.panel.bodies import body
from vivavoce.panel.ballots import Answer, Ballot, Reason, Variant
from vivavoce.panel.building import build
from vivavoce.panel.outcome import Comparison, Decision, Share, Standing, Vote
from vivavoce.panel.personas import Panel, PanelSpec
from vivavoce.panel.study import Study

REMINDS = "It reminds your customers by itself. You are paid on time."
TAXES = "It fills in the tax form. Totals are copied for you."


def panel(size: int = 20, **spec: object) -> Panel:
    return build(body(300), PanelSpec(size=size, **spec), 1)  # type: ignore[arg-type]


def study(*texts: str, **more: object) -> Study:
    variants = tuple(Variant(id=chr(ord("a") + at), text=text) for at, text in enumerate(texts or (REMINDS, TAXES)))
    return Study(ask="Which would you rather have?", variants=variants, **more)  # type: ignore[arg-type]


def ballot(persona: str, shares: Mapping[str, float], reasons: Sequence[Reason] = ()) -> Ballot:
    """The reasons are for the favourite."""
    best = max(shares, key=lambda variant: shares[variant])
    return Ballot(
        persona=persona,
        respondent="test",
        order=tuple(shares),
        answers=tuple(
            Answer(
                variant=variant,
                appeal=1 + 9 * share,
                would="would" if share >= 0.5 else "would_not",
                reasons=tuple(reasons) if variant == best else (),
            )
            for variant, share in shares.items()
        ),
        prefers=dict(shares) if len(shares) > 1 else {},
    )


def comparison(votes: Mapping[str, Mapping[str, float]], leader: str = "a") -> Comparison:
    """Of each member's share of preference by variant."""
    variants = sorted({variant for shares in votes.values() for variant in shares} | {leader} - {""})
    return Comparison(
        respondent="test",
        validated=False,
        standings=tuple(
            Standing(
                variant=variant,
                wins=sum(shares.get(variant, 0.0) > 0.5 for shares in votes.values()),
                appeal=Share(5.0, 4.0, 6.0),
                would={"would": 0.4, "might": 0.3, "would_not": 0.3},
                chosen=0.5,
                best=0.5,
            )
            for variant in variants
        ),
        leader=leader,
        decision=Decision(word="undecided"),
        votes=tuple(Vote(persona=id_, asked=1, chosen=dict(shares)) for id_, shares in votes.items()),
        effective_size=10.0,
        flip_rate=None,
        asked=len(votes),
    )

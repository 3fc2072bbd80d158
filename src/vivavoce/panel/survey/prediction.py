"""What was predicted before anybody answered: figures of a study's result and nobody's words."""

from __future__ import annotations

import msgspec

from vivavoce.panel.outcome import Comparison, Decision, Reproduction, Result, Share


class Predicted(msgspec.Struct, frozen=True, kw_only=True):
    """One respondent's prediction. Each figure by variant; intervals are the panel's own, over its members. What it did
    not say is empty: who gave no answer predicts nothing, and what learned from clicks gives no marks.
    """

    respondent: str
    validated: bool
    leader: str
    """Id of a variant; empty where two are level."""
    decision: Decision
    shares: dict[str, float]
    """Of preference; they sum to 1. Empty where nobody preferred, or there is one variant."""
    best: dict[str, float]
    """Posterior probability of being what most would choose."""
    appeal: dict[str, Share]
    effective_size: float


class PredictedClaim(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    verdict: str
    score: float
    """1 to 10."""


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """Kept when a survey opens: whoever has seen what people say predicts nothing any more."""

    reproduction: Reproduction
    by: tuple[Predicted, ...]
    """As the study has its comparisons."""
    claims: tuple[PredictedClaim, ...] = ()
    priced: str = ""
    """Id of the variant that was priced; empty where none was."""
    points: tuple[tuple[float, Share], ...] = ()
    """Price, and the share of the panel to whom it is not too much."""


def predicted(result: Result) -> Prediction:
    """The figures of a result. Reasons, quotes and personas stay behind."""
    return Prediction(
        reproduction=result.reproduction,
        by=tuple(_predicted(each) for each in result.comparisons),
        claims=tuple(
            PredictedClaim(text=claim.text, verdict=claim.verdict, score=claim.score) for claim in result.claims
        ),
        priced="" if result.pricing is None else result.pricing.variant,
        points=() if result.pricing is None else tuple((each.price, each.would) for each in result.pricing.points),
    )


def _predicted(found: Comparison) -> Predicted:
    """Where nobody answered a comparison has zeros, even chances and marks in the middle: those are no prediction."""
    preferred = any(standing.chosen for standing in found.standings)
    marked = any(vote.appeal for vote in found.votes)
    return Predicted(
        respondent=found.respondent,
        validated=found.validated,
        leader=found.leader,
        decision=found.decision,
        shares={standing.variant: standing.chosen for standing in found.standings} if preferred else {},
        best={standing.variant: standing.best for standing in found.standings} if preferred else {},
        appeal={standing.variant: standing.appeal for standing in found.standings} if marked else {},
        effective_size=found.effective_size,
    )

"""What comes of a study. Every figure says what it rests on; a verdict that nothing supports is not given."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from vivavoce.panel.ballots import Reason, Would

Word: TypeAlias = Literal["likely", "leans", "undecided"]
"""`likely`: the panel is sure, and its respondent was validated for this sort of text. `leans`: the panel is sure of
itself, and nobody knows whether such a panel is right. `undecided`: not enough evidence."""


class Share(msgspec.Struct, frozen=True):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on a comparison."""

    word: Word
    variant: str = ""
    """Id; empty when undecided."""
    sure: float = 0.0
    """Posterior probability that this variant is what most people like these would choose, as the panel has it; 0 when
    undecided."""
    posterior: float = 0.0
    """That of `Comparison.leader`, decided or not: a verdict wants .95. 0 where nobody leads."""
    held_out: Share | None = None
    """How often a verdict of this kind and certainty was right on people it had not seen; None where not validated."""
    why: tuple[str, ...] = ()
    """Keys of `doubts.DOUBTS`: why undecided, or why not to trust it more."""
    settle: tuple[str, ...] = ()
    """What would settle it, in sentences ("Ask 97 people: ...")."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One variant in a comparison."""

    variant: str
    wins: float
    """Members who prefer it; each is one whole member."""
    appeal: Share
    """Mean mark, 1 to 10, over members; the interval counts them as the independent members they are worth."""
    would: dict[Would, float]
    """Mean chances over members; they sum to 1."""
    chosen: float
    """Mean share of preference."""
    best: float
    """Posterior probability of being what most would choose."""


class Vote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one member says over all the orders it saw."""

    persona: str
    prefers: str = ""
    """Id of a variant; empty for no preference (it changed with the order, or none stands out), or no answer."""
    flipped: bool = False
    """Its preference changed with the order."""
    asked: int
    abstained: int = 0
    appeal: dict[str, float] = {}
    """Mean mark by variant."""
    chosen: dict[str, float] = {}
    """Mean share of preference by variant."""
    would: dict[str, Would] = {}


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The A/B/n test of one respondent."""

    respondent: str
    validated: bool
    standings: tuple[Standing, ...]
    """As the question has its variants."""
    leader: str
    """By wins, then by mean appeal; empty where both are equal. What the panel says, not the verdict."""
    decision: Decision
    votes: tuple[Vote, ...]
    effective_size: float
    """Independent members the votes are worth."""
    flip_rate: Share | None
    """Of members who saw more than one order and answered; None where nobody did."""
    asked: int
    abstained: dict[str, int] = {}
    """Ballots without an answer, by why."""
    null: bool | None = None
    """The same respondent, asked about two identical variants, found no winner; None where that was not tried."""
    reasons: dict[str, tuple[Reason, ...]] = {}
    """By variant, what sets it apart from the others, the largest first: of a respondent that is nobody and has no
    ballots."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What the evidence says of one claim."""

    text: str
    verdict: Literal["supported", "contradicted", "mixed", "no-evidence"]
    score: float
    """From 1 (contradicted) to 10 (supported); 5.5 is neither."""
    supporting: tuple[str, ...] = ()
    """Ids of insights, nearest first."""
    opposing: tuple[str, ...] = ()
    people: int = 0
    """Different people behind both."""
    nearest: tuple[str, ...] = ()
    """Ids of what comes nearest, of different people, where there is no evidence: a reader may see in it what we do
    not."""


class PricePoint(msgspec.Struct, frozen=True, kw_only=True):
    price: float
    would: Share
    """Share of the panel to whom it is not too much (Gabor-Granger)."""
    revenue: float
    """Of one person asked: price times that share."""


class Pricing(msgspec.Struct, frozen=True, kw_only=True):
    """What a price test says. An unvalidated one orders prices; it does not forecast sales."""

    variant: str
    currency: str
    points: tuple[PricePoint, ...]
    best: float | None
    """The tested price with the highest revenue; None where the intervals cannot tell it from another."""
    demand: tuple[tuple[float, float], ...]
    """A curve: price, share."""
    elasticity: float | None
    """Of the curve at the reference price, or at the middle point."""
    westendorp: Westendorp | None = None
    why: tuple[str, ...] = ()
    """Keys of `doubts.DOUBTS`."""


class Westendorp(msgspec.Struct, frozen=True, kw_only=True):
    """Where Van Westendorp's four curves cross, in the question's currency; None where they do not cross."""

    too_cheap: tuple[tuple[float, float], ...]
    """Price, share of people; also the next three."""
    cheap: tuple[tuple[float, float], ...]
    expensive: tuple[tuple[float, float], ...]
    too_expensive: tuple[tuple[float, float], ...]
    marginal_cheapness: float | None
    marginal_expensiveness: float | None
    indifference: float | None
    optimal: float | None
    left_out: int = 0
    """People whose four prices contradict each other."""


class Hypothesis(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence that can turn out wrong, what speaks for it, and the cheapest way to find out."""

    text: str
    origin: Literal["asked", "known", "unknown"]
    """Who brought it up: whoever asks; what is known and not yet checked; a gap in what is known."""
    state: Literal["supported", "contradicted", "open"]
    evidence: tuple[str, ...] = ()
    test: str
    """What to do to find out, and what would prove it wrong."""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """Members who share what hurts most, and what they choose."""

    name: str
    """The shared trouble, in words people used."""
    members: tuple[str, ...]
    prefers: str
    """Id of a variant; empty where they do not agree."""
    appeal: dict[str, float]
    say: str
    """How to speak to them: which of their troubles the preferred variant ends, in their words."""
    evidence: tuple[str, ...] = ()


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """What one member said before and after it heard the others."""

    persona: str
    before: dict[str, float]
    """Appeal by variant."""
    after: dict[str, float]
    says: str
    """What they say in the round: their strongest reason, and what moved them."""
    swayed_by: str = ""
    """Id of the member whose reason moved them most."""
    reason: str = ""
    evidence: tuple[str, ...] = ()


class Discussion(msgspec.Struct, frozen=True, kw_only=True):
    """The second round. It is never part of a verdict."""

    moves: tuple[Move, ...]
    rounds: int
    conformity: float
    """How much the members' marks draw together: 1 less spread after over spread before."""
    leader_before: str
    leader_after: str


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """A public place where somebody complained of what this ends. No name, no quote."""

    insight: str
    url: str
    source: str
    said_at: float | None
    fit: float
    """From 0 to 1: how near what they said is to the offer."""
    about: str
    """The trouble, as a label."""


class Reproduction(msgspec.Struct, frozen=True, kw_only=True):
    """What makes the same result again."""

    study_hash: str
    panel: str
    evidence_hash: str
    seed: int
    respondents: tuple[str, ...]
    embedder: str
    versions: dict[str, str]
    """Of the package, and of each part whose numbers count."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All that came of a study."""

    reproduction: Reproduction
    comparisons: tuple[Comparison, ...]
    """By respondent, in the order they were asked for."""
    differ: bool
    """Whether respondents that decided named different variants."""
    claims: tuple[Claim, ...] = ()
    pricing: Pricing | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    segments: tuple[Segment, ...] = ()
    discussion: Discussion | None = None
    leads: tuple[Lead, ...] = ()
    warnings: tuple[str, ...] = ()
    """Of the panel (`thinness.explained`)."""

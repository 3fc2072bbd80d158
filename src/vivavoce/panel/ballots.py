"""One ballot, whoever fills it in: the reasoner, a language model, a person. What is asked, and what is answered."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Would: TypeAlias = Literal["would", "might", "would_not"]
Sign: TypeAlias = Literal["pro", "con"]


class Variant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One of the things that are compared. Respondents see the text under a neutral label, never the id."""

    id: str
    text: str
    price: float | None = None
    """In the question's currency; None where nothing is sold."""


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a panel is asked about 1 to 6 variants. People write it by hand: a `reference-price` that is dropped without
    a word would be a question that nobody asked.
    """

    ask: str
    variants: tuple[Variant, ...]
    context: str = ""
    """What it is about, for all variants alike."""
    today: str = ""
    """What people do without it: the present way, against which everything is weighed."""
    reference_price: float | None = None
    """What people pay today; None when not known."""
    currency: str = ""


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A pro or a con, and why. The reasoner's are terms of its sum; a model's and a person's are their words."""

    sign: Sign
    text: str
    term: str = ""
    """Which term of the reasoner it is: "need", "goal", "wording", "loss", "switching", "price", "habit"."""
    weight: float = 0.0
    """How much it moved the score, in the reasoner's units."""
    evidence: tuple[str, ...] = ()
    """Ids of insights."""
    quote: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one respondent says of one variant."""

    variant: str
    appeal: float
    """1 to 10."""
    would: Would
    chances: dict[Would, float] = {}
    """Of the three, where the respondent gives chances instead of one word; they sum to 1."""
    reasons: tuple[Reason, ...] = ()
    text: str = ""
    """In their own words."""


class Ballot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one respondent says of all variants, in the order they saw them."""

    persona: str
    respondent: str
    """Who filled it in: "reasoner/1", "openai/MODEL", "gemini/MODEL", "person"."""
    order: tuple[str, ...]
    """Ids of variants, as they were shown."""
    answers: tuple[Answer, ...]
    """In the same order; empty when they abstain."""
    prefers: dict[str, float] = {}
    """Chance that each variant is their choice; they sum to 1. Empty when there is one variant, or they abstain."""
    abstains: str = ""
    """Why there is no answer: "refused", "timeout", "not-json", "wrong-shape", "no-evidence", ...; such a ballot
    is nobody's vote, and is counted."""
    validated: bool = False
    """Whether the respondent's numbers were fitted on what people did, and held on what it had not seen."""


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What a respondent gets: a question, and its variants in the order they are shown, under neutral labels."""

    question: Question
    order: tuple[str, ...]
    seed: int
    """Of whatever chance the respondent takes."""

"""One ballot, whoever fills it in: the reasoner, a language model, a person. What is asked, and what is answered."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from vivavoce.errors import InputError
from vivavoce.panel.insights import MAX_TEXT_CHARS
from vivavoce.panel.texts import words

MOST_VARIANTS = 6
LEAST_PRICE, MOST_PRICE = 1e-4, 1e9
"""A tariff by the piece and a contract, in any currency. Prices are squared, multiplied and taken logarithms of: beyond
these what comes of it is no number any more.
"""
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
    """Who filled it in: "reasoner/3", "openai/MODEL", "gemini/MODEL", "person"."""
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


def shown(sheet: Sheet) -> list[Variant]:
    """The variants in the order of the sheet. Whoever fills in ballots asks for them here, so that a sheet that one
    respondent takes is taken by all.

    Raises:
        InputError: no variants or too many, an id twice, an order of others, a text without words or too long, a price
            or a reference price that is nobody's (`LEAST_PRICE` to `MOST_PRICE`; a variant may be free).
    """
    question = sheet.question
    by_id = {variant.id: variant for variant in question.variants}
    count = len(question.variants)
    if not 1 <= count <= MOST_VARIANTS:
        raise InputError(f"want 1 to {MOST_VARIANTS} variants, got {count}")
    if len(by_id) != count:
        raise InputError(f"want {count} variants with different ids, got {len(by_id)} different ones")
    if sorted(sheet.order) != sorted(by_id):
        raise InputError(f"want an order of all {count} variants, got one of {len(sheet.order)}")
    for variant in question.variants:
        _check_variant(variant)
    for name in ("ask", "context", "today", "currency"):
        if (chars := len(getattr(question, name))) > MAX_TEXT_CHARS:
            raise InputError(f"want at most {MAX_TEXT_CHARS} characters in a question's {name!r}, got {chars}")
    if question.reference_price is not None:
        check_price(question.reference_price, "reference price")
    return [by_id[each] for each in sheet.order]


def _check_variant(variant: Variant) -> None:
    if not words(variant.text):  # signs alone, or letters that nobody sees
        raise InputError(f"want words in variant {variant.id!r}, got none")
    if len(variant.text) > MAX_TEXT_CHARS:
        raise InputError(f"want at most {MAX_TEXT_CHARS} characters in variant {variant.id!r}, got {len(variant.text)}")
    if variant.price:
        check_price(variant.price, f"price of 0 for variant {variant.id!r}, or one")


def check_price(price: float, called: str) -> None:
    """That a price is one that somebody could ask.

    Args:
        called: what it is, for the error; "reference price".
    Raises:
        InputError: it is below `LEAST_PRICE`, above `MOST_PRICE`, or no number.
    """
    if not LEAST_PRICE <= price <= MOST_PRICE:
        raise InputError(f"want a {called} from {LEAST_PRICE:g} to {MOST_PRICE:.0f}, got {price:g}")

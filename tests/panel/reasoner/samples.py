"""A persona and a question by us, and vectors that know spellings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.ballots import Ballot, Question, Sheet, Variant
from vivavoce.panel.personas import Persona, Point, Priors, Quote
from vivavoce.panel.reasoner import Reasoner
from vivavoce.panel.sense import SENSES
from vivavoce.panel.vectors import hashed

SENSE = SENSES["hashing/1"]
LATE = "I spend every Friday chasing clients who pay their invoices late."


def point(text: str, weight: float = 0.2, *evidence: str) -> Point:
    return Point(text=text, origin="real" if evidence else "inferred", weight=weight, evidence=evidence)


OWNER = Persona(
    id="p01",
    name="Ada",
    archetype="owner",
    niche="bookkeeping",
    summary="Runs a workshop.",
    frustrations=(
        point("clients who pay invoices late", 0.4, "a1", "a2"),
        point("typing receipts twice", 0.2, "a3"),
        point("tools priced for large firms", 0.1),
    ),
    goals=(
        point("to be paid on time", 0.2, "b1"),
        point("books that agree with the bank", 0.1, "b2"),
        point("to keep evenings free", 0.1),
    ),
    quotes=(Quote(text=LATE, insight="a1", source="calls"),),
    richness=0.6,
    temperature=0.5,
    bias="sunk-cost",
    priors=Priors(loss=2.0, switching=0.6, price=1.7, style={"figures": 0.4, "you": 0.3, "hype": -0.3}),
)
CHASES = "We chase your late invoices until your clients pay."
THEME = "A new colour theme for the screen."
CONTRACT = "You sign a contract for typing receipts."


def question(*texts: str, **more: object) -> Question:
    """Variants "a", "b" and so on with these texts."""
    variants = tuple(Variant(id=chr(ord("a") + at), text=text) for at, text in enumerate(texts))
    return msgspec.structs.replace(Question(ask="Which one?", variants=variants), **more)


def sheet(asked: Question, *order: str) -> Sheet:
    return Sheet(question=asked, order=order or tuple(variant.id for variant in asked.variants), seed=1)


def vectors(persona: Persona, asked: Sheet) -> dict[str, NDArray[np.float32]]:
    return {text: vector(text) for text in Reasoner(SENSE).texts(persona, asked)}


@cache
def vector(text: str) -> NDArray[np.float32]:
    found: NDArray[np.float32] = hashed([text])[0]
    return found


def ballot(persona: Persona, asked: Question, order: Sequence[str] = ()) -> Ballot:
    shown = sheet(asked, *order)
    return Reasoner(SENSE).answer(persona, shown, vectors(persona, shown))


def score(persona: Persona, asked: Question, variant: str = "a") -> float:
    """Of one variant."""
    chosen = next(each for each in asked.variants if each.id == variant)
    return Reasoner(SENSE).judge(persona, asked, chosen, vectors(persona, sheet(asked))).score


def parts(persona: Persona, asked: Question, kind: str, variant: str = "a") -> list[float]:
    """Values of all terms of a kind."""
    chosen = next(each for each in asked.variants if each.id == variant)
    judged = Reasoner(SENSE).judge(persona, asked, chosen, vectors(persona, sheet(asked)))
    return [term.value for term in judged.terms if term.kind == kind]

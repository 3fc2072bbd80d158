"""The reasoner: a panel member as a sum. No language model, no chance, no validation.

It knows how near an offer is to what people said hurts them and to what they want, what the offer takes away, how it is
worded, how far it is from today's way and what it costs. It is a *prior*: where the terms are right for a question was
measured (docs/explanation/reasoner.md), how much each weighs was not, so its ballots say that they are not validated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vivavoce.panel.ballots import Answer, Ballot, Question, Sheet, Variant, shown
from vivavoce.panel.packaged import packaged
from vivavoce.panel.personas import Persona
from vivavoce.panel.reasoner import choice
from vivavoce.panel.reasoner.near import Near
from vivavoce.panel.reasoner.offer import read
from vivavoce.panel.reasoner.price import Reservation, reservation
from vivavoce.panel.reasoner.reasons import reasons
from vivavoce.panel.reasoner.terms import Term, bears, concerns, ideals, reference_price, terms
from vivavoce.panel.sense import Sense
from vivavoce.panel.texts import language

__all__ = ["OFFERS", "Judgement", "Reasoner", "Reservation", "Term"]

VERSION = 3
"""Raised when the same persona and sheet get other numbers: answers are told apart by the name of who gave them."""
OFFERS = packaged("offers.yaml", dict[str, list[str]])
"""The yardstick: plain offers by niche."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One offer, as one persona sees it."""

    terms: tuple[Term, ...]
    reservation: Reservation | None
    """What they would pay for it at most; None where no price is known, or none matters."""

    @property
    def score(self) -> float:
        """Over what people do today, which is 0."""
        return math.fsum(term.value for term in self.terms)


class Reasoner:
    """Fills in ballots from a persona, a sheet and vectors; the same of these give the same ballot.

    Args:
        sense: of the embedder that made the vectors.
    """

    name = f"reasoner/{VERSION}"

    def __init__(self, sense: Sense) -> None:
        self._sense = sense

    def texts(self, persona: Persona, sheet: Sheet) -> list[str]:
        """Every text whose vector it wants, each once."""
        question = sheet.question
        offers = [variant.text for variant in question.variants]
        yardstick = [offer for niche in OFFERS.values() for offer in niche]
        voices = [text for concern in concerns(persona) for text, _ in concern.voices]
        said = [each.text for text in (*offers, *yardstick, question.today) for each in read(text)]
        return sorted({*voices, *said})

    def answer(self, persona: Persona, sheet: Sheet, vectors: Mapping[str, NDArray[np.float32]]) -> Ballot:
        """A ballot in the order of the sheet, which does not matter to it.

        Raises:
            InputError: no such sheet, a vector is missing, or the persona has a taste nobody knows.
        """
        variants = shown(sheet)
        near = Near(vectors)
        answers: list[Answer] = []
        prefers: dict[str, float] = {}
        abstains = self._abstains(persona, variants, near)
        if not abstains:
            judged = [self.judge(persona, sheet.question, variant, vectors) for variant in variants]
            yardstick = self._yardstick(persona, sheet.question, near)
            answers = [
                _answer(persona, sheet.question, variant, judgement, yardstick)
                for variant, judgement in zip(variants, judged, strict=True)
            ]
            if len(variants) > 1:
                shares = choice.shares([judgement.score for judgement in judged], persona.temperature)
                prefers = dict(zip(sheet.order, shares, strict=True))
        return Ballot(
            persona=persona.id,
            respondent=self.name,
            order=sheet.order,
            answers=tuple(answers),
            prefers=prefers,
            abstains=abstains,
        )

    def judge(
        self, persona: Persona, question: Question, variant: Variant, vectors: Mapping[str, NDArray[np.float32]]
    ) -> Judgement:
        """Every term of one offer: what its ballot gives the largest of."""
        found = terms(persona, question, variant, self._sense, Near(vectors))
        return Judgement(terms=found, reservation=reservation(persona, found, reference_price(question)))

    def knows(self, persona: Persona, question: Question, vectors: Mapping[str, NDArray[np.float32]]) -> bool:
        """Whether anything that people said bears on what is asked. What it cannot read, it does not rule out."""
        return self._abstains(persona, question.variants, Near(vectors)) != "no-evidence"

    def _abstains(self, persona: Persona, variants: Sequence[Variant], near: Near) -> str:
        """Why there is no answer, if there is none."""
        if any(language(variant.text) not in ("en", "") for variant in variants):
            return "not-english"
        if not any(bears(persona, variant, self._sense, near) for variant in variants):
            return "no-evidence"
        return ""

    def _yardstick(self, persona: Persona, question: Question, near: Near) -> list[tuple[float, float]]:
        """What an offer is held against, as scores and weights: half of it offers made for this persona, a quarter the
        plain offers of its niche, a quarter those of the others. The right subject alone is then no ten, nor is one
        right word.
        """
        sides: list[list[float]] = [[], []]
        for niche, offers in OFFERS.items():
            for text in offers:
                found = terms(persona, question, Variant(id="", text=text), self._sense, near)
                sides[niche == persona.niche].append(math.fsum(term.value for term in found))
        made = ideals(persona)
        return [(score, 1 / len(scores)) for scores in (*sides, made, made) for score in scores]


def _answer(
    persona: Persona,
    question: Question,
    variant: Variant,
    judgement: Judgement,
    yardstick: Sequence[tuple[float, float]],
) -> Answer:
    chances = choice.chances(judgement.score, persona.temperature)
    return Answer(
        variant=variant.id,
        appeal=choice.appeal(judgement.score, yardstick),
        would=choice.word(chances),
        chances=chances,
        reasons=reasons(judgement.terms, question, variant, judgement.reservation),
    )

"""What somebody would pay at most. It is not one sum but a spread of them: log-normal, about the price at which the
persona no longer knows whether to take the offer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vivavoce.panel.personas import Persona
from vivavoce.panel.reasoner.choice import LEAST_NOISE, STAY, TAKE
from vivavoce.panel.reasoner.terms import Term

LOGIT_SPREAD = math.pi / math.sqrt(3)
"""Standard deviation of the logistic noise of scale 1 that choices are made with: a normal of the same spread stands
for it.
"""
FARTHEST = 3.0
"""Natural logarithms from the reference, about twenty times either way: beyond that nobody here knows anything."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """The most that a persona would pay, in the logarithm of the question's currency."""

    middle: float
    spread: float

    @property
    def price(self) -> float:
        """As likely too much as not."""
        return math.exp(self.middle)

    def chance(self, price: float) -> float:
        """That this price is not too much; 1 for nothing."""
        if price <= 0:
            return 1.0
        return 0.5 * math.erfc((math.log(price) - self.middle) / (self.spread * math.sqrt(2)))


def reservation(persona: Persona, terms: Sequence[Term], reference: float | None) -> Reservation | None:
    """From everything in a score but its price. None for who does not mind the price, and where none is known."""
    sensitivity = persona.priors.price
    if not reference or sensitivity <= 0:
        return None
    worth = math.fsum(term.value for term in terms if term.kind != "price") - (STAY + TAKE) / 2
    over = max(-FARTHEST, min(FARTHEST, worth / sensitivity))
    spread = max(persona.temperature, LEAST_NOISE) * LOGIT_SPREAD / sensitivity
    return Reservation(math.log(reference) + over, spread)

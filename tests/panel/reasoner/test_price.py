from __future__ import annotations

import math

import msgspec
import pytest

from tests.panel.reasoner.samples import OWNER
from vivavoce.panel.reasoner.choice import STAY, TAKE, chances
from vivavoce.panel.reasoner.price import Reservation, reservation
from vivavoce.panel.reasoner.terms import Term

MIDDLE = (STAY + TAKE) / 2


def worth(value: float, reference: float | None = 20.0) -> Reservation:
    found = reservation(OWNER, [Term(kind="need", value=value), Term(kind="price", value=-5.0)], reference)
    assert found is not None
    return found


def test_at_the_middle_the_offer_is_as_likely_too_dear_as_not() -> None:
    found = worth(1.0)
    assert found.chance(found.price) == pytest.approx(0.5)
    # at that price the ballot says the same: as likely would as would not
    score = 1.0 - OWNER.priors.price * math.log(found.price / 20)
    said = chances(score, OWNER.temperature)
    assert said["would"] == pytest.approx(said["would_not"])


def test_what_is_worth_more_is_paid_more_for() -> None:
    assert worth(MIDDLE).price == pytest.approx(20)
    assert worth(0.0).price < 19 < 21 < worth(2.0).price


def test_dearer_is_never_likelier() -> None:
    found = [worth(1.0).chance(price) for price in (-1, 0, 0.001, 1, 20, 30, 100, 1e9)]
    assert found == sorted(found, reverse=True)
    assert found[0] == 1.0
    assert found[-1] == pytest.approx(0)


def test_the_spread_is_that_of_the_choices() -> None:
    """A normal stands for the logistic noise of the choices; where they differ most it is by some three points."""
    found = worth(MIDDLE)
    scale = OWNER.temperature / OWNER.priors.price
    for price in (5, 10, 15, 25, 40, 80):
        logistic = 1 / (1 + math.exp((math.log(price) - found.middle) / scale))
        assert found.chance(price) == pytest.approx(logistic, abs=0.03)


def test_nobody_is_said_to_pay_any_sum() -> None:
    assert worth(1000.0).price == pytest.approx(20 * math.exp(3))


def test_no_reservation_without_a_price_or_for_who_does_not_mind() -> None:
    careless = msgspec.structs.replace(OWNER, priors=msgspec.structs.replace(OWNER.priors, price=0.0))
    assert reservation(careless, [], 20.0) is None
    assert reservation(OWNER, [], None) is None

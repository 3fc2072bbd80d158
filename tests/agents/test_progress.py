from __future__ import annotations

import pytest

from tests.agents.samples import SAMPLES, SMALL
from vivavoce.agents import FactState, FactView, is_done, is_due, load, open_fields, view_of

SPEC = load(SMALL).spec
FIRST, SECOND = SPEC.objectives["first"], SPEC.objectives["second"]
GIVEN, REFUSED, ASKED = FactView(FactState.ANSWERED, 1), FactView(FactState.REFUSED), FactView(FactState.ASKED)


@pytest.mark.parametrize(
    ("facts", "done"),
    [
        ({}, False),
        ({"thing": GIVEN}, False),
        ({"thing": GIVEN, "size": GIVEN}, True),
        ({"thing": GIVEN, "size": REFUSED}, False),
        ({"thing": GIVEN, "size": REFUSED, "when_due": REFUSED, "kind": GIVEN}, True),
    ],
)
def test_done_by_its_condition_or_by_nothing_left(facts: dict[str, FactView], done: bool) -> None:
    assert is_done(FIRST, facts) is done


def test_done_without_a_condition() -> None:
    assert not is_done(SECOND, {"price": ASKED})
    assert is_done(SECOND, {"price": REFUSED})
    market = load(SAMPLES["founder"]).spec.objectives["market"]
    assert is_done(market, {"segment": GIVEN, "buyers": GIVEN}), "rivals are not required"


def test_done_without_fields() -> None:
    bare = load(SMALL.replace(", collect: {price: money}", "")).spec.objectives["second"]
    assert not is_done(bare, {})
    assert is_done(bare, {"second": ASKED})


def test_what_is_due_and_open() -> None:
    assert [field.id for field in open_fields(SPEC, {})] == ["thing", "size", "when_due", "kind"]
    facts = {"thing": GIVEN, "size": GIVEN}
    view = view_of(SPEC, facts)
    assert view["first.done"].value is True
    assert is_due(SECOND, view)
    assert not is_due(SECOND, view_of(SPEC, {}))
    assert [field.id for field in open_fields(SPEC, facts, speaker="bob")] == ["price"]
    assert [field.id for field in open_fields(SPEC, {**facts, "price": REFUSED}, speaker="bob")] == []


def test_required_ones_come_first() -> None:
    spec = load(SMALL.replace("kind: small|big", "kind: small|big!")).spec
    assert [field.id for field in open_fields(spec, {})] == ["thing", "kind", "size", "when_due"]


def test_a_signal_opens_an_objective() -> None:
    spec = load(SAMPLES["ambassador"]).spec
    contact = spec.objectives["contact"]
    assert not is_due(contact, view_of(spec, {}))
    assert is_due(contact, view_of(spec, {"asked": FactView(FactState.ANSWERED, True)}))
    assert is_due(contact, view_of(spec, {"timeline": GIVEN}))

from __future__ import annotations

from vivavoce.agents.states import FactState


def test_states_are_words() -> None:
    assert [str(state) for state in FactState] == ["unasked", "asked", "vague", "answered", "confirmed", "refused"]


def test_what_is_given_and_what_is_closed() -> None:
    assert {state for state in FactState if state.given} == {FactState.ANSWERED, FactState.CONFIRMED}
    assert {state for state in FactState if state.closed} == {
        FactState.ANSWERED,
        FactState.CONFIRMED,
        FactState.REFUSED,
    }

"""What is known: each field's state, value and evidence. Nothing but an event changes a fact, and every change says
where it comes from.

The model reports through the `note` tool; its word is checked against the field's type by code. What the caller sets by
hand stands above what the model heard. Refused closes a field: it cannot be asked again, only answered of the caller's
own accord. What the caller takes back by hand is refused, and the model cannot bring that very value back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from vivavoce.agents import Field
from vivavoce.agents.states import FactState
from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Note, Notify, ShowFact
from vivavoce.conversation.machine import Handler, Out
from vivavoce.errors import FieldValueError

U, A, V = FactState.UNASKED, FactState.ASKED, FactState.VAGUE
ANSWERED, CONFIRMED, REFUSED = FactState.ANSWERED, FactState.CONFIRMED, FactState.REFUSED

# From which states the model may bring a field into a state. What is not listed is refused and changes nothing.
MAY_BECOME: dict[FactState, frozenset[FactState]] = {
    A: frozenset({U, A}),
    V: frozenset({U, A, V}),
    ANSWERED: frozenset({U, A, V, ANSWERED, CONFIRMED, REFUSED}),
    CONFIRMED: frozenset({ANSWERED, CONFIRMED}),
    REFUSED: frozenset({U, A, V, REFUSED}),
}

Evidence = tuple[int, int, int]
MAX_EVIDENCE = 8
"""Moments kept per fact, the newest; more tell a reader nothing."""


@dataclass(slots=True)
class Fact:
    field: Field
    state: FactState = U
    value: Any = None
    source: str = ""
    evidence: tuple[Evidence, ...] = ()
    taken_back: Any = None


class Facts:
    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._facts = {name: Fact(field) for name, field in fields.items()}
        self._said: Evidence | None = None  # the caller's last turn

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.FactCorrected: self._corrected,
            sig.NoteAsked: self._noted,
            sig.CallerSaid: self._caller_said,
        }

    def wake_at(self) -> float | None:
        return None

    def _caller_said(self, signal: sig.CallerSaid, now: float, out: Out) -> None:
        self._said = (signal.turn, signal.start_ms, signal.end_ms)

    def _corrected(self, event: ev.FactCorrected, now: float, out: Out) -> None:
        fact = self._facts.get(event.field)
        if fact is None:
            out.do(Notify("bad_value"))
            return
        state, value = REFUSED, None
        if event.value is not None:
            try:
                state, value = CONFIRMED, fact.field.type.check(event.value)
            except FieldValueError:
                self._show(fact, out)
                out.do(Notify("bad_value"))
                return
        if (fact.source, fact.state, fact.value) == ("typed", state, value):
            self._show(fact, out)
            return
        if value is None:
            fact.taken_back = fact.value
        self._change(fact, state, value, "typed", None, out)
        out.tell(sig.CorrectionTaken())

    def _show(self, fact: Fact, out: Out) -> None:
        out.do(ShowFact(fact.field.id, fact.state.value, fact.value, fact.evidence))

    def _noted(self, signal: sig.NoteAsked, now: float, out: Out) -> None:
        accepted: list[str] = []
        rejected: dict[str, str] = {}
        given = signal.args.get("facts")
        if given is not None and not isinstance(given, dict):
            rejected["facts"] = f"want an object of field: value, got {type(given).__name__}"
        for name, value in (given if isinstance(given, dict) else {}).items():
            problem = self._answer(name, value, out)
            if problem is None:
                accepted.append(name)
            else:
                rejected[str(name)[:60]] = problem
        for state in (A, V, REFUSED, CONFIRMED):
            for name in _names(signal.args.get(state.value)):
                problem = self._mark(name, state, out)
                if problem is None:
                    accepted.append(name)
                else:
                    rejected[name[:60]] = problem
        response: dict[str, Any] = {"output": "noted", "accepted": accepted}
        if rejected:
            response["rejected"] = rejected
        out.tell(sig.ErrandDone(signal.errand, response))

    def _answer(self, name: object, value: Any, out: Out) -> str | None:
        fact = self._facts.get(name) if isinstance(name, str) else None
        if fact is None:
            return self._unknown(name)
        if fact.source == "typed" and fact.state is not REFUSED:
            return "the caller has set this by hand; it stands"
        try:
            checked = fact.field.type.check(value)
        except FieldValueError as error:
            return str(error)
        if fact.state is REFUSED and fact.taken_back is not None and checked == fact.taken_back:
            return "the caller has taken this back"
        if checked != fact.value or fact.state not in (ANSWERED, CONFIRMED):
            self._change(fact, ANSWERED, checked, "caller-said", self._said, out)
        return None

    def _mark(self, name: str, state: FactState, out: Out) -> str | None:
        fact = self._facts.get(name)
        if fact is None:
            return self._unknown(name)
        if fact.state is state:
            return None
        if fact.state not in MAY_BECOME[state]:
            return f"it is {fact.state.value} and cannot become {state.value}"
        evidence = None if state is A else self._said
        self._change(fact, state, fact.value, fact.source, evidence, out)
        return None

    def _unknown(self, name: object) -> str:
        near = get_close_matches(str(name), self._facts, n=1)
        return "no such field" + (f"; did you mean {near[0]}" if near else "")

    def _change(
        self, fact: Fact, state: FactState, value: Any, source: str, evidence: Evidence | None, out: Out
    ) -> None:
        if fact.value is not None and value != fact.value:
            fact.evidence = ()  # it vouches for another value
        fact.state, fact.value, fact.source = state, value, source
        if evidence is not None and evidence not in fact.evidence:
            fact.evidence = (*fact.evidence, evidence)[-MAX_EVIDENCE:]
        field = fact.field
        out.do(Note(field.id, field.objective, state.value, value, source, fact.evidence))
        out.tell(sig.FactChanged(field.id, state.value, value))


def _names(value: object) -> list[str]:
    return [name for name in value if isinstance(name, str)][:100] if isinstance(value, list | tuple) else []

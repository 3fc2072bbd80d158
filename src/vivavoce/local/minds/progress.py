"""How far a talk has come, as the brain remembers it; saved with every handle and restored from it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from vivavoce.agents import FactState, FactView, Objective, is_done
from vivavoce.local.minds.plan import Plan


class Known(msgspec.Struct):
    """What is known of one field."""

    state: FactState = FactState.UNASKED
    value: Any = None
    probes: int = 0
    settled: bool = False
    """Asked enough: it stays as it is, open or not."""
    draft: str = ""
    """What was said so far while it was vague."""

    @property
    def closed(self) -> bool:
        return self.settled or self.state.closed


class Asked(msgspec.Struct, frozen=True):
    """The question that waits for an answer."""

    text: str
    objective: str
    field: str = ""
    """Empty when the objective collects nothing."""


class Progress(msgspec.Struct):
    """One talk so far."""

    fields: dict[str, Known] = {}
    handled: list[str] = []
    """Objectives that are behind us."""
    opened: list[str] = []
    """Objectives whose own question was asked."""
    optional: dict[str, int] = {}
    """Questions asked for fields that are not required, per objective."""
    asking: Asked | None = None
    previous: str = ""
    """The field answered last, for corrections and for callers who go on."""
    phase: Literal["talk", "handed", "over"] = "talk"
    next_speaker: str = ""
    unreachable: list[str] = []
    """Speakers to whom a hand-over failed."""
    turns: int = 0
    """Counts replies; chooses among wordings."""
    unheard: int = 0
    """Utterances in a row that could not be understood."""
    waits: int = 0
    tries: dict[str, int] = {}
    results: dict[str, Any] = {}
    """Output of tools that answered."""
    waiting: list[str] = []
    """Tools that have not answered yet."""
    shown: list[str] = []
    cut: Literal["", "early", "unheard", "late"] = ""
    """Whether the last reply was cut: at once, before its question can have been heard, or later."""
    asked_at_ms: float = 0.0
    """Where the question begins in the reply that asks it."""

    def known(self, field: str) -> Known:
        """What is known of a field; a field never heard of is unasked."""
        return self.fields.setdefault(field, Known())

    def give(self, field: str, value: Any) -> None:
        """A field was answered."""
        known = self.known(field)
        known.state, known.value, known.draft = FactState.ANSWERED, value, ""
        self.previous = field

    def view(self, plan: Plan) -> dict[str, FactView]:
        """What conditions see."""
        view = {id_: FactView(self.known(id_).state, self.known(id_).value) for id_ in plan.fields()}
        view |= {id_: FactView(FactState.ASKED) for id_ in self.opened if id_ not in view}
        for objective in plan.objectives.values():
            if is_done(objective, view) or objective.id in self.handled:
                view[f"{objective.id}.done"] = FactView(FactState.ANSWERED, True)
        return view

    def left(self, objective: Objective, *, required: bool) -> list[str]:
        """Fields of an objective nobody closed; those already asked for come first."""
        open_ = [
            field.id
            for field in objective.collect.values()
            if field.required is required and not self.known(field.id).closed
        ]
        return sorted(open_, key=lambda id_: self.known(id_).state is FactState.UNASKED)

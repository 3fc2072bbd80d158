"""How far a talk has come by its facts: which objectives are done, which are due, which fields are still open.

The rules every reader shares: the conversation, the embedded live model and the report judge by the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.agents.spec import AgentSpec, Field, Objective
from vivavoce.agents.states import FactState, FactView

UNASKED = FactView(FactState.UNASKED)


def is_done(objective: Objective, facts: Mapping[str, FactView]) -> bool:
    """Whether nothing of an objective is left to ask.

    True when its `done` holds. Otherwise when every required field is closed (answered, confirmed or refused), or every
    field where none is required. A refusal closes a field, so a refused answer never keeps an objective open for good.
    An objective without fields and without `done` is done once its question was asked, which a call tells by a fact
    named like it.
    """
    fields = list(objective.collect.values())
    if objective.done is not None:
        held = objective.done.evaluate(facts)
        return held or (bool(fields) and all(_state(facts, field).closed for field in fields))
    if not fields:
        return facts.get(objective.id, UNASKED).state is not FactState.UNASKED
    needed = [field for field in fields if field.required] or fields
    return all(_state(facts, field).closed for field in needed)


def view_of(spec: AgentSpec, facts: Mapping[str, FactView]) -> dict[str, FactView]:
    """What conditions see: the facts given, every other field as unasked, and `objective.done` for each objective.

    Pass signals such as `asked` among the facts.
    """
    view = {**dict.fromkeys(spec.fields(), UNASKED), **facts}
    for objective in spec.objectives.values():
        if is_done(objective, view):
            view[f"{objective.id}.done"] = FactView(FactState.ANSWERED, True)
    return view


def is_due(objective: Objective, view: Mapping[str, FactView]) -> bool:
    """Whether an objective may be pursued now: its `when` holds, or it has none. `view` comes from `view_of`."""
    return objective.when is None or objective.when.evaluate(view)


def open_fields(spec: AgentSpec, facts: Mapping[str, FactView], *, speaker: str | None = None) -> list[Field]:
    """Fields of due objectives that nobody closed, in the order of the file; of one speaker or of all.

    Required ones of an objective come before its others.
    """
    view = view_of(spec, facts)
    found: list[Field] = []
    for objective in spec.objectives.values():
        if (speaker is None or objective.by == speaker) and is_due(objective, view):
            left = [field for field in objective.collect.values() if not _state(view, field).closed]
            found.extend(sorted(left, key=lambda field: not field.required))
    return found


def _state(facts: Mapping[str, FactView], field: Field) -> FactState:
    return facts.get(field.id, UNASKED).state

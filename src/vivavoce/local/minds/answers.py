"""What an answer does to the talk: facts, closer questions, refusals, corrections, and points that stay open."""

from __future__ import annotations

from typing import Any

from vivavoce.agents import FactState, Field
from vivavoce.local.minds.acts import Act
from vivavoce.local.minds.interview import Interview, Notes
from vivavoce.local.minds.mood import Mood, is_correction
from vivavoce.local.minds.probing import probe
from vivavoce.local.minds.progress import Asked, Known
from vivavoce.local.minds.understanding import NARRATIVE, gather, named_fields
from vivavoce.local.minds.wording import said


class Answers:
    """Takes what the caller says into the record of a talk, and goes on from there."""

    def __init__(self, interview: Interview) -> None:
        self._talk = interview
        self._plan = interview.plan
        self._progress = interview.progress

    def answered(self, text: str, mood: Mood) -> list[Act]:
        """An answer, or what stands in its place: note what it holds, then go on or ask more closely."""
        target = self._target()
        empty = mood is not Mood.ANSWER and target is not None and target.type.kind in NARRATIVE
        values = gather(text, None if empty else target, self._open_fields())
        value = values.pop(target.id, None) if target is not None else None
        notes = self._noted(values)
        if target is None:
            return self._talk.go_on(notes, self._talk.line("acknowledged"))
        known = self._progress.known(target.id)
        if value is None:
            return self._probed(target, known, notes, "", mood)
        if target.type.kind in NARRATIVE or (target.type.item is not None and target.type.item.kind in NARRATIVE):
            value, hint = _weighed(target, known, value)
            if hint:
                known.draft = value if isinstance(value, str) else ""
                return self._probed(target, known, notes, hint, mood)
        self._progress.give(target.id, value)
        notes["facts"] = {target.id: value} | notes.get("facts", {})
        return self._talk.go_on(notes, self._acknowledgement(target, value))

    def _probed(self, target: Field, known: Known, notes: Notes, hint: str, mood: Mood) -> list[Act]:
        """Ask more closely, or leave it when that was done often enough."""
        asking = self._progress.asking
        objective = self._plan.objectives[target.objective]
        text = probe(target, objective, hint=hint, mood=mood, done=known.probes)
        if text is None or asking is None:
            return self.leave_open(notes)
        known.probes += 1
        lead = self._talk.line("evaded") if mood is Mood.ASKED_BACK else ""
        if known.state is not FactState.VAGUE:
            known.state = FactState.VAGUE
            notes = notes | {"vague": [target.id]}
        return self._talk.ask(notes, Asked(text, asking.objective, target.id), lead)

    def leave_open(self, notes: Notes) -> list[Act]:
        """Give up on the field that was asked for, and go on."""
        target = self._target()
        self._progress.unheard = 0
        if target is not None:
            known = self._progress.known(target.id)
            known.settled = True
            if known.state is not FactState.VAGUE:
                known.state = FactState.VAGUE
                notes = notes | {"vague": [target.id]}
        return self._talk.go_on(notes, self._talk.line("left_open"))

    def refused(self) -> list[Act]:
        """Close the field that was asked for, and go on."""
        target = self._target()
        if target is None:
            return self._talk.go_on({}, self._talk.line("respected"))
        self._progress.known(target.id).state = FactState.REFUSED
        return self._talk.go_on({"refused": [target.id]}, self._talk.line("respected"))

    def corrected(self, text: str) -> list[Act] | None:
        """Take a correction of what was given before; None when it is none, or nothing can be made of it."""
        if not is_correction(text):
            return None
        given = [field for id_, field in self._plan.fields().items() if self._progress.known(id_).state.given]
        named = named_fields(text, given)
        previous = [field for field in given if field.id == self._progress.previous]
        for field in named or previous:
            value = gather(text, field, []).get(field.id)
            if value is None or (not named and field.type.kind in NARRATIVE and "actually" in text.lower()):
                continue  # "actually" alone may begin any sentence; a figure after it is telling
            self._progress.give(field.id, value)
            shown = said(value, field.type)
            lead = self._talk.line("corrected", value=shown) if shown else self._talk.line("corrected_text")
            return self._again({"facts": {field.id: value}}, lead)
        return None

    def continued(self, text: str) -> list[Act] | None:
        """The caller had only paused: what follows belongs to the answer before."""
        field = self._plan.fields().get(self._progress.previous)
        if field is None or field.type.kind not in NARRATIVE:
            return None
        known = self._progress.known(field.id)
        value = gather(f"{known.value} {text}", field, []).get(field.id)
        if not known.state.given or value is None:
            return None
        self._progress.give(field.id, value)
        return self._again({"facts": {field.id: value}}, self._talk.line("acknowledged"))

    def _again(self, notes: Notes, lead: str) -> list[Act]:
        asking = self._progress.asking
        return self._talk.go_on(notes, lead) if asking is None else self._talk.reply(notes, lead, asking.text)

    def overheard(self, text: str) -> Notes:
        """What an utterance that is no answer tells all the same."""
        return self._noted(gather(text, None, self._open_fields()))

    def _noted(self, values: dict[str, Any]) -> Notes:
        for id_, value in values.items():
            self._progress.give(id_, value)
        return {"facts": values} if values else {}

    def _acknowledgement(self, field: Field, value: Any) -> str:
        shown = said(value, field.type)
        if not shown:
            return self._talk.line("acknowledged")
        echo = self._talk.line("echoed", value=shown)
        return echo[0].upper() + echo[1:]

    def _target(self) -> Field | None:
        asking = self._progress.asking
        return self._plan.fields().get(asking.field) if asking is not None else None

    def _open_fields(self) -> list[Field]:
        return [field for id_, field in self._plan.fields().items() if not self._progress.known(id_).state.closed]


def _weighed(field: Field, known: Known, value: Any) -> tuple[Any, str]:
    """An answer together with what was said before it, and what it still lacks ("" when it will do).

    A story that stands alone will do; other text needs what was said first: "about forty" alone says little.
    """
    if not isinstance(value, str):
        kind = field.type.item or field.type
        return value, kind.is_vague(", ".join(map(str, value))) or ""
    joined = f"{known.draft} {value}" if known.draft else value
    for candidate in (value, joined) if field.type.kind == "story" else (joined, value):
        if field.type.is_vague(candidate) is None:
            return candidate, ""
    return joined, field.type.is_vague(value) or ""

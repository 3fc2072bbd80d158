"""What comes next in a talk: the next question, a tool whose inputs are known, a hand-over, or the end.

One reply is composed at a time: what there is to note first, then what is said, then a call that holds the floor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vivavoce.agents import FactState, Field, Objective, is_due
from vivavoce.local.minds.acts import Act, Call, Say
from vivavoce.local.minds.plan import Plan, aim
from vivavoce.local.minds.progress import Asked, Progress
from vivavoce.local.minds.wording import in_words, line, question
from vivavoce.wire.gemini.messages import FunctionDeclaration

MOST_TRIES = 2
"""Of one tool: a call that the caller talked over is made once more."""
MOST_NAMED = 4
"""Open points named at the end; more would not be remembered by ear."""

Notes = dict[str, Any]
"""Arguments of the `note` tool while a reply is composed."""


CHARS_PER_S = 13.4
"""Mean speed of the voices: characters over seconds of the whole agent turns in the transcript of a `make demo` call
(157 words a minute; 12.2 for calm-mezzo to 16.8 for brisk-alto). Tells when a question begins."""


class Interview:
    """Walks the plan from top to bottom for one speaker."""

    def __init__(self, plan: Plan, tools: Mapping[str, FunctionDeclaration], progress: Progress, seed: int) -> None:
        self.plan = plan
        self.tools = tools
        self.progress = progress
        self.you = plan.you
        self._seed = seed

    def line(self, key: str, **filled: str) -> str:
        """One way to say something; another one in the next reply."""
        return line(key, self._seed + self.progress.turns, **filled)

    # ------------------------------------------------------------------------------------ one reply

    def reply(self, notes: Notes, *spoken: str, then: list[Act] | None = None) -> list[Act]:
        """Note, speak, call. The last spoken part is kept whole; those before it go when there are too many words."""
        parts = [part for part in spoken if part]
        while len(parts) > 1 and len(" ".join(parts).split()) > self.plan.max_words:
            parts.pop(-2)
        acts: list[Act] = []
        if notes and "note" in self.tools:
            acts.append(Call("note", notes))
        if parts:
            acts.append(Say(" ".join(parts)))
        return acts + (then or [])

    def ask(self, notes: Notes, asked: Asked, *lead: str) -> list[Act]:
        """Ask a question."""
        self.progress.asking = asked
        known = self.progress.known(asked.field) if asked.field else None
        if known is not None and known.state is FactState.UNASKED:
            known.state = FactState.ASKED
            notes = notes | {"asked": [asked.field]}
        acts = self.reply(notes, *lead, asked.text)
        before = next((act.text.rfind(asked.text) for act in acts if isinstance(act, Say)), 0)
        self.progress.asked_at_ms = before / CHARS_PER_S * 1000
        return acts

    def repeat(self, key: str, notes: Notes | None = None) -> list[Act]:
        """Say something around the question that waits for an answer; without one, go on."""
        asking = self.progress.asking
        if asking is None:
            return self.go_on(notes or {})
        return self.reply(notes or {}, self.line(key, question=asking.text))

    def asked_in(self, text: str) -> Asked | None:
        """The question of the plan that stands in something that was said."""
        for objective in self.plan.objectives.values():
            if objective.ask and objective.ask in text:
                return Asked(objective.ask, objective.id, aim(objective))
            for id_ in objective.collect:
                if (asked := self._field_question(objective, id_)).text in text:
                    return asked
        return None

    # ------------------------------------------------------------------------------------ what comes next

    def go_on(self, notes: Notes, *lead: str) -> list[Act]:
        """The next step of the plan, after an answer or at the start."""
        self.progress.asking = None
        shows: list[Act] = []
        while (objective := self._due()) is not None:
            if objective.by != self.you:
                return self._hand_over(notes, objective.by, *lead, before=shows)
            asked = self._question(objective)
            if asked is not None:
                return shows + self.ask(notes, asked, *lead)
            calls = self._calls(objective)
            if calls:
                self.progress.waiting += [call.name for call in calls]
                # what runs beside the talk goes first, so that a caller who speaks now cannot keep it from being called
                beside: list[Act] = [call for call in calls if self.runs_beside(call.name)]
                held: list[Act] = [call for call in calls if not self.runs_beside(call.name)]
                return shows + beside + self.reply(notes, *lead, self.line("working"), then=held)
            if self.progress.waiting:
                return shows + self.reply(notes, *lead, self.line("still_working"))
            shows += self._shows(objective)
            self.progress.handled.append(objective.id)
            missing = self._missing(objective)
            if missing:
                lead = (*lead, missing)
        return shows + self.close(notes, *lead)

    def close(self, notes: Notes, *lead: str, reason: str = "the interview is complete") -> list[Act]:
        """Say honestly what is open, and end."""
        self.progress.asking = None
        open_ = [in_words(id_) for id_, field in self.plan.fields().items() if self._is_open(field)]
        more = f" and {len(open_) - MOST_NAMED} more" if len(open_) > MOST_NAMED else ""
        named = ", ".join(open_[:MOST_NAMED]) + more
        rest = self.line("some_open", open=named) if open_ else self.line("all_answered")
        end: list[Act] = [Call("end", {"reason": reason})] if "end" in self.tools else []
        if not end:
            self.progress.phase = "over"
        return self.reply(notes, *lead, f"{rest} {self.line('farewell')}", then=end)

    def _is_open(self, field: Field) -> bool:
        """Open at the end: not given, and asked for or required. What the caller refused is not open but answered."""
        known = self.progress.known(field.id)
        due = field.objective in self.progress.handled or self.plan.objectives[field.objective].when is None
        return due and not known.state.closed and (field.required or known.state is not FactState.UNASKED)

    def _due(self) -> Objective | None:
        view = self.progress.view(self.plan)
        for objective in self.plan.objectives.values():
            if objective.id in self.progress.handled or not is_due(objective, view):
                continue
            if objective.by != self.you and not self._reachable(objective.by):
                continue
            return objective
        return None

    def _reachable(self, speaker: str) -> bool:
        known = speaker in self.plan.speakers and speaker not in self.progress.unreachable
        return known and "hand_off" in self.tools

    def _question(self, objective: Objective) -> Asked | None:
        """The next question of an objective: its own, then required fields, then others while there is room."""
        progress = self.progress
        if objective.ask and objective.id not in progress.opened:
            progress.opened.append(objective.id)
            field = aim(objective)
            if not field or not progress.known(field).closed:
                return Asked(objective.ask, objective.id, field)
        for id_ in progress.left(objective, required=True):
            return self._field_question(objective, id_)
        asked = progress.optional.get(objective.id, 0)
        for id_ in progress.left(objective, required=False):
            if asked >= self.plan.optional and progress.known(id_).state is FactState.UNASKED:
                return None
            progress.optional[objective.id] = asked + 1
            return self._field_question(objective, id_)
        return None

    def _field_question(self, objective: Objective, id_: str) -> Asked:
        return Asked(question(id_, objective.collect[id_].type), objective.id, id_)

    # ------------------------------------------------------------------------------------ tools and the screen

    def _calls(self, objective: Objective) -> list[Call]:
        """Calls of an objective's own tools whose inputs are known and which have not answered."""
        calls = []
        for name in objective.tools:
            tried = self.progress.tries.get(name, 0)
            if name not in self.tools or name in self.progress.results or tried >= MOST_TRIES:
                continue
            if name in self.progress.waiting:
                continue
            args = self._arguments(name)
            if args is not None:
                self.progress.tries[name] = tried + 1
                calls.append(Call(name, args))
        return calls

    def runs_beside(self, tool: str) -> bool:
        """Whether the talk may go on while a tool works."""
        declared = self.tools.get(tool)
        return declared is not None and declared.behavior == "NON_BLOCKING"

    def _parameters(self, tool: str) -> tuple[list[str], list[str]]:
        """Names of a tool's parameters, and those it cannot do without."""
        schema = self.tools[tool].parameters or {}
        properties, required = schema.get("properties"), schema.get("required")
        return (
            [str(name) for name in properties] if isinstance(properties, dict) else [],
            [str(name) for name in required] if isinstance(required, list) else [],
        )

    def _arguments(self, tool: str) -> dict[str, Any] | None:
        """Known facts named like a tool's parameters; None when a required one is missing, or none is known."""
        names, required = self._parameters(tool)
        known = {name: self.progress.fields[name] for name in names if name in self.progress.fields}
        args = {name: fact.value for name, fact in known.items() if fact.state.given}
        return args if args and all(name in args for name in required) else None

    def _missing(self, objective: Objective) -> str:
        """Which tool of an objective could not be used for want of a fact of that objective."""
        for name in objective.tools:
            if name not in self.tools or name in self.progress.tries:
                continue
            _, required = self._parameters(name)
            lacking = [in_words(id_) for id_ in required if id_ in objective.collect and not self._given(id_)]
            if lacking:
                return self.line("not_without", tool=in_words(name), missing=" and the ".join(lacking[:2]))
        return ""

    def _given(self, field: str) -> bool:
        return self.progress.known(field).state.given

    def _shows(self, objective: Objective) -> list[Act]:
        """What an objective puts on the screen once it is through, where there is something to put."""
        acts: list[Act] = []
        for told in self.plan.shows.get(objective.id, []) if "show" in self.tools else []:
            what, _, ref = told.partition(" ")
            data: Any = self.progress.results.get(ref) if ref else {}
            if isinstance(data, dict) and "show" in data:
                continue  # the tool says itself how it is shown
            if ref in self.plan.fields() and self._given(ref):
                value = self.progress.known(ref).value
                data = {"columns": [in_words(ref)], "rows": [[str(item)] for item in _listed(value)]}
            if data is None or told in self.progress.shown:
                continue
            self.progress.shown.append(told)
            acts.append(Call("show", {"what": what, "title": in_words(ref or what).capitalize(), "data": data}))
        return acts

    def _hand_over(self, notes: Notes, to: str, *lead: str, before: list[Act]) -> list[Act]:
        mine = [in_words(id_) for id_ in self.progress.handled if self.plan.objectives[id_].by == self.you]
        why = f"{' and '.join(mine[-2:])} covered" if mine else "next in the plan"
        call: list[Act] = [Call("hand_off", {"to": to, "why": why})]
        return before + self.reply(notes, *lead, self.line("hand_over", next=self.plan.name_of(to)), then=call)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]

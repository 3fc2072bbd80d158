"""What one part of an agent file says about another: names that must exist, and words that must fit."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from vivavoce.agents.conditions import Condition
from vivavoce.agents.conditions import Test as ConditionTest
from vivavoce.agents.nodes import Node, Scalar, Table, locate
from vivavoce.agents.problems import Problem, did_you_mean, shorten
from vivavoce.agents.reading import Problems
from vivavoce.agents.spec import GENERIC_TOOLS, AgentSpec, Field
from vivavoce.agents.states import FactState

SIGNALS = ("asked",)
"""Names a call sets beside its facts: `asked` is true once the caller asked for the thing in question."""
_STATES = {state.value for state in FactState}


def cross_check(spec: AgentSpec, root: Node) -> list[Problem]:
    """Every name that leads nowhere. `root` is the tree the spec was read from; it gives the places."""
    checks = _CrossChecks(spec, root)
    checks.run()
    return checks.problems.found


class _CrossChecks:
    def __init__(self, spec: AgentSpec, root: Node) -> None:
        self.problems = Problems()
        self._spec = spec
        self._root = root
        self._fields = spec.fields()

    def run(self) -> None:
        spec = self._spec
        self._unique_fields()
        for tool in spec.tools:
            if tool in GENERIC_TOOLS:
                self._add(("tools", tool), "a tool of your own", tool, f"every agent has {tool} already")
        for id_, objective in spec.objectives.items():
            at = f"objectives.{id_}"
            self._known((f"{at}.by", objective.by), [objective.by], spec.speakers, "a speaker")
            self._known((f"{at}.tools", ""), objective.tools, spec.tools, "a tool from `tools`")
            self._condition(f"{at}.when", objective.when)
            self._condition(f"{at}.done", objective.done)
            self._shows(at, id_)
        for id_, offer in spec.offers.items():
            self._condition(f"offers.{id_}.when", offer.when)
            self._known((f"offers.{id_}.prefill", ""), offer.prefill, self._fields, "a field")
        for name, condition in spec.measure.named.items():
            self._condition(f"measure.{name}", condition)
        self._rehearsal()
        self._experiment()

    def _add(self, place: tuple[str, str], wanted: str, came: str, hint: str = "", offset: int = 0) -> None:
        path, entry = place
        node = locate(self._root, path) or self._root
        for item in getattr(node, "items", ()):
            if isinstance(item, Scalar) and " ".join(item.value.split()) == entry:
                node = item
        self.problems.add(node, path, wanted, shorten(came), hint, offset=offset)

    def _known(self, place: tuple[str, str], names: Iterable[str], known: Collection[str], wanted: str) -> None:
        for name in names:
            if name not in known:
                listed = ", ".join(known) or "none is declared"
                self._add((place[0], place[1] or name), f"{wanted} ({listed})", name, did_you_mean(name, known))

    def _unique_fields(self) -> None:
        seen: dict[str, str] = {}
        for objective in self._spec.objectives.values():
            for id_ in objective.collect:
                if id_ in seen:
                    at = f"objectives.{objective.id}.collect"
                    key = self._key(at, id_)
                    wanted = "each field name once in the file"
                    self.problems.add(key, f"{at}.{id_}", wanted, "it again", f"{seen[id_]} collects it already")
                seen.setdefault(id_, objective.id)

    def _key(self, path: str, name: str) -> Node:
        table = locate(self._root, path)
        for key, _ in table.entries if isinstance(table, Table) else ():
            if isinstance(key, Scalar) and key.value == name:
                return key
        return self._root

    def _shows(self, at: str, id_: str) -> None:
        spec = self._spec
        for show in spec.objectives[id_].show:
            if show.kind == "stage":
                self._known((f"{at}.show", show.ref), [show.ref], spec.stage, "an exhibit of `stage`")

    def _condition(self, path: str, condition: Condition | None) -> None:
        for test in condition.tests if condition else ():
            trouble = self._trouble(test)
            if trouble is not None:
                wanted, came, hint = trouble
                self._add((path, ""), wanted, came, hint, test.offset)

    def _trouble(self, test: ConditionTest) -> tuple[str, str, str] | None:
        """What is wrong with one test of a condition: wanted, came, hint."""
        spec, name = self._spec, test.name
        field = self._fields.get(name)
        if field is not None:
            return self._comparison(field, test)
        if name in SIGNALS or name in spec.objectives or name in spec.context:
            return None
        owner, _, attribute = name.rpartition(".")
        if owner in self._fields and (attribute == "state" or attribute in _STATES):
            if attribute == "state" and test.literal not in _STATES:
                return (
                    f"a state ({', '.join(sorted(_STATES))})",
                    str(test.literal) or "nothing",
                    did_you_mean(str(test.literal), _STATES),
                )
            return None
        if owner in self._fields:
            return "state or one of its states", attribute, did_you_mean(attribute, [*_STATES, "state"])
        if owner in spec.objectives:
            return (
                None
                if attribute == "done"
                else ("done behind an objective", attribute, did_you_mean(attribute, ["done"]))
            )
        known = [*self._fields, *(f"{id_}.done" for id_ in spec.objectives), *SIGNALS, *spec.context]
        return "a field, an objective, asked or a name from `context`", name, did_you_mean(name, known)

    def _comparison(self, field: Field, test: ConditionTest) -> tuple[str, str, str] | None:
        kind = field.type.item.kind if field.type.item else field.type.kind
        options = field.type.item.options if field.type.item else field.type.options
        if not test.sign:
            return None
        if kind == "enum":
            if test.sign not in ("==", "!="):
                return f"== or != for {field.id}, which is {field.type.words}", test.sign, ""
            if str(test.literal).lower() not in [option.lower() for option in options]:
                return f"{field.type.words} for {field.id}", str(test.literal), did_you_mean(str(test.literal), options)
        if kind in ("number", "range", "percent", "money") and not isinstance(test.literal, float):
            return f"a number, for {field.id} is {field.type.words}", str(test.literal), ""
        if kind in ("text", "story", "quote", "email", "phone", "url") and isinstance(test.literal, float):
            return f"a word or quoted text, for {field.id} is {field.type.words}", f"{test.literal:g}", ""
        return None

    def _rehearsal(self) -> None:
        spec = self._spec
        if spec.materials is not None:
            self._known(("materials.used_by", ""), spec.materials.used_by, spec.speakers, "a speaker")
        if spec.frustration is not None:
            low, high = spec.frustration.range
            for id_, start in spec.frustration.start.items():
                self._known((f"frustration.start.{id_}", ""), [id_], spec.speakers, "a speaker")
                if not low <= start <= high:
                    self._add((f"frustration.start.{id_}", ""), f"a number from {low:g} to {high:g}", f"{start:g}")

    def _experiment(self) -> None:
        experiment = self._spec.experiment
        if experiment is None:
            return
        if experiment.metric:
            at = "experiment.metric"
            self._known((at, ""), [experiment.metric], self._spec.measure.named, "a condition from `measure`")
        for variant, changes in experiment.change.items():
            at = f"experiment.change.{variant}"
            self._known((at, ""), [variant], experiment.split, "a variant from `split`")
            for path in changes:
                if not isinstance(locate(self._root, path), Scalar):
                    self._add((f"{at}.{path}", ""), "the path of one value in this file", path)

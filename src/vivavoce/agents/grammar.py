"""The grammar of the agent file, version 1: from nodes to an `AgentSpec`.

One function per section; the order of the functions is the order of `docs/reference/agent-file.md`.
"""

from __future__ import annotations

import re
from typing import Any

from vivavoce.agents import callsettings
from vivavoce.agents.conditions import Condition, ConditionError, parse_condition
from vivavoce.agents.fieldtypes import FieldType, TypeTextError, parse_type
from vivavoce.agents.nodes import Node, Scalar, Series, Table, resolve
from vivavoce.agents.problems import Problem, did_you_mean
from vivavoce.agents.reading import Problems, Section, came
from vivavoce.agents.sections import (
    read_coach,
    read_consent,
    read_embed,
    read_experiment,
    read_floor,
    read_frustration,
    read_guardrails,
    read_handoff,
    read_kiosk,
    read_limits,
    read_materials,
    read_result,
    read_style,
)
from vivavoce.agents.spec import PAGE_CONTEXT, AgentSpec, Exhibit, Field, Measure, Objective, Offer, Show, Speaker
from vivavoce.errors import InputError

__all__ = ["read_spec"]

VERSION = 1
NAME = r"[a-z0-9][a-z0-9-]{0,62}"
LANGUAGE = re.compile(r"auto|[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
EXHIBITS = ("slides", "table", "calculator", "video", "image", "page", "demo")
OFFERS = ("tap", "calendar", "send", "tool")
CONFIRMS = ("spell", "screen", "repeat")


def read_spec(root: Node) -> tuple[AgentSpec | None, list[Problem]]:
    """The spec, or every problem of the file. With problems the spec is incomplete and None."""
    problems = Problems()
    top = Section(problems, root, "", "an agent file, a mapping")
    if not isinstance(root, Table):
        return None, problems.found
    top.matching("spec", str(VERSION), f"{VERSION}, the version of this grammar", required=True)
    name = top.matching("name", NAME, "a name of small letters, digits and -", required=True)
    title = top.text("title", required=True)
    speakers = _speakers(top)
    spec = AgentSpec(
        spec=VERSION,
        name=name,
        title=title,
        speakers=speakers,
        languages=_languages(top),
        style=read_style(top),
        settings=_settings(top),
        context=top.texts("context") if top.peek("context") is not None else PAGE_CONTEXT,
        knowledge=top.texts("knowledge"),
        materials=read_materials(top),
        stage=_stage(top),
        objectives=_objectives(top, speakers),
        offers=_offers(top),
        handoff=read_handoff(top),
        floor=read_floor(top),
        tools=tuple(top.texts("tools")),
        guardrails=read_guardrails(top),
        limits=read_limits(top),
        embed=read_embed(top),
        kiosk=read_kiosk(top),
        consent=read_consent(top),
        measure=_measure(top),
        experiment=read_experiment(top),
        frustration=read_frustration(top),
        coach=read_coach(top),
        result=read_result(top),
        tests=top.texts("tests"),
    )
    top.close()
    return (None if problems.found else spec), problems.found


def _languages(top: Section) -> tuple[str, ...]:
    if not top.has("languages"):
        return ("auto",)
    words = top.words("languages", lone=True)
    for word, node in words:
        if not LANGUAGE.fullmatch(word):
            top.miss("languages", "auto or a language tag such as en or pt-BR", node=node)
    return tuple(word for word, _ in words) or ("auto",)


def _settings(top: Section) -> dict[str, Any]:
    section = top.section("settings")
    found: dict[str, Any] = {}
    for name in callsettings.IN_AGENT_FILE if section else ():
        assert section is not None, "its entries are being read"
        node = section.scalar(name, wanted := callsettings.wanted(name), required=False)
        if node is None:
            continue
        try:
            found[name] = callsettings.checked(name, resolve(node), "agent")
        except InputError:
            section.miss(name, wanted, did_you_mean(node.value, callsettings.choices_of(name)))
    if section is not None:
        section.close()
    return found


def _speakers(top: Section) -> dict[str, Speaker]:
    section = top.section("speakers", required=True)
    if section is None:
        return {}
    found = {}
    for id_, _, node in section.items():
        part = Section(section.problems, node, section.at(id_), "a speaker, {voice: …, role: …}")
        if not isinstance(node, Table):
            continue
        source = part.matching("from", r"[a-z0-9_-]+(/[a-z0-9_-]+)*", "a role file such as roles/skeptical-cfo")
        role = part.text("role", required=not source, default=source.rsplit("/", 1)[-1].replace("-", " "))
        found[id_] = Speaker(
            id=id_,
            name=part.text("name", default=id_.replace("_", " ").title()),
            voice=part.matching(
                "voice", r"[A-Za-z][A-Za-z0-9_-]{0,39}", "a voice such as warm-baritone", required=True
            ),
            role=role,
            from_=source,
            face=part.text("face"),
            wants=part.text("wants"),
            breaks_when=part.texts("breaks_when"),
            interrupts=part.choice("interrupts", ("never", "rarely", "sometimes", "often"), "never"),
            moderates=part.flag("moderates", False),
        )
        part.close()
    if not found and isinstance(section.node, Table) and not section.node.entries:
        top.miss("speakers", "at least one speaker")
    return found


def _stage(top: Section) -> dict[str, Exhibit]:
    section = top.section("stage")
    found: dict[str, Exhibit] = {}
    for id_, _, node in section.items() if section else ():
        part = Section(top.problems, node, f"stage.{id_}", "an exhibit such as {slides: decks/overview.md}")
        if isinstance(node, Table):
            kind, ref = _one_kind(part, EXHIBITS)
            options = {key: part.text(key) for key in ("key", "captions", "sources", "title") if part.has(key)}
            found[id_] = Exhibit(id=id_, kind=kind, ref=ref, options=options)
            part.close()
    return found


def _one_kind(part: Section, kinds: tuple[str, ...]) -> tuple[str, str]:
    """The one key of a mapping that says what it is."""
    said = [kind for kind in kinds if part.has(kind)]
    if len(said) != 1:
        got = " and ".join(said) or "none of them"
        part.problems.add(part.node, part.path, f"exactly one of {', '.join(kinds)}", got)
        return "", ""
    return said[0], part.text(said[0], required=True)


def _objectives(top: Section, speakers: dict[str, Speaker]) -> dict[str, Objective]:
    section = top.section("objectives", required=True)
    if section is None:
        return {}
    if isinstance(section.node, Table) and not section.node.entries:
        top.miss("objectives", "at least one objective")
    first = next(iter(speakers), "")
    found: dict[str, Objective] = {}
    for id_, _, node in section.items():
        part = Section(top.problems, node, f"objectives.{id_}", "an objective, {ask: …, collect: …}")
        if not isinstance(node, Table):
            continue
        found[id_] = Objective(
            id=id_,
            by=part.text("by", default=first),
            ask=part.text("ask"),
            collect=_collect(part, id_),
            probe=part.texts("probe"),
            show=_show(part),
            when=condition(part, "when"),
            done=condition(part, "done"),
            tools=part.texts("tools", lone=True),
            confirm=part.joined("confirm", CONFIRMS),
        )
        part.close()
    return found


def _collect(part: Section, objective: str) -> dict[str, Field]:
    section = part.section("collect")
    found: dict[str, Field] = {}
    for id_, _, node in section.items() if section else ():
        assert section is not None, "its entries are being read"
        type_ = _type(section, id_, node)
        if type_ is not None:
            found[id_] = Field(id=id_, objective=objective, type=type_, required=type_.required)
    return found


def _type(section: Section, id_: str, node: Node) -> FieldType | None:
    wanted = "a field type such as text!, 0..10 or a|b|c"
    if not isinstance(node, Scalar) or node.empty:
        section.problems.add(node, section.at(id_), wanted, came(node))
        return None
    try:
        return parse_type(node.value)
    except TypeTextError as error:
        section.problems.add(node, section.at(id_), error.wanted, error.came, error.hint)
        return None


def _show(part: Section) -> tuple[Show, ...]:
    node = part.peek("show")
    if node is None:
        return ()
    if not isinstance(node, Table):
        return tuple(Show(kind="stage", ref=name) for name in part.texts("show", lone=True))
    inner = Section(part.problems, node, part.at("show"))
    kind, ref = _one_kind(inner, EXHIBITS)
    show = Show(kind=kind, ref=ref, sources=inner.choice("sources", ("required", "optional"), ""))
    inner.close()
    return (show,) if kind else ()


def condition(part: Section, key: str) -> Condition | None:
    """The condition under a key, or None with or without a problem noted."""
    node = part.scalar(key, "a condition such as price and team_size >= 50", required=False)
    if node is None:
        return None
    try:
        return parse_condition(node.value)
    except ConditionError as error:
        part.problems.add(node, part.at(key), error.wanted, error.came, offset=error.offset)
        return None


def _offers(top: Section) -> dict[str, Offer]:
    section = top.section("offers")
    found: dict[str, Offer] = {}
    for id_, _, node in section.items() if section else ():
        part = Section(top.problems, node, f"offers.{id_}", "an offer, {label: …, tap: …}")
        if not isinstance(node, Table):
            continue
        label = part.text("label", required=True)
        when, prefill = condition(part, "when"), part.texts("prefill")
        kind, ref = _one_kind(part, OFFERS)
        found[id_] = Offer(id=id_, label=label, kind=kind, ref=ref, when=when, prefill=prefill)
        part.close()
    return found


def _measure(top: Section) -> Measure:
    section = top.section("measure")
    if section is None:
        return Measure()
    judged = section.texts("judged")
    named: dict[str, Condition] = {}
    for id_, _, node in section.items():
        if id_ != "judged" and not isinstance(node, Series) and (read := condition(section, id_)) is not None:
            named[id_] = read
        elif id_ != "judged" and isinstance(node, Series):
            section.miss(id_, "a condition", "sentences for a model to judge go under `judged`")
    return Measure(named=named, judged=judged)

"""The system prompt of a speaker: short prose, then the plan as a block that people, models and code can read."""

from __future__ import annotations

from typing import Any

import msgspec

from vivavoce.agents.declarations import tool_declarations
from vivavoce.agents.emit import block
from vivavoce.agents.layers import PROSE, Prose, between
from vivavoce.agents.nodes import compose, plain
from vivavoce.agents.problems import AgentFileError
from vivavoce.agents.spec import AgentSpec, Objective, Show, Style
from vivavoce.errors import InputError

__all__ = ["AgentBlock", "BlockObjective", "read_block", "system_instruction", "tool_declarations"]


class BlockObjective(msgspec.Struct, frozen=True, kw_only=True):
    """An objective as the block tells it. `fields` are type texts such as `0..10!`; conditions are text too."""

    by: str
    ask: str = ""
    fields: dict[str, str] = {}
    probe: list[str] = []
    when: str = ""
    done: str = ""
    tools: list[str] = []
    show: list[str] = []
    confirm: list[str] = []


class AgentBlock(msgspec.Struct, frozen=True, kw_only=True):
    """What the block says, in the order of the agent file."""

    name: str
    title: str
    you: str
    speakers: dict[str, str]
    style: Style = Style()
    objectives: dict[str, BlockObjective] = {}
    never: list[str] = []
    always: list[str] = []


def system_instruction(spec: AgentSpec, speaker: str, prose: Prose = PROSE) -> str:
    """The whole prompt of one speaker, in the words of `prose`.

    Raises:
        InputError: the agent has no such speaker.
    """
    if speaker not in spec.speakers:
        raise InputError(f"want a speaker ({', '.join(spec.speakers)}), got {speaker}")
    true = _true_of(spec, speaker)
    values = _values(spec, speaker)
    said = [layer.text.format_map(values) for layer in prose.layers if not layer.when or layer.when in true]
    return "\n".join(said) + "\n\n<agent>\n" + block(_block(spec, speaker), deep=4) + "</agent>\n"


def read_block(text: str) -> AgentBlock | None:
    """The block of a system prompt, or None when there is none that can be read."""
    inner = between(text, "agent")
    if inner is None:
        return None
    try:
        return msgspec.convert(plain(compose(inner)), AgentBlock)
    except (AgentFileError, msgspec.ValidationError):
        return None


def _true_of(spec: AgentSpec, speaker: str) -> set[str]:
    """The names a layer's `when` may speak of."""
    me = spec.speakers[speaker]
    objectives = spec.objectives.values()
    true = {spec.style.depth, "spoken" if "spoken" in spec.consent.disclose else "shown"}
    true.add("any_language" if "auto" in spec.languages else "listed_languages")
    if len(spec.speakers) > 1:
        true |= {"several", spec.handoff.announce}
    flags = {
        "one_question": spec.style.one_question,
        "wants": bool(me.wants),
        "confirm": any(objective.confirm for objective in objectives),
        "shows": any(objective.show for objective in objectives),
        "escalate": spec.guardrails.escalate is not None and bool(spec.guardrails.escalate.when),
    }
    return true | {name for name, holds in flags.items() if holds}


def _values(spec: AgentSpec, speaker: str) -> dict[str, Any]:
    me = spec.speakers[speaker]
    others = [f"{other.name} ({other.role})" for other in spec.speakers.values() if other.id != speaker]
    escalate = spec.guardrails.escalate
    return {
        "name": me.name,
        "title": spec.title,
        "role": me.role.rstrip("."),
        "others": "; ".join(others),
        "wants": me.wants.rstrip("."),
        "max_words": spec.style.max_words,
        "escalate": "; ".join(escalate.when) if escalate else "",
        "languages": ", ".join(spec.languages),
    }


def _block(spec: AgentSpec, speaker: str) -> dict[str, Any]:
    return {
        "name": spec.name,
        "title": spec.title,
        "you": speaker,
        "speakers": {id_: each.role for id_, each in spec.speakers.items()},
        "style": {name: getattr(spec.style, name) for name in Style.__struct_fields__},
        "objectives": {id_: _objective(objective) for id_, objective in spec.objectives.items()},
        "never": list(spec.guardrails.never),
        "always": list(spec.guardrails.always),
    }


def _objective(objective: Objective) -> dict[str, Any]:
    told = {
        "by": objective.by,
        "ask": objective.ask,
        "fields": {id_: field.type.text for id_, field in objective.collect.items()},
        "probe": list(objective.probe),
        "when": objective.when.text if objective.when else "",
        "done": objective.done.text if objective.done else "",
        "tools": list(objective.tools),
        "show": [_shown(show) for show in objective.show],
        "confirm": list(objective.confirm),
    }
    return {key: value for key, value in told.items() if value}


def _shown(show: Show) -> str:
    return show.ref if show.kind == "stage" else f"{show.kind} {show.ref}"

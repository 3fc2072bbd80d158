"""The tools a live model is told of: the five generic ones, and the agent's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vivavoce.agents.layers import PROSE, Prose
from vivavoce.agents.spec import AgentSpec
from vivavoce.errors import InputError

_TEXT = {"type": "STRING"}
_DATA = {
    "type": "OBJECT",
    "description": "what is shown: text, or a table as columns and rows",
    "properties": {
        "text": _TEXT,
        "columns": {"type": "ARRAY", "items": _TEXT},
        "rows": {"type": "ARRAY", "items": {"type": "ARRAY", "items": _TEXT}},
    },
}


def tool_declarations(
    spec: AgentSpec, speaker: str, extra: Mapping[str, dict[str, Any]], prose: Prose = PROSE
) -> list[dict[str, Any]]:
    """Function declarations for one speaker: {name, description, parameters, behavior}.

    Args:
        extra: declarations of tools by name, as the tool runner gives them. Only those the agent file grants this
            speaker are told; granted ones without a declaration are left out, for nobody could run them.
    Raises:
        InputError: the agent has no such speaker.
    """
    if speaker not in spec.speakers:
        raise InputError(f"want a speaker ({', '.join(spec.speakers)}), got {speaker}")

    def tool(name: str, properties: dict[str, Any], required: list[str], behavior: str) -> dict[str, Any]:
        parameters = {"type": "OBJECT", "properties": properties, "required": required}
        return {"name": name, "description": prose.tools[name], "parameters": parameters, "behavior": behavior}

    told = [
        tool("note", _note(spec), [], "NON_BLOCKING"),
        tool("show", _show(spec), ["what", "title"], "NON_BLOCKING"),
    ]
    others = [id_ for id_ in spec.speakers if id_ != speaker]
    if others:
        to = {"type": "STRING", "format": "enum", "enum": others}
        told.append(tool("hand_off", {"to": to, "why": _TEXT}, ["to"], "BLOCKING"))
    told.append(tool("escalate", {"reason": _TEXT}, ["reason"], "BLOCKING"))
    told.append(tool("end", {"reason": _TEXT}, ["reason"], "BLOCKING"))
    return told + [dict(extra[name]) for name in spec.tools_of(speaker) if name in extra]


def _note(spec: AgentSpec) -> dict[str, Any]:
    fields = spec.fields()
    properties: dict[str, Any] = {}
    if fields:  # an OBJECT without properties and an empty enum are both refused by the service
        properties["facts"] = {
            "type": "OBJECT",
            "properties": {id_: field.type.schema() for id_, field in fields.items()},
        }
        names = {"type": "ARRAY", "items": {"type": "STRING", "format": "enum", "enum": list(fields)}}
        properties |= dict.fromkeys(("asked", "vague", "refused", "confirmed"), names)
    else:
        properties["text"] = _TEXT
    return properties


def _show(spec: AgentSpec) -> dict[str, Any]:
    shown = [show.ref if show.kind == "stage" else show.kind for each in spec.objectives.values() for show in each.show]
    what = list(dict.fromkeys([*spec.stage, *shown, "text", "table"]))
    return {"what": {"type": "STRING", "format": "enum", "enum": what}, "title": _TEXT, "data": _DATA}

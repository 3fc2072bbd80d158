"""The client's tools as OpenAI's chat completions want them declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vivavoce.wire.gemini.messages import FunctionDeclaration

_TYPES = {"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"}
_OURS = {"nullable", "propertyOrdering", "property_ordering", "example"}
"""Keys of the live service's schema that JSON Schema does not know."""
_NAMES_INSIDE = {"properties", "$defs", "defs"}
"""Their keys are the author's own names."""


def as_functions(tools: Sequence[FunctionDeclaration]) -> list[dict[str, Any]]:
    """Declarations of the live protocol as `tools` of a chat completion."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters_json_schema
                or json_schema(tool.parameters or {"type": "object", "properties": {}}),
            },
        }
        for tool in tools
    ]


def json_schema(node: Any) -> Any:
    """The live service's schema, with types in capitals, as JSON Schema."""
    if isinstance(node, list):
        return [json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    made: dict[str, Any] = {}
    for key, value in node.items():
        if key in _NAMES_INSIDE and isinstance(value, dict):
            made[key] = {name: json_schema(inner) for name, inner in value.items()}
        elif key == "type" and isinstance(value, str) and value.upper() in _TYPES:
            lower = value.lower()
            made[key] = [lower, "null"] if node.get("nullable") is True else lower
        elif key in ("enum", "default", "required"):
            made[key] = value
        elif key not in _OURS:
            made[key] = json_schema(value)
    return made

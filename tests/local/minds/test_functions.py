"""Declarations of the live protocol as functions of a chat completion."""

from __future__ import annotations

from vivavoce.local.minds.functions import as_functions, json_schema
from vivavoce.wire.gemini.messages import FunctionDeclaration


def test_types_become_small_and_names_stay() -> None:
    schema = {
        "type": "OBJECT",
        "properties": {
            "type": {"type": "STRING", "enum": ["STRING", "OTHER"], "nullable": True},
            "Days": {"type": "ARRAY", "items": {"type": "INTEGER"}, "description": "of type DATE"},
            "nullable": {"anyOf": [{"type": "NUMBER"}, {"type": "boolean"}]},
        },
        "required": ["type"],
        "propertyOrdering": ["type", "Days"],
    }
    assert json_schema(schema) == {
        "type": "object",
        "properties": {
            "type": {"type": ["string", "null"], "enum": ["STRING", "OTHER"]},
            "Days": {"type": "array", "items": {"type": "integer"}, "description": "of type DATE"},
            "nullable": {"anyOf": [{"type": "number"}, {"type": "boolean"}]},
        },
        "required": ["type"],
    }


def test_a_function_without_parameters_has_an_empty_object() -> None:
    (function,) = as_functions([FunctionDeclaration(name="time", description="What time it is.")])
    assert function == {
        "type": "function",
        "function": {
            "name": "time",
            "description": "What time it is.",
            "parameters": {"type": "object", "properties": {}},
        },
    }


def test_json_schema_is_taken_as_it_is() -> None:
    own = {"type": "object", "properties": {"x": {"$ref": "#/$defs/X"}}}
    (function,) = as_functions([FunctionDeclaration(name="f", parameters_json_schema=own)])
    assert function["function"]["parameters"] == own

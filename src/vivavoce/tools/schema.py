"""Arguments of a tool against its declared schema: the live model's OpenAPI-like subset with upper-case type names.

Understood: type, properties, required, items, enum, minimum, maximum, anyOf, nullable. A number may come as text
("79"), because models send both; whatever else does not fit is refused with the path and what was wanted, never with
the value that came: it may be a caller's words.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from typing import Any

from vivavoce.errors import InputError

MONEY: dict[str, Any] = {
    "anyOf": [
        {"type": "NUMBER", "minimum": 0},
        {
            "type": "OBJECT",
            "properties": {"amount": {"type": "NUMBER", "minimum": 0}, "currency": {"type": "STRING"}},
            "required": ["amount"],
        },
    ],
}
"""A price as a number, or as a fact of the type money holds it."""
PERCENT: dict[str, Any] = {"type": "NUMBER", "minimum": 0, "maximum": 100}
"""40 means 40 %."""

_DEEPEST = 12


def check(value: Any, schema: Mapping[str, Any], path: str = "arguments", depth: int = 0) -> Any:
    """The value as the schema says it; null optional properties are left out.

    Raises:
        InputError: it does not fit.
    """
    if depth > _DEEPEST:
        raise InputError(f"{path}: want at most {_DEEPEST} levels, got more")
    if "anyOf" in schema:
        return _any_of(value, schema["anyOf"], path, depth)
    if value is None and schema.get("nullable"):
        return None
    match schema.get("type"):
        case "OBJECT":
            value = _object(value, schema, path, depth)
        case "ARRAY":
            if not isinstance(value, list | tuple):
                raise InputError(f"{path}: want a list, got {_kind(value)}")
            value = [check(item, schema.get("items", {}), f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]
        case "NUMBER" | "INTEGER" as kind:
            value = _number(value, schema, path, whole=kind == "INTEGER")
        case "STRING":
            if not isinstance(value, str):
                raise InputError(f"{path}: want text, got {_kind(value)}")
        case "BOOLEAN":
            if not isinstance(value, bool):
                raise InputError(f"{path}: want true or false, got {_kind(value)}")
    if "enum" in schema and value not in schema["enum"]:
        raise InputError(f"{path}: want one of {', '.join(map(str, schema['enum']))}, got something else")
    return value


def _any_of(value: Any, choices: list[Mapping[str, Any]], path: str, depth: int) -> Any:
    problems = []
    for choice in choices:
        try:
            return check(value, choice, path, depth + 1)
        except InputError as error:
            problems.append(str(error))
    raise InputError("; or ".join(problems))


def _object(value: Any, schema: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InputError(f"{path}: want an object, got {_kind(value)}")
    properties = schema.get("properties", {})
    given = {name: item for name, item in value.items() if item is not None or properties.get(name, {}).get("nullable")}
    for name in given:
        if name not in properties:
            near = difflib.get_close_matches(str(name), properties, n=1)
            hint = f"did you mean {near[0]}?" if near else f"want one of {', '.join(properties) or 'none'}"
            raise InputError(f"{path}: a name that is not declared; {hint}")
    missing = [name for name in schema.get("required", ()) if name not in given]
    if missing:
        raise InputError(f"{path}: want {', '.join(missing)}, got nothing for it")
    return {name: check(item, properties[name], f"{path}.{name}", depth + 1) for name, item in given.items()}


def _number(value: Any, schema: Mapping[str, Any], path: str, *, whole: bool) -> float | int:
    word = "a whole number" if whole else "a number"
    if isinstance(value, str):
        try:
            value = float(value.replace(",", "").strip().removesuffix("%"))
        except ValueError:
            raise InputError(f"{path}: want {word}, got text") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{path}: want {word}, got {_kind(value)}")
    if isinstance(value, int) and abs(value) > 2**63:
        raise InputError(f"{path}: want {word} of a size that occurs, got a larger one")
    if not math.isfinite(value) or (whole and value != int(value)):
        raise InputError(f"{path}: want {word}, got another")
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if not low <= value <= high:
        raise InputError(f"{path}: want {word} from {low:g} to {high:g}, got one outside")
    return int(value) if whole else value


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    names = (
        (bool, "true or false"),
        (int | float, "a number"),
        (str, "text"),
        (list | tuple, "a list"),
        (Mapping, "an object"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "something else")

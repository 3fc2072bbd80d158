"""Plain data to YAML text that reads back the same: one-line scalars, flow lists, block mappings."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from vivavoce.agents.nodes import MAX_DEPTH, Scalar, resolve
from vivavoce.errors import InputError

_SAFE = re.compile(r"[^\W\d_](?:[\w ./+'()%$€!<>|;=-]*[\w.)%!>])?")
"""Plain text that means itself in block and in flow style. Everything else is quoted."""
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def quoted(text: str) -> str:
    """A double-quoted scalar on one line."""
    # JSON's escapes are YAML's; what YAML does not print must be escaped as well.
    return _ESCAPED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text, ensure_ascii=False))


def scalar(value: object) -> str:
    """Text, number, flag or nothing on one line.

    Raises:
        InputError: another type, or a number that is not finite.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if abs(value) < 10**18:
            return str(value)
        case float() if math.isfinite(value):
            return repr(value)
        case str():
            safe = len(value) < 200 and _SAFE.fullmatch(value) and " #" not in value and not _ESCAPED.search(value)
            is_text = isinstance(resolve(Scalar(value, "", 0, 0, 1, 1)), str)
            return value if safe and is_text and value.lower() not in _WORDS else quoted(value)
    raise InputError(f"want text, a finite number, true, false or null, got {type(value).__name__}")


_WORDS = {"yes", "no", "on", "off", "y", "n", "true", "false", "null"}
"""Quoted although our own reader takes them for words: other readers of YAML do not."""


def flow(value: object, depth: int = 0) -> str:
    """Any plain data on one line.

    Raises:
        InputError: a type YAML has no form for here, or nesting beyond what a reader takes.
    """
    if depth >= MAX_DEPTH:
        raise InputError(f"want at most {MAX_DEPTH} levels, got more")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(key))}: {flow(part, depth + 1)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(part, depth + 1) for part in value) + "]"
    return scalar(value)


def block(value: Mapping[str, Any], *, deep: int, indent: int = 0) -> str:
    """A mapping in block style down to `deep` levels of mappings, in flow style below. Lines end with a line feed."""
    lines = []
    for key, part in value.items():
        head = " " * indent + scalar(key) + ":"
        if isinstance(part, Mapping) and part and deep > 1:
            lines.append(head + "\n" + block(part, deep=deep - 1, indent=indent + 2))
        else:
            lines.append(f"{head} {flow(part)}\n")
    return "".join(lines)

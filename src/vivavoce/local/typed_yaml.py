"""A YAML file as a struct, with the place of whatever does not hold:
`faults.yaml:4:11: faults.0.code: want a whole number, got text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from vivavoce.agents.nodes import MAX_BYTES, Node, compose, locate, plain
from vivavoce.agents.problems import did_you_mean
from vivavoce.errors import InputError

T = TypeVar("T")

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_WRONG = re.compile(r"Expected `(?P<wanted>.*)`, got `(?P<came>.*)`")
_BOUND = re.compile(r"Expected `(?P<wanted>.*)`(?P<bound> .*)")
_NO_SUCH = re.compile(r"Invalid (?:enum )?value '?(?P<came>[^']*)'?")
_TYPES = {
    "int": "a whole number", "float": "a number", "str": "text", "bool": "true or false", "array": "a list",
    "object": "a mapping",
}  # fmt: skip


def read(path: Path, kind: type[T]) -> T:
    """The file as `kind`.

    Raises:
        InputError: it cannot be read or does not hold; says where, what was wanted and what came.
    """
    try:
        with path.open("rb") as file:
            source = file.read(MAX_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"want a YAML file, got {path}: {why}") from error
    return parse(source, kind, name=path.name)


def parse(source: str, kind: type[T], *, name: str) -> T:
    """Text as `kind`; see `read`."""
    root = compose(source, name=name)
    try:
        return msgspec.convert(plain(root), kind)
    except msgspec.ValidationError as error:
        raise InputError(_told(name, root, str(error), kind)) from error


def problem(name: str, root: Node, path: str, words: str) -> str:
    """One problem with its place: the nearest part of the file that the path leads to."""
    found, near = None, path
    while found is None:
        found = locate(root, near)
        near = near.rpartition(".")[0]
    where = f"{path}: " if path else ""
    return f"{name}:{found.line}:{found.column}: {where}{words}"


def _told(name: str, root: Node, error: str, kind: Any) -> str:
    found = _AT.search(error)
    path = re.sub(r"\[(\w+)\]", r".\1", found["path"]).strip(".") if found is not None else ""
    words = _AT.sub("", error)
    if unknown := _UNKNOWN.fullmatch(words):
        path = ".".join(filter(None, (path, unknown["name"])))
        return problem(name, root, path, f"want a known name, got {unknown['name']!r}{_near(unknown['name'], kind)}")
    if missing := _MISSING.fullmatch(words):
        return problem(name, root, path, f"want {missing['name']}, got nothing")
    if wrong := _WRONG.fullmatch(words):
        return problem(name, root, path, f"want {_in_words(wrong['wanted'])}, got {_in_words(wrong['came'])}")
    if bound := _BOUND.fullmatch(words):
        return problem(name, root, path, f"want {_in_words(bound['wanted'])}{bound['bound']}, got another")
    if other := _NO_SUCH.fullmatch(words):
        return problem(name, root, path, f"want a known value, got {other['came']!r}{_near(other['came'], kind)}")
    return problem(name, root, path, words)  # a struct's own check says what it wants


def _in_words(types: str) -> str:
    return " or ".join(_TYPES.get(each, each) for each in types.split(" | ") if each != "null") or "nothing"


def _near(came: str, kind: Any) -> str:
    hint = did_you_mean(came, set(_words(inspect.type_info(kind), set())))
    return f"; {hint}" if hint else ""


def _words(of: inspect.Type, seen: set[type]) -> Iterator[str]:
    """Every name and value that a file of this type may hold."""
    match of:
        case inspect.Metadata():
            yield from _words(of.type, seen)
        case inspect.UnionType():
            for each in of.types:
                yield from _words(each, seen)
        case inspect.ListType():
            yield from _words(of.item_type, seen)
        case inspect.DictType():
            yield from _words(of.value_type, seen)
        case inspect.LiteralType():
            yield from (str(value) for value in of.values)
        case inspect.StructType() if of.cls not in seen:
            seen.add(of.cls)
            if of.tag is not None:
                yield from (str(of.tag), str(of.tag_field))
            for each_field in of.fields:
                yield each_field.encode_name
                yield from _words(each_field.type, seen)

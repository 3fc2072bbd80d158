"""Any spelling of a message, brought to the one that our structs read.

Protobuf JSON leaves peers much freedom, and the official SDKs use it: names in camelCase or snake_case at any level,
either base64 alphabet with or without padding, integers as floats or strings, enums in small letters, one value in
place of a list of one, null for what is absent. The walk below follows the structs' own types, so it knows what a value
ought to be and where names belong to the user. What no struct knows is taken out and handed over beside the message.

Source: reference gemini-live 2.0 and 7.2 (S11, S12).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from msgspec import Struct, inspect, json

from vivavoce.wire.gemini.wording import INVALID, Refused

Path = tuple[str | int, ...]
"""Python names of fields, and places in lists."""
_SNAKE = re.compile(r"_([a-z0-9])")
_PLAIN = re.compile(r"\w+")
_URLSAFE = str.maketrans("-_", "+/")
_SCHEMA_MAPS = frozenset({"properties", "defs", "$defs"})
_SCHEMA_DATA = frozenset({"default", "example", "enum", "required"})


@dataclass(frozen=True, slots=True)
class Extra:
    """Something a struct has no place for. The value is the peer's: never log it."""

    path: Path
    """Of the object it stands in."""
    name: str
    value: Any = field(repr=False)

    def __str__(self) -> str:
        """Its path as the service writes one: `setup.tools[0].function_declarations[0].x`; odd names in quotes."""
        name = self.name if _PLAIN.fullmatch(self.name) else json.encode(self.name).decode()
        return ".".join(filter(None, (written(self.path), name)))


def written(path: Path) -> str:
    """A path in the service's notation."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


Extras = list[Extra]
Reader = Callable[[Any, Path, Extras], Any]
"""Brings one value to its struct's form, adds what is unknown to the list."""


def tidy(tree: Any, kind: type[Struct]) -> tuple[Any, Extras]:
    """A decoded JSON value in the form that `msgspec.convert` takes for `kind`, and what was left out.

    Raises:
        Refused: bytes that are no base64.
    """
    extras: Extras = []
    return _struct_reader(kind)(tree, (), extras), extras


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    wire: str
    read: Reader
    keeps_null: bool


@cache
def _struct_reader(kind: type[Struct]) -> Reader:
    return _StructReader(kind)


class _StructReader:
    """Reads objects of one struct. Its fields are looked at late, for structs may hold each other."""

    def __init__(self, kind: type[Struct]) -> None:
        self._kind = kind
        self._fields: dict[str, _Field] = {}

    def __call__(self, value: Any, path: Path, extras: Extras) -> Any:
        if not isinstance(value, dict):
            return value  # convert says what was wanted
        fields = self._fields or self._look()
        out: dict[str, Any] = {}
        for key, each in value.items():
            known = fields.get(key)
            if known is None or (each is None and known.keeps_null):
                extras.append(Extra(path, key if known is None else known.name, each))
            elif each is not None:
                out[known.wire] = known.read(each, (*path, known.name), extras)
        return out

    def _look(self) -> dict[str, _Field]:
        info = inspect.type_info(self._kind)
        assert isinstance(info, inspect.StructType), "only structs are read"
        for each in info.fields:
            marks = _marks(each.type)
            known = _Field(each.name, each.encode_name, _reader(each.type), bool(marks.get("null")))
            self._fields[each.name] = self._fields[each.encode_name] = known
        return self._fields


def _reader(of: inspect.Type) -> Reader:
    marks, bare = _marks(of), _bare(of)
    match bare:
        case inspect.StructType():
            read = _struct_reader(bare.cls)
            return _text_or(read) if marks.get("text") else read
        case inspect.ListType():
            return _list_of(_reader(bare.item_type))
        case inspect.BytesType():
            return _bytes
        case inspect.DictType():
            return _schema if marks.get("schema") else _names if marks.get("protocol") else _as_is
        case inspect.StrType():
            return _enum if marks.get("enum") else _int64_text if marks.get("int64") else _as_is
        case _:
            return _as_is


def _bare(of: inspect.Type) -> inspect.Type:
    """The type without its marks and without None."""
    if isinstance(of, inspect.Metadata):
        return _bare(of.type)
    if isinstance(of, inspect.UnionType):
        return _bare(next(each for each in of.types if not isinstance(each, inspect.NoneType)))
    return of


def _marks(of: inspect.Type) -> dict[str, Any]:
    if isinstance(of, inspect.Metadata):
        return (of.extra or {}) | _marks(of.type)
    if isinstance(of, inspect.UnionType):
        return {key: mark for each in of.types for key, mark in _marks(each).items()}
    return {}


def _as_is(value: Any, path: Path, extras: Extras) -> Any:
    return value


def _text_or(read: Reader) -> Reader:
    def content(value: Any, path: Path, extras: Extras) -> Any:
        return {"parts": [{"text": value}]} if isinstance(value, str) else read(value, path, extras)

    return content


def _list_of(read: Reader) -> Reader:
    def items(value: Any, path: Path, extras: Extras) -> Any:
        several = value if isinstance(value, list) else [value]
        return [read(each, (*path, place), extras) for place, each in enumerate(several)]

    return items


def _bytes(value: Any, path: Path, extras: Extras) -> Any:
    if not isinstance(value, str):
        return value
    standard = value.translate(_URLSAFE).rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(INVALID, detail=f"Base64 decoding failed for '{written(path)}'.") from error


def _enum(value: Any, path: Path, extras: Extras) -> Any:
    return value.upper() if isinstance(value, str) else value


def _int64_text(value: Any, path: Path, extras: Extras) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _names(value: Any, path: Path, extras: Extras) -> Any:
    """Names in camelCase all the way down."""
    if isinstance(value, list):
        return [_names(each, path, extras) for each in value]
    if not isinstance(value, dict):
        return value
    return {_camel(key): _names(each, path, extras) for key, each in value.items()}


def _schema(value: Any, path: Path, extras: Extras) -> Any:
    """Keywords of a schema in camelCase; what the user named or gave as data stays."""
    if isinstance(value, list):
        return [_schema(each, path, extras) for each in value]
    if not isinstance(value, dict):
        return value
    out: dict[str, Any] = {}
    for key, each in value.items():
        name = _camel(key)
        if name in _SCHEMA_MAPS and isinstance(each, dict):
            out[name] = {user: _schema(inner, path, extras) for user, inner in each.items()}
        else:
            out[name] = each if name in _SCHEMA_DATA else _schema(each, path, extras)
    return out


def _camel(name: str) -> str:
    return _SNAKE.sub(lambda match: match.group(1).upper(), name)

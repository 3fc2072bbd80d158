"""Values for tests of the live protocol: any message as a Hypothesis strategy, and any spelling of its JSON."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

SAFE_INTS = st.integers(-(2**31), 2**31 - 1)
USER_MAPS = st.dictionaries(
    st.text(max_size=6), st.none() | st.booleans() | SAFE_INTS | st.text(max_size=6), max_size=3
)
Draw = Callable[[st.SearchStrategy[Any]], Any]
CAMEL = st.from_regex(r"[a-z][a-zA-Z]{0,5}", fullmatch=True)
PROTOCOL_MAPS = st.dictionaries(CAMEL, st.booleans() | SAFE_INTS | st.text(max_size=6), max_size=3)
ENUMS = st.from_regex(r"[A-Z][A-Z0-9_]{0,12}", fullmatch=True)
SCHEMAS = st.fixed_dictionaries(
    {"type": st.just("OBJECT"), "properties": st.dictionaries(st.text(max_size=6), st.just({"type": "STRING"}))},
    optional={"propertyOrdering": st.lists(st.text(max_size=4), max_size=2), "anyOf": st.just([{"minItems": 1}])},
)


@cache
def messages(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Any struct of this kind."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    required = {each.name: _values(each.type) for each in info.fields if each.required}
    optional = {each.name: _values(each.type) for each in info.fields if not each.required}
    # at most four optional fields each: messages with a hundred fields set find nothing more, and take long
    chosen = st.lists(st.sampled_from(sorted(optional)), max_size=4, unique=True) if optional else st.just([])
    return chosen.flatmap(lambda names: st.builds(kind, **required, **{name: optional[name] for name in names}))


def _values(of: inspect.Type, extra: dict[str, Any] | None = None) -> st.SearchStrategy[Any]:
    extra = extra or {}
    match of:
        case inspect.Metadata():
            return _values(of.type, of.extra)
        case inspect.UnionType():
            return st.one_of(*(_values(each) for each in of.types))
        case inspect.NoneType():
            return st.none()
        case inspect.StructType():
            return st.deferred(lambda: messages(of.cls))
        case inspect.ListType():
            return st.lists(_values(of.item_type), max_size=2)
        case inspect.DictType():
            return _maps(of, extra)
        case inspect.StrType():
            return ENUMS if extra.get("enum") else SAFE_INTS.map(str) if extra.get("int64") else st.text(max_size=8)
        case inspect.BytesType():
            return st.binary(max_size=9)
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return SAFE_INTS
        case inspect.FloatType():
            return st.floats(-1e6, 1e6, width=32)
        case inspect.AnyType():
            return USER_MAPS
    raise AssertionError(f"want a type with a strategy, got {type(of).__name__}")


def _maps(of: inspect.DictType, extra: dict[str, Any]) -> st.SearchStrategy[Any]:
    if extra.get("schema"):
        return SCHEMAS
    if extra.get("protocol"):
        return PROTOCOL_MAPS
    return USER_MAPS if isinstance(of.value_type, inspect.AnyType) else st.dictionaries(CAMEL, st.text(max_size=6))


def respelled(message: msgspec.Struct, draw: Draw) -> Any:
    """The JSON tree of a message in some other spelling that peers use for the same thing."""
    return _respelled(message, inspect.type_info(type(message)), draw)


def _respelled(value: Any, of: inspect.Type, draw: Draw, extra: dict[str, Any] | None = None) -> Any:
    extra = extra or {}
    if isinstance(of, inspect.Metadata):
        return _respelled(value, of.type, draw, of.extra)
    if isinstance(of, inspect.UnionType):
        inner = [each for each in of.types if not isinstance(each, inspect.NoneType)]
        return None if value is None else _respelled(value, inner[0], draw)
    match of:
        case inspect.StructType():
            return _fields(value, of, draw)
        case inspect.ListType():
            several = [_respelled(each, of.item_type, draw) for each in value]
            return several[0] if len(several) == 1 and several[0] is not None and draw(st.booleans()) else several
        case inspect.BytesType():
            encode = draw(st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]))
            text = encode(value).decode()
            return text.rstrip("=") if draw(st.booleans()) else text
        case inspect.IntType():
            return draw(st.sampled_from([value, float(value), str(value)]))
        case inspect.StrType():
            if extra.get("int64"):
                return draw(st.sampled_from([value, int(value)]))
            return draw(st.sampled_from([value, value.lower()])) if extra.get("enum") else value
    return value


def _fields(value: msgspec.Struct, of: inspect.StructType, draw: Draw) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for each in of.fields:
        content = getattr(value, each.name)
        if not each.required and content == each.default and content is not None:
            continue
        if content is None and (each.name == "handle" or not draw(st.booleans())):
            continue  # null counts as absent, but for the one field where peers tell them apart
        name = draw(st.sampled_from([each.encode_name, snake(each.encode_name)]))
        out[name] = _respelled(content, each.type, draw)
    return out


def snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), name)

"""The official SDK's types as the oracle: which field of theirs is which of ours, and instances with everything set."""

from __future__ import annotations

import enum
import typing
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from google.genai import types
from msgspec import inspect
from pydantic import BaseModel

from vivavoce.wire.gemini import messages as ours

Pair = tuple[type[BaseModel], type[msgspec.Struct]]

# Our names where the wire's differ from the SDK's Python ones.
RENAMED = {("VoiceActivity", "voiceActivityType"): "type"}
# Fields of ours that the SDK's types do not have, and why we have them.
OURS_ALONE = {
    ("LiveClientSetup", "realtimeInputConfig"): "the SDK has it in LiveConnectConfig and writes it into the setup",
    ("UsageMetadata", "candidatesTokenCount"): "Vertex's name; the SDK renames it when it reads",
    ("UsageMetadata", "candidatesTokensDetails"): "Vertex's name; the SDK renames it when it reads",
    ("ToolExaAiSearch", "enableDataRetention"): "one struct of ours serves both partners' searches",
    ("ToolExaAiSearch", "enableZeroDataRetention"): "one struct of ours serves both partners' searches",
}
ROOTS: tuple[Pair, ...] = (
    (types.LiveClientMessage, ours.ClientMessage),
    (types.LiveServerMessage, ours.ServerMessage),
    (types.RealtimeInputConfig, ours.RealtimeInputConfig),
    (types.Tool, ours.Tool),
    (types.AuthToken, ours.AuthToken),
)


def pairs() -> Iterator[Pair]:
    """Every struct of ours with the SDK's type that stands at the same place, each once."""
    todo, seen = list(ROOTS), set[Pair]()
    while todo:
        pair = todo.pop()
        if pair not in seen:
            seen.add(pair)
            yield pair
            todo.extend(_below(*pair))


def _below(theirs: type[BaseModel], mine: type[msgspec.Struct]) -> Iterator[Pair]:
    info = inspect.type_info(mine)
    assert isinstance(info, inspect.StructType)
    structs = {each.encode_name: struct for each in info.fields if (struct := _struct(each.type)) is not None}
    for alias, annotation in fields(theirs).items():
        struct = structs.get(RENAMED.get((theirs.__name__, alias), alias))
        if struct is not None:
            yield _model(annotation), struct


def fields(model: type[BaseModel]) -> dict[str, Any]:
    """Names on the wire and types of an SDK type's fields."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def wire_names(struct: type[msgspec.Struct]) -> set[str]:
    return {each.encode_name for each in msgspec.structs.fields(struct)}


def _struct(of: inspect.Type) -> type[msgspec.Struct] | None:
    match of:
        case inspect.Metadata():
            return _struct(of.type)
        case inspect.UnionType():
            return next((struct for each in of.types if (struct := _struct(each)) is not None), None)
        case inspect.ListType():
            return _struct(of.item_type)
        case inspect.StructType():
            return of.cls
    return None


def _model(annotation: Any) -> type[BaseModel]:
    """The one type that a live message may have here; the SDK's own conveniences beside it are left out."""
    found = [each for each in _leaves(annotation) if isinstance(each, type) and issubclass(each, BaseModel)]
    if not found:
        return types.Tool  # the SDK takes functions and foreign tools in the same list, and writes Tool
    return types.Content if types.Content in found else found[0]


def _leaves(annotation: Any) -> Iterator[Any]:
    inner = typing.get_args(annotation)
    if not inner:
        yield annotation
    for each in inner:
        yield from _leaves(each)


def filled(model: type[BaseModel]) -> dict[str, Any]:
    """A JSON tree of an SDK type with every field set, in camelCase."""
    return {alias: _value(annotation, (model,)) for alias, annotation in fields(model).items()}


def _value(annotation: Any, above: tuple[type[BaseModel], ...]) -> Any:
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Union or type(annotation).__name__ == "UnionType":
        if types.Content in inner:
            return _value(types.Content, above)
        return _value(next(each for each in inner if each is not type(None)), above)
    if origin is typing.Annotated or annotation is list:
        return [_value(types.Tool, above)]
    if origin is list:
        return [_value(inner[0], above)]
    if origin is dict:
        return {"user_key": _value(inner[1], above)}
    if origin is typing.Literal:
        return inner[-1]
    if isinstance(annotation, type):
        return _plain(annotation, above)
    return {"any_key": 1}


def _plain(kind: type[Any], above: tuple[type[BaseModel], ...]) -> Any:
    if issubclass(kind, BaseModel):
        below = (*above, kind)
        return {
            alias: _value(inner, below)
            for alias, inner in fields(kind).items()
            if not any(each in above for each in _leaves(inner) if isinstance(each, type))
        }
    if issubclass(kind, enum.Enum):
        return list(kind)[-1].value
    if issubclass(kind, datetime):
        return datetime(2026, 1, 1, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    samples: dict[type[Any], Any] = {bool: True, int: 3, float: 0.5, bytes: "-_8=", str: "7s"}
    return samples.get(kind, "x")

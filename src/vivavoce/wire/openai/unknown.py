"""Names in a JSON tree that its struct does not have. They are looked for only where the service refuses them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect


def unknown_names(tree: Any, kind: type[msgspec.Struct]) -> Iterator[str]:
    """Places of unknown names, such as `session.tools[2].meta`."""
    return _of_struct(tree, kind, "")


def _of_struct(node: Any, kind: type[msgspec.Struct], path: str) -> Iterator[str]:
    if not isinstance(node, dict):
        return
    fields, tag = _fields(kind)
    for name, value in node.items():
        place = f"{path}.{name}" if path else name
        if name in fields:
            yield from _of_value(value, fields[name], place)
        elif name != tag:
            yield place


def _of_value(node: Any, kinds: tuple[type[msgspec.Struct], ...], path: str) -> Iterator[str]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _of_value(item, kinds, f"{path}[{index}]")
    else:
        for kind in kinds:  # structs of this protocol never stand beside each other in one field
            yield from _of_struct(node, kind, path)


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[dict[str, tuple[type[msgspec.Struct], ...]], str | None]:
    """Structs below each field, and the name of the tag."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType), "a struct was asked for"
    return {field.encode_name: tuple(_structs(field.type)) for field in info.fields}, info.tag_field


def _structs(info: inspect.Type) -> Iterator[type[msgspec.Struct]]:
    match info:
        case inspect.StructType(cls=kind):
            yield kind
        case inspect.ListType(item_type=item):
            yield from _structs(item)
        case inspect.UnionType(types=types):
            for each in types:
                yield from _structs(each)

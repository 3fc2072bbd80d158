"""Bodies that are structs of the package and no models of this surface, for the OpenAPI document: with the fields, and
what their docstrings say of them.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec

from vivavoce.panel.outcome import Result
from vivavoce.store.studies import KeptBallot

REFS = "#/components/schemas/"
PREFIX = "Study"
"""Their names are short ones (`Share`, `Claim`), and a document has one space of names."""


class BallotPage(msgspec.Struct, frozen=True, kw_only=True):
    ballots: list[KeptBallot]
    next: str | None


BODIES = (Result, BallotPage)


def schema_of(body: type[msgspec.Struct]) -> dict[str, str]:
    """Of one of `BODIES`, by reference."""
    return {"$ref": f"{REFS}{PREFIX}{body.__name__}"}


def schemas() -> dict[str, dict[str, Any]]:
    """`BODIES` and whatever they are made of, by name."""
    _, found = msgspec.json.schema_components(BODIES, ref_template=f"{REFS}{PREFIX}{{name}}")
    kinds = {kind.__name__: kind for body in BODIES for kind in _structs(msgspec.inspect.type_info(body))}
    for name, schema in found.items():
        schema["title"] = f"{PREFIX}{name}"
        for field, meaning in _meanings(kinds[name]):
            schema["properties"][field]["description"] = meaning
    return {f"{PREFIX}{name}": schema for name, schema in found.items()}


def _structs(info: Any) -> Iterator[type[msgspec.Struct]]:
    """All that something is made of."""
    if isinstance(info, msgspec.inspect.StructType):
        yield info.cls
        for field in info.fields:
            yield from _structs(field.type)
        return
    parts = [getattr(info, name, None) for name in ("item_type", "key_type", "value_type")]
    for part in (*parts, *getattr(info, "types", ()), *getattr(info, "item_types", ())):
        if part is not None:
            yield from _structs(part)


def _meanings(kind: type[msgspec.Struct]) -> Iterator[tuple[str, str]]:
    """(name, docstring) of the fields that have one: it stands below the field."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef), "the source of a class is a class"
    for field, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match after:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield field.target.id, " ".join(text.split())

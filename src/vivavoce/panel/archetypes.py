"""Kinds of deciders, as data: how noisily they choose, what they fear, what they listen for (`data/archetypes.yaml`).

An archetype is our idea of people, not a finding. Every number says where it comes from, and most say "assumed".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from vivavoce.errors import InputError
from vivavoce.panel.packaged import packaged
from vivavoce.panel.personas import Archetype, Decider


class _Entry(Decider, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sources: dict[str, tuple[str, ...]]
    """By number: names of references, and notes."""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    references: dict[str, str]
    biases: dict[str, str]
    archetypes: tuple[_Entry, ...]


_TABLE = packaged("archetypes.yaml", _Table)
BIASES = _TABLE.biases
"""What each bias means, by id."""
ARCHETYPES: dict[str, Archetype] = {
    entry.id: Archetype(
        **{
            **msgspec.structs.asdict(entry),
            "sources": {
                number: "; ".join(_TABLE.references.get(name, name) for name in names)
                for number, names in entry.sources.items()
            },
        }
    )
    for entry in _TABLE.archetypes
}
"""By id, in the order of the table: the plainest first, who stand in where the evidence sounds like nobody."""


def chosen(ids: Iterable[str]) -> tuple[Archetype, ...]:
    """Archetypes by id, in the order of the table; all without ids.

    Raises:
        InputError: there is none of that name.
    """
    wanted = frozenset(ids)
    if unknown := sorted(wanted - ARCHETYPES.keys()):
        raise InputError(f"want archetypes of {', '.join(ARCHETYPES)}; got {', '.join(map(repr, unknown))}")
    return tuple(archetype for archetype in ARCHETYPES.values() if not wanted or archetype.id in wanted)


def likeness(archetypes: Sequence[Archetype], texts: Sequence[Sequence[str]]) -> list[list[bool]]:
    """For each archetype, which of the texts (as lower-case words) sound like it: hold one of its words or phrases."""
    joined = [f" {' '.join(words)} " for words in texts]
    return [
        [any(f" {phrase} " in text for phrase in archetype.drawn_to) for text in joined] for archetype in archetypes
    ]

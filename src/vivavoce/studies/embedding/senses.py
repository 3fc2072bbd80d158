"""What near means to embedders that are not of this package: figures that somebody measured here, in a small file."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from vivavoce.errors import InputError, StoreError
from vivavoce.panel.sense import SENSES, Sense
from vivavoce.studies.port import Embedder

FILE = "embedders.json"
"""In the data folder."""


class Measured(Sense, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sense, and where it comes from."""

    measured_on: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """The texts: how many, and their hash."""
    date: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$")]


def asked_as(name: str) -> str:
    """What an embedder is asked for by: "minilm" of "minilm/1", "openai:m" of "openai:m@host"."""
    if name.startswith("openai:"):
        return name.rpartition("@")[0] or name
    return name.partition("/")[0]


def sense_of(embedder: Embedder) -> Sense:
    """What its cosines mean.

    Raises:
        InputError: nobody has measured it.
    """
    if embedder.sense is None:
        raise InputError(
            f"want an embedder that was measured, got {embedder.name!r}: cosines of two embedders are different "
            f"things. `viva insights measure --embedder {asked_as(embedder.name)} --data DIR` measures it on texts "
            "that people have labelled"
        )
    return embedder.sense


def senses(folder: Path) -> dict[str, Measured]:
    """What was measured, by the embedder's name; nothing where there is no such file.

    Args:
        folder: of the data.
    Raises:
        InputError: the file holds something else.
    """
    try:
        found = msgspec.json.decode((folder / FILE).read_bytes(), type=dict[str, Measured])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(
            f"want figures of embedders in {FILE} of the data folder, as `viva insights measure` writes them: {error}"
        ) from None
    own = sorted(found.keys() & SENSES.keys())
    if own:
        raise InputError(f"want other embedders than those of the package in {FILE}, got {', '.join(own)}")
    return found


def keep(folder: Path, name: str, measured: Measured) -> None:
    """Write down what was measured of an embedder, in place of what was known of it.

    Raises:
        InputError: the file that is there holds something else.
        StoreError: it cannot be written.
    """
    known: Mapping[str, Measured] = dict(sorted({**senses(folder), name: measured}.items()))
    part = folder / f"{FILE}.{secrets.token_hex(4)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=2) + b"\n")
        part.replace(folder / FILE)
    except OSError as error:
        raise StoreError(f"figures of an embedder cannot be written to {FILE}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)

"""Packaged data files of the panel, read once at import. They are ours and trusted."""

from __future__ import annotations

from importlib import resources
from typing import TypeVar

import msgspec
import yaml

T = TypeVar("T")
# libyaml reads the same data some ten times faster; PyYAML without it has no such name
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DATA = resources.files("vivavoce.panel").joinpath("data")


def packaged(name: str, as_type: type[T]) -> T:
    """A file of `panel/data` as a typed value."""
    text = _DATA.joinpath(name).read_text("utf-8")
    if name.endswith(".json"):  # to YAML, 1e-05 is a word
        return msgspec.json.decode(text, type=as_type)
    return msgspec.convert(yaml.load(text, _Loader), as_type)  # noqa: S506  # a safe loader by another name

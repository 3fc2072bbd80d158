"""Packaged data files, read once at import. They are ours and trusted; agent files go through `nodes`."""

from __future__ import annotations

from importlib import resources
from typing import TypeVar

import msgspec
import yaml

T = TypeVar("T")
# libyaml reads the same data some ten times faster; PyYAML without it has no such name
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_DATA = resources.files("vivavoce.agents").joinpath("data")
PROMPTS = {file.name: file.read_text("utf-8") for file in _DATA.joinpath("prompts").iterdir()}
"""The prompt files by name. They are read like those of a server, with places for what does not hold."""


def packaged(name: str, as_type: type[T]) -> T:
    """A file of `agents/data` as a typed value."""
    text = _DATA.joinpath(name).read_text("utf-8")
    return msgspec.convert(yaml.load(text, _Loader), as_type)  # noqa: S506  # a safe loader by another name

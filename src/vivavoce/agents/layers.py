"""The prose of prompts, briefings and tools, as data (`data/prompt.yaml`)."""

from __future__ import annotations

import re

import msgspec

from vivavoce.agents.packaged import packaged


class Layer(msgspec.Struct, frozen=True):
    id: str
    text: str
    when: str = ""


class Prose(msgspec.Struct, frozen=True):
    version: int
    layers: tuple[Layer, ...]
    briefing: dict[str, str]
    tools: dict[str, str]


PROSE = packaged("prompt.yaml", Prose)
PROMPT_VERSION = PROSE.version
"""Stamped into a call's log: another wording is another prompt."""


def between(text: str, tag: str) -> str | None:
    """What stands between a line `<tag>` and a line `</tag>`, or None."""
    found = re.search(rf"^<{tag}>[ ]*\r?\n(.*?)^</{tag}>[ ]*\r?$", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else None

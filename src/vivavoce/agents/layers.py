"""The prose of prompts, briefings and tools, as versioned data (`data/prompts/VERSION.yaml`).

Several versions stand side by side; a call names the one it ran with. A server may add files of its own.
"""

from __future__ import annotations

import hashlib
import re
from string import Formatter

import msgspec

from vivavoce.agents.nodes import Scalar, Series, Table, compose
from vivavoce.agents.packaged import PROMPTS
from vivavoce.agents.problems import AgentFileError, Problem, did_you_mean
from vivavoce.agents.reading import Problems, Section
from vivavoce.agents.spec import GENERIC_TOOLS

CONDITIONS = (
    "several", "wants", "spoken", "shown", "one_question", "quick", "standard", "exploratory", "confirm", "shows",
    "brief", "silent", "escalate", "any_language", "listed_languages",
)  # fmt: skip
"""What a layer's `when` may name."""
VALUES = ("name", "title", "role", "others", "wants", "max_words", "escalate", "languages")
"""What may stand in {braces} of a layer."""
BRIEFINGS = ("opening", "handover", "handover_silent", "reseed", "nudge", "wrap_up", "idle")
LATER_BRIEFINGS = ("corrected", "page", "missed", "returned", "go_on")
"""Sentences that a prompt need not have: earlier versions were without them."""


class Layer(msgspec.Struct, frozen=True):
    id: str
    text: str
    when: str = ""


class Prose(msgspec.Struct, frozen=True):
    version: int
    layers: tuple[Layer, ...]
    briefing: dict[str, str]
    tools: dict[str, str]

    @property
    def hash(self) -> str:
        """SHA-256 of the wording: comments and the order of keys do not count."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


def read_prose(source: str, *, name: str) -> Prose:
    """A prompt file.

    Raises:
        AgentFileError: every problem with its line.
    """
    root = compose(source, name=name)
    problems = Problems()
    top = Section(problems, root, "", "a prompt file, a mapping")
    prose = Prose(0, (), {}, {})
    if isinstance(root, Table):
        version = top.whole("version", 1, 999_999)
        if version is None and top.peek("version") is None:
            top.miss("version", "a whole number from 1 to 999999")
        briefing = _texts(top, "briefing", BRIEFINGS, ("previous",), optional=LATER_BRIEFINGS)
        tools = _texts(top, "tools", GENERIC_TOOLS, ())
        prose = Prose(version or 0, _layers(top), briefing, tools)
        top.close()
    if problems.found:
        raise AgentFileError(name, problems.found)
    return prose


def _layers(top: Section) -> tuple[Layer, ...]:
    node = top.peek("layers")
    found: dict[str, Layer] = {}
    if not isinstance(node, Series) or not node.items:
        top.miss("layers", "a list of layers")
        return ()
    for at, item in enumerate(node.items):
        part = Section(top.problems, item, f"layers.{at}", "a layer, {id: …, text: …}")
        if not isinstance(item, Table):
            continue
        id_ = part.text("id", required=True)
        if id_ in found:
            part.miss("id", "each id once")
        when = part.choice("when", CONDITIONS, "")
        found[id_] = Layer(id_, _text(part, "text", VALUES), when)
        part.close()
    return tuple(found.values())


def _texts(
    top: Section, key: str, names: tuple[str, ...], values: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, str]:
    part = top.section(key, required=True)
    if part is None:
        return {}
    found = {name: _text(part, name, values) for name in names}
    found |= {name: _text(part, name, values) for name in optional if part.peek(name) is not None}
    part.close()
    return found


def _text(part: Section, key: str, values: tuple[str, ...]) -> str:
    """A text whose braces hold nothing but known values."""
    text = part.text(key, required=True)
    node = part.peek(key)
    if not isinstance(node, Scalar):
        return ""
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        part.miss(key, "text in which every { has its }")
        return ""
    for _, name, spec, conversion in parsed:
        if name is not None and (name not in values or spec or conversion):
            known = ", ".join(f"{{{value}}}" for value in values) or "none"
            part.miss(key, f"in braces only {known}", did_you_mean(name, values))
    return text


def _packaged() -> dict[int, Prose]:
    found = {}
    for name, source in PROMPTS.items():
        prose = read_prose(source, name=name)
        if name != f"{prose.version}.yaml":
            problem = Problem(line=1, column=1, path="version", wanted=name, came=str(prose.version))
            raise AgentFileError(name, [problem])
        found[prose.version] = prose
    return dict(sorted(found.items()))


PACKAGED = _packaged()
"""The package's prompts by their version, in order."""
PROSE = PACKAGED[max(PACKAGED)]
"""The newest of the package."""


def between(text: str, tag: str) -> str | None:
    """What stands between a line `<tag>` and a line `</tag>`, or None."""
    found = re.search(rf"^<{tag}>[ ]*\r?\n(.*?)^</{tag}>[ ]*\r?$", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else None

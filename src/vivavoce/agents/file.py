"""The agent file: text in, checked spec out, and edits that touch nothing but the value they are about."""

from __future__ import annotations

import re
from typing import Any

from vivavoce.agents.crosschecks import cross_check
from vivavoce.agents.emit import flow, quoted
from vivavoce.agents.grammar import read_spec
from vivavoce.agents.nodes import Node, Scalar, Series, Table, compose, locate, plain, resolve
from vivavoce.agents.problems import AgentFileError, Problem
from vivavoce.agents.spec import AgentSpec
from vivavoce.errors import InputError


class AgentFile:
    """An agent file that holds. Immutable: an edit gives another one.

    Attributes:
        name: for messages, as it was given.
        source: the text, byte for byte as it was loaded or edited.
        spec: what it says.
    """

    __slots__ = ("_root", "name", "source", "spec")

    def __init__(self, name: str, source: str, spec: AgentSpec, root: Node) -> None:
        self.name = name
        self.source = source
        self.spec = spec
        self._root = root

    def dump(self) -> str:
        """The text to store: the source itself."""
        return self.source

    def get(self, path: str) -> Any:
        """The raw value at a dotted path, as dicts, lists and scalars.

        Raises:
            InputError: nothing is there.
        """
        return plain(self._at(path))

    def set(self, path: str, value: object) -> AgentFile:
        """The file with another value at a dotted path such as `objectives.problem.ask` or `languages.0`.

        Only the source span of the old value changes; comments, order and spacing elsewhere stay. A list or mapping is
        written in flow style.

        Raises:
            InputError: nothing is at the path, or the value is no text, number, flag, list or mapping of such.
            AgentFileError: the file would no longer hold.
        """
        node = self._at(path)
        for text in _spellings(node, value):
            source = _patched(self.source, node, text)
            root = _composed(source)
            if root is not None and _same_but(self._root, root, path, value):
                return _checked(source, self.name, root)
        raise InputError(f"want a value that YAML can hold at {path}, got {type(value).__name__}")

    def _at(self, path: str) -> Node:
        node = locate(self._root, path)
        if node is None:
            raise InputError(f"want a path that is in the file, got {path}")
        return node


def load(source: str, *, name: str = "agent.yaml") -> AgentFile:
    """Read and check an agent file.

    Raises:
        AgentFileError: with every problem, or with the one syntax error.
    """
    return _checked(source, name, compose(source, name=name))


def _checked(source: str, name: str, root: Node) -> AgentFile:
    spec, problems = read_spec(root)
    if spec is not None:
        problems = cross_check(spec, root)
    if problems or spec is None:
        raise AgentFileError(
            name, problems or [Problem(line=1, column=1, path="", wanted="an agent file", came="nothing")]
        )
    return AgentFile(name, source, spec, root)


def _composed(source: str) -> Node | None:
    try:
        return compose(source)
    except AgentFileError:
        return None


def _spellings(node: Node, value: object) -> list[str]:
    """Ways to write a value, the one nearest to what stands there first. Reading it back shows which one is right."""
    if isinstance(value, list | tuple | dict):
        return [flow(value)]
    if not isinstance(value, str):
        return [flow(value)] if value is None or isinstance(value, bool | int | float) else []
    ways = {'"': quoted(value)}
    if re.fullmatch(r"\S(?:[^\n\r\x85\u2028\u2029]*\S)?", value):
        ways |= {"": value, "'": f"'{value}'"}
    style = node.style if isinstance(node, Scalar) else ""
    return [ways[way] for way in dict.fromkeys((style, "", "'", '"')) if way in ways]


def _patched(source: str, node: Node, text: str) -> str:
    start, end = node.start, node.end
    end = start + len(source[start:end].rstrip())  # a block text's mark stands behind its line break
    before = source[:start]
    if start == end and before[-1:] == ":":
        text = " " + text  # nothing stood behind the colon
    return before + text + source[end:]


def _same_but(old: Node, new: Node, path: str, value: object) -> bool:
    """The new tree is the old one with just that value replaced."""
    target = locate(new, path)
    if target is None or not _holds(target, value):
        return False
    return _equal(old, new, locate(old, path))


def _holds(node: Node, value: object) -> bool:
    match node:
        case Scalar():
            found = resolve(node)
            return type(found) is type(value) and found == value
        case Series():
            return (
                isinstance(value, list | tuple)
                and len(value) == len(node.items)
                and all(map(_holds, node.items, value))
            )
        case Table():
            if not isinstance(value, dict) or len(value) != len(node.entries):
                return False
            pairs = zip(node.entries, value.items(), strict=True)
            return all(
                isinstance(key, Scalar) and key.value == name and _holds(part, held)
                for (key, part), (name, held) in pairs
            )


def _equal(old: Node, new: Node, spared: Node | None) -> bool:
    if old is spared:
        return True
    if isinstance(old, Scalar) and isinstance(new, Scalar):
        return old.value == new.value and old.style == new.style
    if isinstance(old, Series) and isinstance(new, Series):
        pairs = list(zip(old.items, new.items, strict=False))
        return len(old.items) == len(new.items) and all(_equal(a, b, spared) for a, b in pairs)
    if isinstance(old, Table) and isinstance(new, Table):
        if len(old.entries) != len(new.entries):
            return False
        return all(
            _equal(a, c, spared) and _equal(b, d, spared)
            for (a, b), (c, d) in zip(old.entries, new.entries, strict=True)
        )
    return False

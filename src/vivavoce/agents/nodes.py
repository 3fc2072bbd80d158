"""YAML text to a tree of nodes that know their place in the text.

The agent file is a small, safe part of YAML: one document, no anchors, no tags, no tabs. Scalars stay text until a
reader asks for something else, so `no` and `on` are words where a word is wanted. PyYAML's parser gives events with
character positions; its composer and constructors are not used.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from vivavoce.agents.problems import AgentFileError, Problem, shorten

MAX_BYTES = 256 * 1024
"""A file of fifty lines has 3 kB; this leaves room for long prose and none for a flood."""
MAX_NODES = 5000
"""The largest sample has 213. PyYAML's parser takes some 30 µs for each, so this bounds what one file can cost."""
MAX_DEPTH = 16
"""The deepest sample reaches 5."""


@dataclass(slots=True)
class Scalar:
    """A value without parts. `style` is "" when plain, else the YAML sign that opens it: ' " | >."""

    value: str
    style: str
    start: int
    end: int
    line: int
    column: int

    @property
    def empty(self) -> bool:
        return self.style == "" and self.value in ("", "~", "null", "Null", "NULL")


@dataclass(slots=True)
class Table:
    """A mapping. Keys may be any node here; readers refuse those that are not words."""

    flow: bool
    start: int
    end: int
    line: int
    column: int
    entries: list[tuple[Node, Node]] = field(default_factory=list)


@dataclass(slots=True)
class Series:
    """A sequence."""

    flow: bool
    start: int
    end: int
    line: int
    column: int
    items: list[Node] = field(default_factory=list)


Node = Scalar | Table | Series


def compose(source: str, *, name: str = "agent.yaml") -> Node:
    """The tree of a document.

    Raises:
        AgentFileError: not YAML, or more YAML than an agent file may use.
    """
    if len(source.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise AgentFileError(
            name, [Problem(line=1, column=1, path="", wanted=f"at most {MAX_BYTES // 1024} KiB", came="more")]
        )
    tab = source.find("\t")
    if tab >= 0:
        raise AgentFileError(name, [_at(source, tab, "spaces", "a tab", 'write \\t inside "…" where a tab is meant')])
    try:
        loader = yaml.SafeLoader(source)
    except yaml.reader.ReaderError as error:
        sign = error.character if isinstance(error.character, str) else chr(error.character)
        raise AgentFileError(name, [_at(source, error.position, "printable text", f"U+{ord(sign):04X}")]) from error
    try:
        return _Composer(source, name).compose(_events(loader))
    except yaml.MarkedYAMLError as error:
        raise AgentFileError(name, [_syntax(source, error)]) from error
    except (ValueError, OverflowError) as error:  # PyYAML lets chr() and int() fail on absurd escapes and versions
        problem = _at(source, min(loader.index, len(source)), "valid YAML", "an escape or number outside of its range")
        raise AgentFileError(name, [problem]) from error


def _events(loader: yaml.SafeLoader) -> Iterator[yaml.Event]:
    while loader.check_event():
        yield loader.get_event()  # type: ignore[no-untyped-call]  # the stubs leave this one method out


class _Composer:
    """Builds the tree with a stack of its own, so that depth is ours to bound."""

    def __init__(self, source: str, name: str) -> None:
        self._source = source
        self._name = name
        self._open: list[Table | Series] = []
        self._keys: list[Node | None] = []
        self._root: Node | None = None
        self._nodes = 0

    def compose(self, events: Iterator[yaml.Event]) -> Node:
        documents = 0
        for event in events:
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        self._refuse(event.start_mark, "one document", "a second one")
                case yaml.AliasEvent():
                    self._refuse(event.start_mark, "the value itself", f"an alias, *{shorten(event.anchor or '')}")
                case yaml.ScalarEvent():
                    self._check(event)
                    mark, end = _mark(event.start_mark), _mark(event.end_mark)
                    place = (mark.index, end.index, mark.line + 1, mark.column + 1)
                    self._place(Scalar(event.value, event.style or "", *place))
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._check(event)
                    self._begin(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._end(_mark(event.end_mark).index)
                case _:
                    pass  # stream marks and document ends carry nothing
        return self._root if self._root is not None else Scalar("", "", 0, 0, 1, 1)

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        mark = _mark(event.start_mark)
        if len(self._open) >= MAX_DEPTH:
            self._refuse(event.start_mark, f"at most {MAX_DEPTH} levels", "a deeper one")
        kind = Table if isinstance(event, yaml.MappingStartEvent) else Series
        node = kind(bool(event.flow_style), mark.index, mark.index, mark.line + 1, mark.column + 1)
        self._place(node)
        self._open.append(node)
        self._keys.append(None)

    def _end(self, index: int) -> None:
        node = self._open.pop()
        self._keys.pop()
        # A block ends where its last part ends; PyYAML's mark stands behind the blank lines and comments that follow.
        last = node.items[-1:] if isinstance(node, Series) else [value for _, value in node.entries[-1:]]
        node.end = index if node.flow or not last else max(last[0].end, node.start)

    def _place(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Series):
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = node
        else:
            parent.entries.append((key, node))
            self._keys[-1] = None

    def _check(self, event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._refuse(event.start_mark, f"at most {MAX_NODES} keys and values", "more")
        if event.anchor is not None:
            self._refuse(event.start_mark, "a value without an anchor", f"&{shorten(event.anchor)}")
        if event.tag is not None:
            self._refuse(event.start_mark, "a value without a tag", shorten(event.tag))
        if isinstance(event, yaml.ScalarEvent) and any("\ud800" <= sign <= "\udfff" for sign in event.value):
            self._refuse(event.start_mark, "Unicode text", "half of a surrogate pair")

    def _refuse(self, mark: object, wanted: str, came: str) -> None:
        raise AgentFileError(self._name, [_at(self._source, _mark(mark).index, wanted, came)])


def _mark(mark: object) -> yaml.Mark:
    """The mark of an event. PyYAML types it as optional, but its parser sets one on every event."""
    assert isinstance(mark, yaml.Mark), "the parser marks every event"
    return mark


def _at(source: str, index: int, wanted: str, came: str, hint: str = "") -> Problem:
    line = source.count("\n", 0, index) + 1
    column = index - (source.rfind("\n", 0, index) + 1) + 1
    return Problem(line=line, column=column, path="", wanted=wanted, came=came, hint=hint)


def _syntax(source: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    assert mark is not None, "the scanner and the parser always say where"
    text = source.splitlines()[mark.line] if mark.line < len(source.splitlines()) else ""
    came = shorten(error.problem or "something else", 100)
    hint = ""
    if re.search(r"[\[{,].*\?\s*[,}\]]", text) or re.search(r":\s[^\"'#]*:\s", text):
        hint = 'put text that holds a question mark, a comma or a colon in "quotes"'
    return Problem(line=mark.line + 1, column=mark.column + 1, path="", wanted="valid YAML", came=came, hint=hint)


_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,30}|[0-9]{1,30}(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,3})?")


def resolve(scalar: Scalar) -> str | int | float | bool | None:
    """The value of a scalar by YAML 1.2's core schema, decimals only. Quoted text is always text."""
    if scalar.style:
        return scalar.value
    if scalar.empty:
        return None
    if scalar.value in ("true", "True", "TRUE"):
        return True
    if scalar.value in ("false", "False", "FALSE"):
        return False
    if _INT.fullmatch(scalar.value):
        return int(scalar.value)
    if _FLOAT.fullmatch(scalar.value) and math.isfinite(number := float(scalar.value)):
        return number
    return scalar.value


def plain(node: Node) -> Any:
    """The tree as dicts, lists and scalars. Of two equal keys the later wins; a key that is no scalar is left out."""
    match node:
        case Scalar():
            return resolve(node)
        case Series():
            return [plain(item) for item in node.items]
        case Table():
            return {key.value: plain(value) for key, value in node.entries if isinstance(key, Scalar)}


def locate(root: Node, path: str) -> Node | None:
    """The node a dotted path leads to. Items of a list go by number; a key that holds dots is found too."""
    return _walk(root, path.split(".")) if path else root


def _walk(node: Node, parts: list[str]) -> Node | None:
    if not parts:
        return node
    if isinstance(node, Series):
        first = parts[0]
        if first.isascii() and first.isdigit() and len(first) < 7 and int(first) < len(node.items):
            return _walk(node.items[int(first)], parts[1:])
        return None
    if isinstance(node, Table):
        for taken in range(len(parts), 0, -1):  # the longest key first: `experiment.change.b` holds keys with dots
            wanted = ".".join(parts[:taken])
            for key, value in node.entries:
                if isinstance(key, Scalar) and key.value == wanted:
                    return _walk(value, parts[taken:])
    return None

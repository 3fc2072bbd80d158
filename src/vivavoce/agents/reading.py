"""Typed reading of nodes. Every reader notes what does not hold and goes on, so that all problems are told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar

from vivavoce.agents.nodes import Node, Scalar, Series, Table, resolve
from vivavoce.agents.problems import Problem, did_you_mean, shorten

T = TypeVar("T")
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")
_BOOLISH = {"yes", "no", "on", "off", "y", "n", "true", "false"}


def came(node: Node | None) -> str:
    """What stands there, in words for a message."""
    match node:
        case None:
            return "nothing"
        case Table():
            return "a mapping"
        case Series():
            return "a list"
        case Scalar() if node.empty:
            return "nothing"
        case Scalar():
            return shorten(node.value) or "empty text"


class Problems:
    """What was found so far."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, node: Node, path: str, wanted: str, got: str, hint: str = "", *, offset: int = 0) -> None:
        """Note a problem at a node; `offset` is counted within a plain or quoted scalar of one line."""
        shift = offset + len(node.style) if isinstance(node, Scalar) and offset and node.style in ("", '"', "'") else 0
        problem = Problem(line=node.line, column=node.column + shift, path=path, wanted=wanted, came=got, hint=hint)
        self.found.append(problem)


class Section:
    """One mapping under reading. Keys are known once asked for; `close` refuses the rest."""

    def __init__(self, problems: Problems, node: Node, path: str, wanted: str = "a mapping") -> None:
        self.problems, self.node, self.path = problems, node, path
        self._known: list[str] = []
        self._entries: dict[str, tuple[Scalar, Node]] = {}
        if isinstance(node, Table):
            self._index(node)
        else:
            problems.add(node, path, wanted, came(node))

    def _index(self, table: Table) -> None:
        for key, value in table.entries:
            if not isinstance(key, Scalar):
                self.problems.add(key, self.path, "a word as a key", came(key))
            elif not key.style and (not isinstance(resolve(key), str) or key.value.lower() in _BOOLISH):
                hint = "YAML reads it as yes or no in places; choose another word"
                self.problems.add(
                    key, self.path, "a word as a key", came(key), hint if key.value.lower() in _BOOLISH else ""
                )
                self._known.append(key.value)
            elif key.value in self._entries:
                first = self._entries[key.value][0]
                self.problems.add(key, self.at(key.value), "each key once", "it again", f"first on line {first.line}")
            else:
                self._entries[key.value] = (key, value)

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def miss(self, key: str, wanted: str, hint: str = "", *, offset: int = 0, node: Node | None = None) -> None:
        """Note a problem with the value of a key, or with its absence."""
        value = node or self.peek(key)
        self.problems.add(value or self.node, self.at(key), wanted, came(value), hint, offset=offset)

    def peek(self, key: str) -> Node | None:
        self._known.append(key)
        return self._entries[key][1] if key in self._entries else None

    def has(self, key: str) -> bool:
        """Whether the key stands here with something behind it."""
        value = self.peek(key)
        return value is not None and not (isinstance(value, Scalar) and value.empty)

    def entries(self) -> Iterator[tuple[str, Scalar, Node]]:
        """Every entry, for mappings whose keys are the author's own words."""
        for id_, (key, value) in self._entries.items():
            self._known.append(id_)
            yield id_, key, value

    def items(self) -> Iterator[tuple[str, Scalar, Node]]:
        """As `entries`, with keys that serve as names: small letters, digits and underscores."""
        for id_, key, value in self.entries():
            if _SLUG.fullmatch(id_):
                yield id_, key, value
            else:
                suggestion = re.sub(r"[^a-z0-9]+", "_", id_.lower()).strip("_")
                hint = f"did you mean {suggestion}" if _SLUG.fullmatch(suggestion) else ""
                self.problems.add(key, self.at(id_), "a name of small letters, digits and _", shorten(id_), hint)

    def close(self) -> None:
        """Refuse every key nobody asked for."""
        for id_, (key, value) in self._entries.items():
            if id_ in self._known:
                continue
            hint = did_you_mean(id_, self._known)
            if not hint and isinstance(value, Scalar) and value.empty and (" " in id_ or id_.endswith("?")):
                hint = 'a comma ended the text before; put it in "quotes"'
            known = ", ".join(dict.fromkeys(self._known)) or "no key"
            self.problems.add(key, self.at(id_), f"one of {known}", shorten(id_) or "an empty key", hint)

    # ------------------------------------------------------------------------------------------- values of one key

    def scalar(self, key: str, wanted: str, *, required: bool) -> Scalar | None:
        node = self.peek(key)
        if isinstance(node, Scalar) and not node.empty:
            return node
        if required or node is not None:
            self.miss(key, wanted)
        return None

    def text(self, key: str, *, required: bool = False, default: str = "") -> str:
        node = self.scalar(key, "text", required=required)
        if node is None:
            return default
        flat = " ".join(node.value.split())
        if not flat:
            self.miss(key, "text")
        return flat or default

    def matching(self, key: str, pattern: str, wanted: str, *, required: bool = False) -> str:
        node = self.scalar(key, wanted, required=required)
        if node is None:
            return ""
        if not re.fullmatch(pattern, node.value):
            self.miss(key, wanted)
        return node.value

    def parsed(self, key: str, parse: Callable[[str], T | None], wanted: str, *, required: bool = False) -> T | None:
        """A scalar that `parse` understands."""
        node = self.scalar(key, wanted, required=required)
        if node is None:
            return None
        value = parse(node.value)
        if value is None:
            self.miss(key, wanted)
        return value

    def number(self, key: str, low: float, high: float, *, required: bool = False) -> float | None:
        node = self.scalar(key, wanted := f"a number from {low:g} to {high:g}", required=required)
        if node is None:
            return None
        value = number_of(node)
        if value is None or not low <= value <= high:
            self.miss(key, wanted)
            return None
        return value

    def whole(self, key: str, low: int, high: int) -> int | None:
        node = self.scalar(key, wanted := f"a whole number from {low} to {high}", required=False)
        if node is None:
            return None
        value = number_of(node)
        if value is None or not low <= value <= high or value != int(value):
            self.miss(key, wanted)
            return None
        return int(value)

    def flag(self, key: str, default: bool) -> bool:
        node = self.scalar(key, "true or false", required=False)
        if node is None:
            return default
        value = resolve(node)
        if isinstance(value, bool):
            return value
        word = node.value.lower()
        meant = "true" if word in ("yes", "on", "y") else "false" if word in ("no", "off", "n") else ""
        self.miss(
            key, "true or false", f"did you mean {meant}" if meant else did_you_mean(node.value, ("true", "false"))
        )
        return default

    def choice(self, key: str, options: Collection[str], default: str, *, required: bool = False) -> Any:
        """One of a few words. Typed `Any` so that it fits the literal type of the struct it goes to."""
        node = self.scalar(key, wanted := one_of(options), required=required)
        if node is None:
            return default
        if node.value not in options:
            self.miss(key, wanted, did_you_mean(node.value, options))
            return default
        return node.value

    def joined(self, key: str, options: Collection[str], *, required: bool = False) -> tuple[str, ...]:
        """Words joined by +, such as `spell+screen`."""
        node = self.scalar(key, wanted := f"{one_of(options)}, or several joined by +", required=required)
        words = tuple(word.strip() for word in node.value.split("+")) if node else ()
        wrong = [word for word in words if word not in options]
        if wrong or len(set(words)) != len(words):
            self.miss(key, wanted, did_you_mean(wrong[0], options) if wrong else "")
        return words

    def texts(self, key: str, *, lone: bool = False) -> tuple[str, ...]:
        """A list of texts; with `lone` one text alone will do."""
        return tuple(text for text, _ in self.words(key, lone=lone))

    def words(self, key: str, *, lone: bool = False) -> list[tuple[str, Scalar]]:
        """A list of texts with their nodes, each once."""
        node = self.peek(key)
        if node is None:
            return []
        if lone and isinstance(node, Scalar) and not node.empty:
            return [(node.value, node)]
        if not isinstance(node, Series):
            hint = "write it in [brackets]" if isinstance(node, Scalar) and not node.empty else ""
            self.miss(key, "a list of texts", hint)
            return []
        found: dict[str, Scalar] = {}
        for at, item in enumerate(node.items):
            where = f"{self.at(key)}.{at}"
            if not isinstance(item, Scalar) or item.empty or not item.value.strip():
                hint = 'a text with a colon needs "quotes"' if isinstance(item, Table) else ""
                self.problems.add(item, where, "text", came(item), hint)
            elif (flat := " ".join(item.value.split())) in found:
                self.problems.add(item, where, "each entry once", shorten(flat))
            else:
                found[flat] = item
        return list(found.items())

    def section(self, key: str, *, required: bool = False) -> Section | None:
        node = self.peek(key)
        if node is None:
            if required:
                self.problems.add(self.node, self.at(key), f"a section `{key}`", "none")
            return None
        return Section(self.problems, node, self.at(key))


def number_of(node: Scalar) -> float | None:
    value = resolve(node)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def one_of(options: Collection[str]) -> str:
    names = list(options)
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]

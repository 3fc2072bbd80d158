"""The condition language: `asked or value.done`, `team_size >= 50`, `email and not (timeline == later)`.

    condition  = or ;  or = and {"or" and} ;  and = not {"and" not} ;  not = "not" not | "(" or ")" | test
    test       = name [("==" | "!=" | "<" | "<=" | ">" | ">=") (number | "quoted" | word)]

Pure and total: a name nobody knows is false, and so is every comparison with a fact that was not given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from vivavoce.agents.states import FactState, FactView
from vivavoce.errors import InputError

MAX_LENGTH = 500
MAX_DEPTH = 30
_STATES = {state.value: state for state in FactState}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[-+]?[0-9]{1,15}(?:\.[0-9]{1,9})?(?![\w.]))|(?P<name>[^\W\d][\w-]*(?:\.[^\W\d][\w-]*)*)"
    r"|(?P<quoted>\"[^\"]*\"|'[^']*')|(?P<sign>==|!=|<=|>=|<|>|\(|\)))"
)
_SIGNS = ("==", "!=", "<", "<=", ">", ">=")


class ConditionError(InputError):
    """A condition that cannot be read.

    Attributes:
        offset: characters before the trouble.
        wanted, came: as in a `Problem`.
    """

    def __init__(self, offset: int, wanted: str, came: str) -> None:
        self.offset, self.wanted, self.came = offset, wanted, came
        super().__init__(f"at {offset + 1}: want {wanted}, got {came}")


class Test(msgspec.Struct, frozen=True):
    """A name alone (sign "") or compared with a literal. `offset` is where the name stands."""

    name: str
    sign: str = ""
    literal: str | float = ""
    offset: int = 0

    __test__ = False  # pytest would take the name for one of its own


class Not(msgspec.Struct, frozen=True):
    part: Expression


class Both(msgspec.Struct, frozen=True):
    parts: tuple[Expression, ...]


class Either(msgspec.Struct, frozen=True):
    parts: tuple[Expression, ...]


Expression = Test | Not | Both | Either


class Condition(msgspec.Struct, frozen=True):
    """A parsed condition. `text` is as it was written."""

    text: str
    root: Expression

    @property
    def tests(self) -> tuple[Test, ...]:
        """Every test in it, left to right."""
        return tuple(_tests(self.root))

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it speaks of, once, left to right."""
        return tuple(dict.fromkeys(test.name for test in self.tests))

    def evaluate(self, view: Mapping[str, FactView]) -> bool:
        """Whether it holds.

        A name is true when its fact was answered or confirmed. `field.state` compares with a state's name, and
        `field.refused` asks for that state. `objective.done` is looked up under that very name.
        """
        return _holds(self.root, view)


def parse_condition(text: str) -> Condition:
    """A condition from its text.

    Raises:
        ConditionError: outside the language; says where.
    """
    if len(text) > MAX_LENGTH:
        raise ConditionError(MAX_LENGTH, f"at most {MAX_LENGTH} characters", f"{len(text)}")
    return Condition(text, _Parser(_tokens(text), len(text)).whole())


class _Token(NamedTuple):
    kind: str
    text: str
    offset: int


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            offset = at + len(text[at:]) - len(text[at:].lstrip())
            raise ConditionError(offset, "a name, a number, a comparison or a bracket", repr(text[offset]))
        kind, part = found.lastgroup, found[found.lastgroup]
        if kind == "name" and part in ("and", "or", "not"):
            kind = "sign"
        tokens.append(_Token(kind, part, found.start(found.lastgroup)))
        at = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens = [*tokens, _Token("end", "the end", length)]
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        root = self._either()
        if self._next.kind != "end":
            raise self._trouble("and, or, or the end")
        return root

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *texts: str) -> bool:
        if self._next.kind == "sign" and self._next.text in texts:
            self._at += 1
            return True
        return False

    def _trouble(self, wanted: str) -> ConditionError:
        return ConditionError(self._next.offset, wanted, self._next.text)

    def _either(self) -> Expression:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _both(self) -> Expression:
        parts = [self._not()]
        while self._take("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _not(self) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._trouble(f"at most {MAX_DEPTH} levels")
        try:
            if self._take("not"):
                return Not(self._not())
            if self._take("("):
                inside = self._either()
                if not self._take(")"):
                    raise self._trouble(")")
                return inside
            return self._test()
        finally:
            self._depth -= 1

    def _test(self) -> Test:
        name = self._next
        if name.kind != "name":
            raise self._trouble("a name")
        self._at += 1
        sign = self._next.text
        if not self._take(*_SIGNS):
            return Test(name.text, offset=name.offset)
        right = self._next
        if right.kind not in ("number", "quoted", "name"):
            raise self._trouble("a number, a word or quoted text")
        self._at += 1
        if self._next.kind == "sign" and self._next.text in _SIGNS:
            raise self._trouble("and or or between comparisons")
        literal = float(right.text) if right.kind == "number" else right.text.strip("\"'")
        return Test(name.text, sign, literal, name.offset)


def _tests(root: Expression) -> list[Test]:
    match root:
        case Test():
            return [root]
        case Not(part):
            return _tests(part)
        case Both(parts) | Either(parts):
            return [test for part in parts for test in _tests(part)]


def _holds(root: Expression, view: Mapping[str, FactView]) -> bool:
    match root:
        case Test():
            return _passes(root, view)
        case Not(part):
            return not _holds(part, view)
        case Both(parts):
            return all(_holds(part, view) for part in parts)
        case Either(parts):
            return any(_holds(part, view) for part in parts)


def _passes(test: Test, view: Mapping[str, FactView]) -> bool:
    name, _, attribute = test.name.rpartition(".")
    seen = view.get(test.name)
    if seen is None and name in view and attribute == "state":
        return _COMPARE.get(test.sign, _never)(view[name].state.value, test.literal)
    if seen is None and name in view and attribute in _STATES:
        return not test.sign and view[name].state is _STATES[attribute]
    if seen is None or not seen.state.given:
        return False
    if not test.sign:
        return seen.value is not False
    return _compare(seen.value, test.sign, test.literal)


def _compare(value: Any, sign: str, literal: str | float) -> bool:
    if isinstance(value, list | tuple):
        held = any(_compare(item, "==", literal) for item in value)
        return held if sign == "==" else (not held if sign == "!=" else False)
    if isinstance(value, Mapping):
        value = value.get("amount")
    if isinstance(value, bool):
        value = "true" if value else "false"
    if isinstance(value, int | float) and isinstance(literal, float):
        return _COMPARE[sign](value, literal)
    if isinstance(value, str) and isinstance(literal, str):
        return _COMPARE[sign](value.casefold(), literal.casefold())
    return sign == "!="


def _never(_: Any, __: Any) -> bool:
    return False


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
}

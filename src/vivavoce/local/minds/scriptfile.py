"""A script's file to rules: read strictly, every problem told at once with its line.

The format is described in docs/reference/script-brain.md. YAML is read as agent files are: `agents/nodes.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vivavoce.agents.nodes import MAX_BYTES, Node, Scalar, Series, Table, compose, plain
from vivavoce.agents.problems import AgentFileError, Problem, shorten
from vivavoce.agents.reading import Problems, Section
from vivavoce.errors import InputError

MOST_TURNS = 100_000
MOST_SILENCE_S = 600.0
ALWAYS_KNOWN = frozenset({"text", "turn"})
PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")
_VERBS = ("say", "think", "silence", "call", "end")


class ScriptError(InputError):
    """A script does not hold.

    Attributes:
        problems: in the order of the file, at least one.
    """

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        super().__init__("\n".join(f"{name}:{problem}" for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Saying:
    """Say a text, or think it."""

    text: str
    thought: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    seconds: float


@dataclass(frozen=True, slots=True)
class Calling:
    """Call a tool, then go on by what it answers. `failed` is None where the script says nothing of it."""

    name: str
    args: dict[str, Any]
    then: tuple[Step, ...]
    failed: tuple[Step, ...] | None


@dataclass(frozen=True, slots=True)
class End:
    """From here on nothing is answered."""


Step = Saying | Silence | Calling | End


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done in a turn for which all conditions hold; None is no condition."""

    steps: tuple[Step, ...]
    when: re.Pattern[str] | None = None
    heard: re.Pattern[str] | None = None
    typed: re.Pattern[str] | None = None
    turn: int | None = None
    cut: bool | None = None
    once: bool = False

    @property
    def groups(self) -> set[str]:
        """The names its patterns give to parts of what is said."""
        patterns = (self.when, self.heard, self.typed)
        return {name for pattern in patterns if pattern is not None for name in pattern.groupindex}


def read_file(path: Path) -> tuple[Rule, ...]:
    """The rules of a file.

    Raises:
        InputError: it cannot be read.
        ScriptError: it does not hold.
    """
    try:
        with path.open("rb") as file:
            source = file.read(MAX_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"want a script, got {path}: {why}") from error
    return read_rules(source, name=str(path))


def read_rules(source: str, *, name: str = "script.yaml") -> tuple[Rule, ...]:
    """The rules of a text.

    Raises:
        ScriptError: it does not hold.
    """
    try:
        root = compose(source, name=name)
    except AgentFileError as error:
        raise ScriptError(name, error.problems) from error
    problems = Problems()
    file = Section(problems, root, "", "a mapping with `script` and `turns`")
    file.text("script", required=True)
    sections = [Section(problems, node, path) for node, path in _list(file, "turns", "a list of turns")]
    rules = tuple(_rule(section) for section in sections if isinstance(section.node, Table))
    file.close()
    if not problems.found:
        known = ALWAYS_KNOWN.union(*(rule.groups for rule in rules))
        _check_names(problems, root, known, path="", result=False)
    if problems.found:
        raise ScriptError(name, problems.found)
    return rules


def _rule(section: Section) -> Rule:
    turn = section.whole("turn", 1, MOST_TURNS)
    rule = Rule(
        when=_pattern(section, "when"),
        heard=_pattern(section, "heard"),
        typed=_pattern(section, "typed"),
        turn=turn,
        cut=section.flag("cut", False) if section.has("cut") else None,
        once=section.flag("once", False),
        steps=_steps(section, "do", required=True),
    )
    section.close()
    return rule


def _pattern(section: Section, key: str) -> re.Pattern[str] | None:
    node = section.scalar(key, wanted := "a regular expression", required=False)
    if node is None:
        return None
    try:
        return re.compile(node.value, re.IGNORECASE)
    except re.error as error:
        section.miss(key, wanted, str(error.msg))
        return None


def _steps(section: Section, key: str, *, required: bool = False) -> tuple[Step, ...]:
    if not required and not section.has(key):
        return ()
    nodes = _list(section, key, "a list of steps")
    return tuple(step for node, path in nodes if (step := _step(Section(section.problems, node, path))) is not None)


def _list(section: Section, key: str, wanted: str) -> Iterator[tuple[Node, str]]:
    node = section.peek(key)
    if not isinstance(node, Series) or not node.items:
        section.miss(key, wanted)
        return
    for at, item in enumerate(node.items):
        yield item, f"{section.at(key)}.{at}"


def _step(section: Section) -> Step | None:
    if not isinstance(section.node, Table):
        return None
    verbs = [verb for verb in _VERBS if section.peek(verb) is not None]
    if len(verbs) != 1:
        section.problems.add(section.node, section.path, f"one of {', '.join(_VERBS)}", " and ".join(verbs) or "none")
        return None
    step: Step | None
    match verbs[0]:
        case "call":
            step = _calling(section)
        case "silence":
            seconds = section.number("silence", 0, MOST_SILENCE_S, required=True)
            step = Silence(seconds or 0.0)
        case "end":
            step = End() if section.flag("end", True) else None
        case verb:
            step = Saying(section.text(verb, required=True), thought=verb == "think")
    section.close()
    return step


def _calling(section: Section) -> Calling:
    name = section.matching("call", _NAME.pattern, "the name of a tool", required=True)
    args = section.peek("with")
    if args is not None and not isinstance(plain(args), dict):
        section.miss("with", "a mapping of arguments")
    failed = _steps(section, "failed", required=True) if section.has("failed") else None
    found = plain(args) if args is not None else {}
    return Calling(name, found if isinstance(found, dict) else {}, _steps(section, "then"), failed)


def _check_names(problems: Problems, node: Node, known: frozenset[str], *, path: str, result: bool) -> None:
    """Every {name} of every text must be one that can be filled; `result` is known behind a call."""
    if isinstance(node, Series):
        for at, item in enumerate(node.items):
            _check_names(problems, item, known, path=f"{path}.{at}", result=result)
        return
    if isinstance(node, Scalar):
        for found in PLACEHOLDER.finditer(node.value):
            name = found[1]
            if name is None or name in known or (result and name.partition(".")[0] == "result"):
                continue
            wanted = f"one of {', '.join(sorted(known | ({'result'} if result else set())))}"
            problems.add(node, path, wanted, shorten(f"{{{name}}}"), "write {{ for a brace", offset=found.start())
        return
    for key, value in node.entries:
        word = key.value if isinstance(key, Scalar) else ""
        if word in ("when", "heard", "typed"):
            continue  # braces count repetitions there
        _check_names(
            problems, value, known, path=f"{path}.{word}".strip("."), result=result or word in ("then", "failed")
        )

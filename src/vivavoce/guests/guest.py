"""The guest file: who a simulated caller is, what they know and how they talk.

`load` turns the YAML text into checked structs. Every problem of a file is found at once and told with line and column.
The grammar is described for readers in docs/howto/simulate-a-caller.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from vivavoce.errors import InputError

VOICES = ("slt", "rms", "awb", "kal16")
"""The 16 kHz voices that Debian's flite carries; its 8 kHz `kal` is left out because recognisers mishear it."""

MAX_FILE_CHARS = 100_000

_KEYS = (
    *("guest", "name", "about", "voice", "seed", "consent", "opening", "talks", "knows", "interrupts"),
    *("fallback", "nudge", "confirm", "goodbye"),
)


class Topic(msgspec.Struct, frozen=True):
    """One thing the guest can talk about.

    `when` holds words or phrases to look for in the agent's question; a word that ends in `*` stands for every word
    that begins so. `say` holds successive answers: the first time the first, when asked again the next. `refuse` comes
    after them.
    """

    id: str
    when: tuple[str, ...]
    say: tuple[str, ...] = ()
    refuse: str = ""

    @property
    def answers(self) -> tuple[str, ...]:
        return (*self.say, self.refuse) if self.refuse else self.say


class Filler(msgspec.Struct, frozen=True):
    """A habit: each `every`-th answer begins with one of `say`. `every` 0 means never."""

    every: int = 0
    say: tuple[str, ...] = ()


class Interrupt(msgspec.Struct, frozen=True):
    """Once: when the agent's caption holds one of `when` and `after_s` of the reply have been heard, say `say`."""

    when: tuple[str, ...]
    say: str
    after_s: float = 1.0


class Guest(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    topics: tuple[Topic, ...]
    voice: str = "slt"
    seed: int = 1
    about: str = ""
    opening: str = ""
    """Said when the agent's first turn asks nothing, or when the agent says nothing at all."""
    thinking_s: tuple[float, float] = (0.5, 1.0)
    """Shortest and longest pause before an answer."""
    filler: Filler = Filler()
    interrupts: tuple[Interrupt, ...] = ()
    fallback: tuple[str, ...] = ("i do not know",)
    nudge: tuple[str, ...] = ("hello?", "are you there?")
    confirm: str = "yes that is right"
    goodbye: str = "thank you goodbye"
    consent: Literal["given", "refused"] = "given"

    def lines(self) -> Iterable[str]:
        """Everything the guest may say, without fillers."""
        yield from (self.opening, self.confirm, self.goodbye, *self.fallback, *self.nudge)
        for topic in self.topics:
            yield from topic.answers
        for interrupt in self.interrupts:
            yield interrupt.say


def read(path: Path) -> Guest:
    """A guest from a file.

    Raises:
        InputError: the file cannot be read or does not hold; see `load`.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"want a readable guest file in UTF-8, got {type(error).__name__} at {path.name}") from None
    return load(source, name=path.name)


def load(source: str, *, name: str = "guest.yaml") -> Guest:
    """A guest from YAML text.

    Raises:
        InputError: every problem on a line of its own, as `name:line:column: path: want …, got …`.
    """
    if len(source) > MAX_FILE_CHARS:
        raise InputError(f"{name}: want at most {MAX_FILE_CHARS} characters, got {len(source)}")
    try:
        root = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise InputError(f"{place}: want YAML, got: {error.problem}") from None
    except (yaml.YAMLError, RecursionError):  # the parser recurses once per bracket
        raise InputError(f"{name}: want YAML, got something it cannot read") from None
    reader = _Reader(name)
    guest = reader.guest(root)
    if reader.problems or guest is None:
        raise InputError("\n".join(reader.problems))
    return guest


class _Reader:
    """Walks the node tree, so that a problem knows its line; collects problems instead of raising at the first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[str] = []

    def guest(self, root: yaml.Node | None) -> Guest | None:
        if root is None:
            self.problems.append(f"{self.name}:1:1: want a guest file that begins with guest: 1, got nothing")
            return None
        entries = self.mapping(
            root,
            "guest file",
            _KEYS,
            required=("guest", "name", "knows"),
        )
        if "guest" in entries and self.text(entries["guest"], "guest") != "1":
            self.problem(entries["guest"], "guest", "1 (the version of the grammar)", self.shown(entries["guest"]))
        given: dict[str, Any] = {
            key: self.text(entries[key], key)
            for key in ("name", "about", "opening", "confirm", "goodbye")
            if key in entries
        }
        lists: dict[str, Any] = {key: self.texts(entries[key], key) for key in ("fallback", "nudge") if key in entries}
        talks = entries.get("talks")
        thinking_s, filler = self.talks(talks) if talks is not None else ((0.5, 1.0), Filler())
        topics = self.topics(entries["knows"]) if "knows" in entries else ()
        interrupts = self.interrupts(entries["interrupts"]) if "interrupts" in entries else ()
        voice = self.choice(entries["voice"], "voice", VOICES) if "voice" in entries else "slt"
        consent = self.choice(entries["consent"], "consent", ("given", "refused")) if "consent" in entries else "given"
        seed = int(self.number(entries["seed"], "seed", 0, 2**31)) if "seed" in entries else 1
        if self.problems:
            return None
        values: dict[str, Any] = {**given, **lists, "voice": voice, "consent": consent, "seed": seed}
        values |= {"thinking_s": thinking_s, "filler": filler, "topics": topics, "interrupts": interrupts}
        return Guest(**values)

    def talks(self, node: yaml.Node) -> tuple[tuple[float, float], Filler]:
        entries = self.mapping(node, "talks", ("thinking_s", "filler"))
        shortest, longest = 0.5, 1.0
        if "thinking_s" in entries:
            pair = self.items(entries["thinking_s"], "talks.thinking_s")
            if len(pair) not in (1, 2):
                self.problem(entries["thinking_s"], "talks.thinking_s", "one or two numbers", f"{len(pair)}")
            else:
                shortest, longest = (self.number(item, "talks.thinking_s", 0, 30) for item in (pair[0], pair[-1]))
                if shortest > longest:
                    self.problem(pair[-1], "talks.thinking_s", "the shorter pause first", f"{shortest}, {longest}")
        filler = Filler()
        if "filler" in entries:
            habit = self.mapping(entries["filler"], "talks.filler", ("every", "say"), required=("every", "say"))
            if len(habit) == 2:
                every = int(self.number(habit["every"], "talks.filler.every", 0, 100))
                filler = Filler(every, self.texts(habit["say"], "talks.filler.say"))
        return (shortest, longest), filler

    def topics(self, node: yaml.Node) -> tuple[Topic, ...]:
        topics: list[Topic] = []
        for key, value in self.mapping(node, "knows").items():
            path = f"knows.{key}"
            entries = self.mapping(value, path, ("when", "say", "refuse"), required=("when",))
            when = self.texts(entries["when"], f"{path}.when") if "when" in entries else ()
            say = self.texts(entries["say"], f"{path}.say") if "say" in entries else ()
            refuse = self.text(entries["refuse"], f"{path}.refuse") if "refuse" in entries else ""
            if not say and not refuse:
                self.problem(value, path, "say or refuse", "neither")
            topics.append(Topic(key, when, say, refuse))
        return tuple(topics)

    def interrupts(self, node: yaml.Node) -> tuple[Interrupt, ...]:
        interrupts: list[Interrupt] = []
        for number, item in enumerate(self.items(node, "interrupts")):
            path = f"interrupts[{number}]"
            entries = self.mapping(item, path, ("when", "say", "after_s"), required=("when", "say"))
            if "when" not in entries or "say" not in entries:
                continue
            after_s = self.number(entries["after_s"], f"{path}.after_s", 0, 60) if "after_s" in entries else 1.0
            when = self.texts(entries["when"], f"{path}.when")
            interrupts.append(Interrupt(when, self.text(entries["say"], f"{path}.say"), after_s))
        return tuple(interrupts)

    def mapping(
        self, node: yaml.Node, path: str, known: tuple[str, ...] = (), required: tuple[str, ...] = ()
    ) -> dict[str, yaml.Node]:
        """Keys and their nodes; with `known`, any other key is a problem."""
        if not isinstance(node, yaml.MappingNode):
            self.problem(node, path, "keys and values", self.shown(node))
            return {}
        entries: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
            if not key:
                self.problem(key_node, path, "a word as key", self.shown(key_node))
            elif key in entries:
                self.problem(key_node, path, "each key once", f"{key} again")
            elif known and key not in known:
                close = get_close_matches(key, known, n=1)
                hint = f"; did you mean {close[0]}" if close else ""
                self.problem(key_node, path, f"one of {', '.join(known)}", key + hint)
            else:
                entries[key] = value
        for key in required:
            if key not in entries:
                self.problem(node, path, f"the key {key}", "none")
        return entries

    def items(self, node: yaml.Node, path: str) -> list[yaml.Node]:
        """Items of a list; a single value counts as a list of one."""
        items = list(node.value) if isinstance(node, yaml.SequenceNode) else [node]
        if not items:
            self.problem(node, path, "at least one entry", "an empty list")
        return items

    def texts(self, node: yaml.Node, path: str) -> tuple[str, ...]:
        return tuple(self.text(item, path) for item in self.items(node, path))

    def text(self, node: yaml.Node, path: str) -> str:
        text = node.value.strip() if isinstance(node, yaml.ScalarNode) else ""
        if not text:
            self.problem(node, path, "text", self.shown(node))
        return text

    def choice(self, node: yaml.Node, path: str, choices: tuple[str, ...]) -> str:
        text = self.text(node, path)
        if text and text not in choices:
            close = get_close_matches(text, choices, n=1)
            self.problem(
                node, path, f"one of {', '.join(choices)}", text + (f"; did you mean {close[0]}" if close else "")
            )
        return text

    def number(self, node: yaml.Node, path: str, low: float, high: float) -> float:
        try:
            value = float(node.value) if isinstance(node, yaml.ScalarNode) else float("nan")
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            self.problem(node, path, f"a number from {low} to {high}", self.shown(node))
            return low
        return value

    def problem(self, node: yaml.Node, path: str, wanted: str, came: str) -> None:
        mark = node.start_mark
        self.problems.append(f"{self.name}:{mark.line + 1}:{mark.column + 1}: {path}: want {wanted}, got {came}")

    @staticmethod
    def shown(node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode):
            return repr(node.value[:40]) if node.value else "nothing"
        return "a list" if isinstance(node, yaml.SequenceNode) else "keys and values"

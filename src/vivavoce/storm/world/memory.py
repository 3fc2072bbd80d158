"""What a model knows of a call. A handle is a copy of it: whatever came later is unknown to who resumes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from vivavoce.storm.world.truth import Frames

_REASON = re.compile(r"^reason: (\w+)$", re.MULTILINE)
_UTTERANCE = re.compile(r"\bu(\d+)\b")
_WISH = re.compile(r"\bwish (\d+)\b")
_RESULT = re.compile(r"The result of \w+ for ")
_LINE = re.compile(r"\btyped (\d+)\b")
_BACKGROUND = frozenset({"opening", "reseed", "handover"})
"""Briefings after which a model knows what the talk is about."""
_ONLY_TOLD = frozenset({"missed"})
"""Briefings that ask for no answer."""


TOOLS = ("unit_economics", "sensitivity", "market_size")


def tool_of(wish: int) -> str:
    return TOOLS[wish % len(TOOLS)]


@dataclass(slots=True)
class Memory:
    pending: Frames = field(default_factory=dict)
    """Heard and not answered."""
    lines: list[int] = field(default_factory=list)
    """Typed and not answered."""
    wishes: dict[int, int] = field(default_factory=dict)
    """Heard and not fulfilled; by wish, the utterance."""
    results: set[int] = field(default_factory=set)
    """Wishes whose tool has answered."""
    untold: set[int] = field(default_factory=set)
    """... of which it has not spoken."""
    knows: set[int] = field(default_factory=set)
    """Utterances that it has answered, or was told of; typed lines likewise, as numbers below 0."""
    informed: bool = False
    usable: bool = True
    """As a handle: whether the service still knows it."""

    def copy(self) -> Memory:
        return Memory(
            {utterance: set(frames) for utterance, frames in self.pending.items()},
            list(self.lines), dict(self.wishes), set(self.results), set(self.untold),
            set(self.knows), self.informed,
        )  # fmt: skip

    def hear(self, utterance: int, frame: int) -> None:
        self.pending.setdefault(utterance, set()).add(frame)

    def learn(self, wish: int) -> None:
        """Its tool has answered."""
        self.results.add(wish)
        self.untold.add(wish)

    def read(self, text: str) -> bool:
        """Take in a text; whether it wants an answer."""
        told = {int(number) for number in _UTTERANCE.findall(text)}
        if "<briefing>" in text:
            found = _REASON.search(text)
            reason = found[1] if found else ""
            self.informed = self.informed or reason in _BACKGROUND
            self.knows |= told | {-line for line in lines_in(text)}
            return reason not in _ONLY_TOLD
        for wish in results_in(text):
            self.learn(wish)
        for line in lines_in(text):
            if line not in self.lines:
                self.lines.append(line)
        return True

    def overlook(self, text: str) -> None:
        """Take in what a text tells, and forget that it wants an answer (reference gemini-live, 5 no. 26). A line of
        the caller's and a result are overlooked altogether.
        """
        if "<briefing>" in text:
            self.read(text)

    def take(self) -> tuple[Frames, list[int]]:
        """What the reply that begins now answers."""
        frames, lines = self.pending, self.lines
        self.pending, self.lines = {}, []
        self.knows |= frames.keys() | {-line for line in lines}
        return frames, lines


def wish_of(args: dict[str, Any]) -> int:
    """The wish that a tool is called for, 0 for none."""
    found = _WISH.search(str(args.get("wish", "")))
    return int(found[1]) if found else 0


def results_in(text: str) -> list[int]:
    """The wishes of whose results a text tells: what a tool was called with stands in it."""
    return [int(wish) for wish in _WISH.findall(text)[:1]] if _RESULT.match(text) else []


def lines_in(text: str) -> list[int]:
    """The typed lines that a text is made of."""
    return [int(line) for line in _LINE.findall(text)]

"""What is wrong with an agent file: every problem with its place, what was wanted and what came."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import msgspec

from vivavoce.errors import InputError


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that does not hold.

    Attributes:
        line: from 1; `column` too, counted in characters.
        path: dotted way to the value, such as `objectives.problem.by`; empty for the whole file.
        hint: a whole sentence fragment such as "did you mean alex", or empty.
    """

    line: int
    column: int
    path: str
    wanted: str
    came: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.line}:{self.column}: {where}want {self.wanted}, got {self.came}{hint}"


class AgentFileError(InputError):
    """An agent file does not hold. A syntax error comes alone, everything else is told at once.

    Attributes:
        name: the file's name as it was given.
        problems: in the order of the file, at least one.
    """

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems, key=lambda p: (p.line, p.column)))
        super().__init__("\n".join(f"{name}:{problem}" for problem in self.problems))


def did_you_mean(came: str, known: Iterable[str]) -> str:
    """ "did you mean x" for the nearest known word, or nothing when none is near."""
    names = {name.lower(): name for name in known}
    # 0.6 is difflib's own default: it takes `objectivs` and `max_word`, and leaves `colour` for `consent` alone.
    near = difflib.get_close_matches(came.lower(), names, n=1)
    return f"did you mean {names[near[0]]}" if near else ""


def shorten(text: str, limit: int = 60) -> str:
    """One line of at most `limit` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"

"""A brain that follows a written script: exact answers, tool calls, silences and thoughts, without any model.

    turns:
      - when: weather in (?P<place>\\w+)
        do:
          - call: get_weather
            with: {place: "{place}"}
            then: [say: "In {place} it is {result.sky}."]

In each turn of the caller the first rule whose conditions hold is carried out; where none holds nothing is answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from vivavoce.local.minds.acts import Act, Call, MakeMind, Mind, Pause, Say, Think
from vivavoce.local.minds.as_text import as_text
from vivavoce.local.minds.scriptfile import PLACEHOLDER, Calling, End, Rule, Saying, Silence, Step, read_file
from vivavoce.wire.gemini.messages import FunctionDeclaration

LONGEST_TEXT = 1_500
"""Characters that are looked at: a minute and a half of speech. A pattern may be slow on more."""
MOST_OPEN = 64
"""Calls whose answer is still awaited; the oldest is forgotten."""


class State(msgspec.Struct):
    """What the next session needs to go on."""

    turn: int = 0
    text: str = ""
    groups: dict[str, str] = {}
    used: list[int] = []
    """Rules with `once` that have had their turn, by number."""
    cut: bool = False
    over: bool = False


def load_script(path: Path) -> MakeMind:
    """The maker of brains that follow the script of a file.

    Raises:
        InputError: the file cannot be read.
        ScriptError: it does not hold; every problem with its line.
    """
    return ScriptMinds(read_file(path))


class ScriptMinds:
    """Makes brains that follow one script."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    def __call__(
        self, instruction: str, tools: Sequence[FunctionDeclaration], *, saved: bytes | None, seed: int
    ) -> Mind:
        state = msgspec.json.decode(saved, type=State) if saved else State()
        return Script(self._rules, {tool.name for tool in tools}, state)


class Script:
    """One talk by the script."""

    def __init__(self, rules: Sequence[Rule], tools: set[str], state: State) -> None:
        self._rules = rules
        self._tools = tools
        self._state = state
        self._open: list[tuple[Call, Calling]] = []

    def hear(self, text: str) -> list[Act]:
        """The caller spoke; a rule without a pattern holds too when nothing could be understood."""
        return self._turn(text, heard=True)

    def read(self, text: str) -> list[Act]:
        """A typed turn."""
        return self._turn(text, heard=False)

    def returned(self, call: Call, response: dict[str, Any], *, silent: bool = False) -> list[Act]:
        """A tool answered."""
        step = next((step for made, step in self._open if made is call), None)
        return [] if step is None or silent else self._after(step, response)

    def cut(self, heard_ms: float) -> None:
        """The caller cut the reply off: a rule may ask for that in the next turn."""
        self._state.cut = True

    def save(self) -> bytes:
        """Where the talk stands."""
        return msgspec.json.encode(self._state)

    def _turn(self, text: str, *, heard: bool) -> list[Act]:
        state = self._state
        if state.over:
            return []
        state.turn += 1
        state.text = text[:LONGEST_TEXT].strip()
        cut, state.cut = state.cut, False
        for number, rule in enumerate(self._rules):
            if rule.once and number in state.used:
                continue
            found = _holds(rule, state, heard=heard, cut=cut)
            if found is None:
                continue
            if rule.once:
                state.used.append(number)
            state.groups |= found
            return self._acts(rule.steps, None)
        return []

    def _acts(self, steps: Sequence[Step], result: object) -> list[Act]:
        acts: list[Act] = []
        for step in steps:
            match step:
                case Saying(text, thought):
                    filled = self._fill(text, result)
                    acts.append(Think(filled) if thought else Say(filled))
                case Silence(seconds):
                    acts.append(Pause(seconds))
                case Calling():
                    acts += self._call(step, result)
                case End():
                    self._state.over = True
        return acts

    def _call(self, step: Calling, result: object) -> list[Act]:
        if step.name not in self._tools:
            return self._after(step, {"error": f"the client has not declared {step.name}"})
        args = self._fill_all(step.args, result)
        call = Call(step.name, args if isinstance(args, dict) else {})
        self._open = [*self._open[1 - MOST_OPEN :], (call, step)]
        return [call]

    def _after(self, step: Calling, response: dict[str, Any]) -> list[Act]:
        if "error" not in response:
            return self._acts(step.then, _output(response))
        if step.failed is None:
            return [Say(f"The tool {step.name} did not work: {as_text(response['error'])}.")]
        return self._acts(step.failed, response["error"])

    # ------------------------------------------------------------------------------------ names in texts

    def _value(self, name: str, result: object) -> object:
        match name.split("."):
            case ["result", *path]:
                return _walk(result, path)
            case ["turn"]:
                return self._state.turn
            case ["text"]:
                return self._state.text
        return self._state.groups.get(name, "")

    def _fill(self, text: str, result: object) -> str:
        def value(found: re.Match[str]) -> str:
            name: str | None = found[1]
            return found[0][0] if name is None else as_text(self._value(name, result))

        return PLACEHOLDER.sub(value, text)

    def _fill_all(self, tree: object, result: object) -> object:
        """Arguments with their names filled in; a text that is one name and no more keeps the value's type."""
        match tree:
            case dict():
                return {key: self._fill_all(value, result) for key, value in tree.items()}
            case list():
                return [self._fill_all(item, result) for item in tree]
            case str() if (whole := PLACEHOLDER.fullmatch(tree)) is not None and whole[1] is not None:
                return self._value(whole[1], result)
            case str():
                return self._fill(tree, result)
        return tree


def _holds(rule: Rule, state: State, *, heard: bool, cut: bool) -> dict[str, str] | None:
    """What the rule's patterns found, by name; None when a condition does not hold."""
    wrong_way = (rule.heard is not None and not heard) or (rule.typed is not None and heard)
    if wrong_way or rule.turn not in (None, state.turn) or rule.cut not in (None, cut):
        return None
    found: dict[str, str] = {}
    for pattern in (rule.when, rule.heard, rule.typed):
        if pattern is None:
            continue
        match = pattern.search(state.text)
        if match is None:
            return None
        found |= {name: part for name, part in match.groupdict().items() if part is not None}
    return found


def _output(response: dict[str, Any]) -> object:
    """What a tool has to say: clients put it under `output` or `result`, or answer with the fields themselves."""
    for key in ("output", "result"):
        if key in response:
            return response[key]
    return response


def _walk(value: object, path: Sequence[str]) -> object:
    for step in path:
        if isinstance(value, dict):
            value = value.get(step, "")
        elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return ""
    return value

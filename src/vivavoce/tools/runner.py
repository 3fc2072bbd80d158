"""Run a tool for a speaker and come back with an answer, whatever happens.

An answer is {"output": {...}} or {"error": {"kind", "message", "hint"}}, as a live model's function response wants it.
A built-in's output holds `say` (one plain sentence for the ear) and `show` (what, title, data for the screen) beside
its figures. Kinds of error: unknown, unavailable, arguments, timeout, cancelled, failed, too-large. The hint tells the
speaker what to do next.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from vivavoce.errors import InputError, VivaError
from vivavoce.tools import schema

MAX_OUTPUT_BYTES = 64 * 1024
"""A longer result would fill a live model's context for the rest of the call."""

Answer = dict[str, Any]


class ToolFn(Protocol):
    """A tool: what it is, and how to call it."""

    @property
    def declaration(self) -> dict[str, Any]:
        """name, description, parameters (upper-case types), behavior."""

    @property
    def timeout_s(self) -> float:
        """The longest this tool may ever take; a run may allow less."""

    def __call__(self, args: dict[str, Any]) -> Awaitable[Mapping[str, Any]]:
        """The output, for arguments checked against the declaration. InputError says what is still wrong with them."""


@dataclass(frozen=True)
class Tool:
    """A tool made of a declaration and a coroutine function."""

    declaration: dict[str, Any]
    run: Callable[[dict[str, Any]], Awaitable[Mapping[str, Any]]]
    timeout_s: float = 20.0

    def __call__(self, args: dict[str, Any]) -> Awaitable[Mapping[str, Any]]:
        return self.run(args)


def failed(kind: str, message: str, hint: str) -> Answer:
    return {"error": {"kind": kind, "message": message, "hint": hint}}


class ToolRunner:
    """Runs tools by name. Many calls may share it: it keeps nothing of a run but its task, until that ends."""

    def __init__(self, tools: Mapping[str, ToolFn]) -> None:
        self._tools = dict(tools)
        self._leaving: set[asyncio.Task[Answer]] = set()

    def declarations(self) -> dict[str, dict[str, Any]]:
        """Declarations of what this server has, by name."""
        return {name: tool.declaration for name, tool in self._tools.items()}

    def unavailable(self, names: Iterable[str]) -> list[str]:
        """Those of the names an agent file asks for that this server does not have, in their order."""
        return [name for name in names if name not in self._tools]

    async def run(self, name: str, args: Mapping[str, Any], timeout_s: float) -> Answer:
        """One answer. A tool's fault never raises; cancelling this cancels the tool.

        Args:
            timeout_s: seconds this run may take; the tool's own limit holds if it is shorter.
        """
        tool = self._tools.get(name)
        if tool is None:
            return self._not_here(name)
        try:
            checked = schema.check(args, tool.declaration.get("parameters", {"type": "OBJECT"}))
        except InputError as error:
            return failed("arguments", str(error), "Ask for what is missing or unclear, then call again.")
        task = asyncio.create_task(_answer(name, tool, checked), name=f"tool {name}")
        try:
            done, _ = await asyncio.wait({task}, timeout=min(timeout_s, tool.timeout_s))
        except asyncio.CancelledError:
            self._leave(task)
            raise
        if not done:
            self._leave(task)
            return failed("timeout", f"{name} took too long", "Go on without it and say that it did not answer.")
        if task.cancelled():
            return failed("cancelled", f"{name} was stopped", "Go on without it.")
        return task.result()

    async def close(self) -> None:
        """Wait for stopped tools to be gone; at most a second, a tool may ignore its end."""
        if self._leaving:
            await asyncio.wait(set(self._leaving), timeout=1)

    def _leave(self, task: asyncio.Task[Answer]) -> None:
        # the caller's turn does not wait for a tool that is slow to stop; close() does
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)
        task.cancel()

    def _not_here(self, name: str) -> Answer:
        near = difflib.get_close_matches(name, self._tools, n=1)
        if near:
            return failed("unknown", "there is no tool of this name", f"Did you mean {near[0]}?")
        hint = "Say so plainly and go on; do not make its result up."
        return failed("unavailable", "not available on this server", hint)


async def _answer(name: str, tool: ToolFn, args: dict[str, Any]) -> Answer:
    try:
        output = await tool(args)
    except InputError as error:
        return failed("arguments", str(error), "Ask for what is missing or unclear, then call again.")
    except VivaError as error:
        return failed("failed", f"{name}: {type(error).__name__}", "Say that it did not work and go on.")
    except (Exception, SystemExit) as error:  # noqa: BLE001  a tool is foreign code; whatever it does, the call goes on
        return failed("failed", f"{name}: {type(error).__name__}", "Say that it did not work and go on.")
    try:
        encoded = msgspec.json.encode(output)  # infinities become null here, as JSON has none
    except (TypeError, ValueError, RecursionError):
        return failed("failed", f"{name} gave a result that is not JSON", "Say that it did not work and go on.")
    if len(encoded) > MAX_OUTPUT_BYTES:
        message = f"want a result of at most {MAX_OUTPUT_BYTES} bytes, got {len(encoded)}"
        return failed("too-large", message, "Ask for less at a time.")
    return {"output": msgspec.json.decode(encoded)}

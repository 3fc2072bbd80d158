"""Tool calls in flight: an id each, unique in the process, answered once or cancelled."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from vivavoce.local.minds.acts import Call
from vivavoce.wire.gemini.messages import FunctionDeclaration

MOST_PENDING = 256
"""Calls nobody has answered; beyond that the oldest is forgotten. A talk has a handful."""

_numbers = itertools.count(1)


@dataclass(slots=True)
class Pending:
    """A call the client has not answered yet."""

    id: str
    call: Call = field(repr=False)
    answer: asyncio.Future[dict[str, Any]] | None
    """Set for a blocking call; the reply waits for it."""

    @property
    def blocking(self) -> bool:
        return self.answer is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A client's answer to a call."""

    id: str
    response: dict[str, Any] = field(repr=False)
    scheduling: str | None = None
    """When to speak of it, for calls the reply did not wait for: INTERRUPT at once, WHEN_IDLE after the running turn
    (which None means too, unless the model's answers cut), SILENT never. Anything else is taken for WHEN_IDLE."""
    more: bool = False
    """Further answers to the same call follow."""


class Calls:
    """The calls of one session.

    Args:
        tools: what the client declared.
        blocking: whether a call can hold the reply at all.
        blocking_by_default: whether one does whose declaration does not say.
        name: an id made of a number that no other call of this process has.
    """

    def __init__(
        self,
        tools: Iterable[FunctionDeclaration],
        *,
        blocking: bool = True,
        blocking_by_default: bool = True,
        name: Callable[[int], str] = "function-call-{:019d}".format,
    ) -> None:
        self._blocking = blocking
        self._blocking_by_default = blocking_by_default
        self._name = name
        self._pending: dict[str, Pending] = {}
        self.declare(tools)

    def declare(self, tools: Iterable[FunctionDeclaration]) -> None:
        """From now on these are the tools. Calls in flight go on."""
        self.declared = {tool.name: tool for tool in tools}

    @property
    def in_flight(self) -> bool:
        """Whether any call waits for its answer."""
        return bool(self._pending)

    def blocks(self, call: Call) -> bool:
        """Whether a call holds the reply."""
        declared = self.declared.get(call.name)
        behavior = (declared.behavior or "").upper() if declared is not None else ""
        by_default = self._blocking_by_default or declared is None
        return self._blocking and (behavior == "BLOCKING" or (by_default and behavior != "NON_BLOCKING"))

    def issue(self, calls: Sequence[Call]) -> list[Pending]:
        """Number calls that are made together."""
        issued = []
        for call in calls:
            answer = asyncio.get_running_loop().create_future() if self.blocks(call) else None
            pending = Pending(self._name(next(_numbers)), call, answer)
            self._pending[pending.id] = pending
            issued.append(pending)
        while len(self._pending) > MOST_PENDING:
            del self._pending[next(iter(self._pending))]
        return issued

    def answered(self, call_id: str, *, more: bool = False) -> Pending | None:
        """The call an answer belongs to; None when it was cancelled, answered before, or never made.

        Args:
            more: the call stays in flight, because further answers follow.
        """
        return self._pending.get(call_id) if more else self._pending.pop(call_id, None)

    def oldest(self, name: str) -> str | None:
        """Id of the oldest call in flight of this tool."""
        return next((id_ for id_, pending in self._pending.items() if pending.call.name == name), None)

    def cancel_blocking(self) -> list[Pending]:
        """Give up what the reply was waiting for; others run on."""
        gone = [pending for pending in self._pending.values() if pending.blocking]
        for pending in gone:
            del self._pending[pending.id]
        return gone

"""Tool calls in flight: an id each, unique in the process, answered once or cancelled."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import Any

from vivavoce.local.minds.acts import Call
from vivavoce.wire.gemini.messages import FunctionDeclaration, Tool

_ids = itertools.count(1)


@dataclass(slots=True)
class Pending:
    """A call the client has not answered yet."""

    id: str
    call: Call
    answer: asyncio.Future[dict[str, Any]] | None
    """Set for a blocking call; the reply waits for it."""

    @property
    def blocking(self) -> bool:
        return self.answer is not None


class Calls:
    """The calls of one session."""

    def __init__(self, tools: list[Tool] | None) -> None:
        self.declared: dict[str, FunctionDeclaration] = {
            declaration.name: declaration for tool in tools or [] for declaration in tool.function_declarations
        }
        self._pending: dict[str, Pending] = {}

    def blocks(self, call: Call) -> bool:
        """Whether a call holds the reply. One that does not say how it behaves does, as on models before 3.8."""
        declared = self.declared.get(call.name)
        return declared is None or declared.behavior != "NON_BLOCKING"

    def issue(self, call: Call) -> Pending:
        """Number a call."""
        answer = asyncio.get_running_loop().create_future() if self.blocks(call) else None
        pending = Pending(f"function-call-{next(_ids):019d}", call, answer)
        self._pending[pending.id] = pending
        return pending

    def answered(self, call_id: str) -> Pending | None:
        """The call an answer belongs to; None when it was cancelled, answered before, or never made."""
        return self._pending.pop(call_id, None)

    def cancel_blocking(self) -> list[Pending]:
        """Give up what the reply was waiting for; others run on."""
        gone = [pending for pending in self._pending.values() if pending.blocking]
        for pending in gone:
            del self._pending[pending.id]
        return gone

"""The tool calls of one talk: made, answered, cancelled, and what the brain says to the answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any

import msgspec

from vivavoce.local.calling import Answer, Calls, Pending
from vivavoce.local.handles import Handles
from vivavoce.local.manner import Manner
from vivavoce.local.meter import Meter
from vivavoce.local.minds.acts import Act, Call, Mind
from vivavoce.local.outlet import Outlet
from vivavoce.local.replies import Replies

log = logging.getLogger(__name__)

Told = list[tuple[Call, dict[str, Any]]]
"""Calls and their answers."""


class Errands:
    """What the model has asked of its client."""

    def __init__(self, outlet: Outlet, manner: Manner, mind: Mind, meter: Meter, handles: Handles) -> None:
        self._outlet = outlet
        self._manner = manner
        self._meter = meter
        self._handles = handles
        self._calls = Calls(
            manner.tools,
            blocking=manner.blocking,
            blocking_by_default=manner.blocking_by_default,
            name=manner.call_id,
        )
        self._mind = mind

    @property
    def in_flight(self) -> bool:
        """Whether any call waits for its answer."""
        return self._calls.in_flight

    def change(self, manner: Manner, mind: Mind) -> None:
        """From now on the client has other tools, or another brain hears of the answers. Calls in flight go on."""
        self._manner, self._mind = manner, mind
        self._calls.declare(manner.tools)

    def oldest(self, name: str) -> str | None:
        """Id of the oldest call of a tool that waits for its answer."""
        return self._calls.oldest(name)

    # ------------------------------------------------------------------------------------ for the running turn

    def blocks(self, call: Call) -> bool:
        return self._calls.blocks(call)

    async def ask(self, calls: Sequence[Call]) -> list[Pending]:
        issued = self._calls.issue(calls)
        await _whole(self._tell(issued))
        return issued

    async def _tell(self, issued: Sequence[Pending]) -> None:
        await self._outlet.calls(issued)
        await self._handles.withhold()

    def returned(self, call: Call, response: dict[str, Any], *, silent: bool = False) -> list[Act]:
        return self._mind.returned(call, response, silent=silent)

    async def cancel(self) -> None:
        """The turn was cut: what it waited for is not wanted any more."""
        if cancelled := self._calls.cancel_blocking():
            await self._outlet.calls_cancelled(cancelled)

    # ------------------------------------------------------------------------------------ answers

    async def take(self, answers: Sequence[Answer], replies: Replies) -> None:
        """Take in answers that came together: a waiting turn goes on, the others are spoken of as they ask for."""
        now: Told = []
        later: Told = []
        for answer in answers:
            pending = self._calls.answered(answer.id, more=answer.more)
            if pending is None:
                log.debug("a tool answer without a call was left aside")
                continue
            self._meter.add_result(msgspec.json.encode(answer.response).decode())
            if pending.blocking:
                self._release(pending, answer)
            elif answer.scheduling == "SILENT":
                self.returned(pending.call, answer.response, silent=True)
            else:
                cuts = answer.scheduling == "INTERRUPT" or (answer.scheduling is None and self._manner.answers_cut)
                (now if cuts else later).append((pending.call, answer.response))
        over = not self._manner.interrupt_waits_for_caller
        if now:
            await replies.offer(lambda: self._speak_of(now), cuts=True, over=over)
        if later:
            await replies.offer(lambda: self._speak_of(later))
        if not now and not later:
            await replies.advance()

    def _speak_of(self, told: Told) -> list[Act]:
        return [act for call, response in told for act in self.returned(call, response)]

    def _release(self, pending: Pending, answer: Answer) -> None:
        if answer.more or pending.answer is None:
            return  # the reply waits for the last one
        if pending.answer.done():  # the turn that waited is being cut this moment; the tool has done its work
            self.returned(pending.call, answer.response, silent=True)
        else:
            pending.answer.set_result(answer.response)


async def _whole(sending: Coroutine[Any, Any, None]) -> None:
    """Send to the end, even if the turn is cut meanwhile: a client that never heard of a call never answers it. The
    cut comes right behind.
    """
    task = asyncio.ensure_future(sending)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        turn = asyncio.current_task()
        assert turn is not None, "this is a coroutine"
        turn.cancel()

"""One connection of an OpenAI Realtime client: events in, events out.

An event that does not hold is answered with an error event and changes nothing. Whatever goes wrong beyond that closes
this connection and no other.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any

from vivavoce.errors import WireError
from vivavoce.local.manner import Manner
from vivavoce.local.openai.inputs import Inputs
from vivavoce.local.openai.outlet import RealtimeOutlet
from vivavoce.local.openai.response import Client
from vivavoce.local.openai.setting import Setting, default_session
from vivavoce.local.parts import Parts, PeerGone, Socket
from vivavoce.local.talk import Talk
from vivavoce.local.tasks import Tasks
from vivavoce.wire.openai import server
from vivavoce.wire.openai.codec import decode_client
from vivavoce.wire.openai.models import DEFAULT_MODEL, UNKNOWN, find
from vivavoce.wire.openai.refusals import EXPIRED, INVALID_REQUEST, EventRefused

log = logging.getLogger(__name__)

LIFE_S = 3600.0
"""The service's longest session."""


class RealtimeSession:
    """One connection.

    Args:
        model: as the path's query names it; empty for the service's newest.
    """

    def __init__(self, socket: Socket, parts: Parts, model: str = "") -> None:
        self._socket = socket
        # what was said is not what was heard, but the client tells that itself, by truncating
        self._parts = replace(parts, tempo=replace(parts.tempo, until_played=False))
        self._model = model or DEFAULT_MODEL
        self._tasks = Tasks(self._guard)
        self._client = Client(socket.send)
        self._inputs: Inputs | None = None

    async def run(self) -> None:
        """Serve the client until either side closes. Never raises for anything the client sent."""
        try:
            await self._guard(self._serve())
        finally:
            if self._inputs is not None and self._inputs.talk is not None:
                self._inputs.talk.close()
            await self._tasks.end()

    async def go_away(self, time_left_s: float) -> None:
        """The protocol has no announcement of an end: nothing is said."""

    async def _serve(self) -> None:
        rules = self._parts.rules
        row = find(self._model)
        if row is None and rules.strict:
            await self._refuse_model()
            return
        life_s = rules.connection_life_s or LIFE_S
        session = default_session(self._model, row or UNKNOWN, self._client.ids.next("sess"), int(time.time() + life_s))
        setting = Setting(session, row or UNKNOWN, rules)
        outlet = RealtimeOutlet(self._client, setting, ended=lambda: inputs.turn_ended())

        def make_talk(manner: Manner) -> Talk:
            return Talk(manner, self._parts, outlet, self._tasks.spawn)

        inputs = self._inputs = Inputs(setting, self._client, outlet, make_talk)
        self._tasks.spawn(self._expire(self._parts.clock.now() + life_s, minutes=life_s / 60))
        await self._client.tell(server.SessionCreated(event_id=self._client.event_id(), session=setting.shown()))
        while True:
            await self._take(inputs, await self._socket.receive())

    async def _take(self, inputs: Inputs, data: bytes | str) -> None:
        try:
            event = decode_client(data, strict=self._parts.rules.strict)
        except EventRefused as refused:
            await self._tell_error(refused.error)
            return
        try:
            await inputs.take(event)
        except WireError as error:
            await self._tell_error(_detail(error, event.event_id))

    async def _refuse_model(self) -> None:
        await self._tell_error(
            server.ErrorDetail(
                message=f"The model `{self._model[:100]}` does not exist or you do not have access to it.",
                type=INVALID_REQUEST,
                code="model_not_found",
                param="model",
            )
        )
        await self._socket.close(4004, "invalid_request_error.model_not_found")

    async def _expire(self, at: float, *, minutes: float) -> None:
        await self._parts.clock.sleep_until(at)
        message = EXPIRED.format(minutes=f"{minutes:g}")
        await self._tell_error(server.ErrorDetail(message=message, type=INVALID_REQUEST, code="session_expired"))
        await self._socket.close(1001, message)

    async def _tell_error(self, error: server.ErrorDetail) -> None:
        await self._client.tell(server.ErrorSent(event_id=self._client.event_id(), error=error))

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a task of this session; what it raises closes this connection and nothing else."""
        try:
            await work
        except PeerGone:
            pass  # the reader learns of it by itself
        except Exception as error:  # noqa: BLE001  one session's failure must not reach another
            where = traceback.extract_tb(error.__traceback__)[-1]  # an error's own text may hold a caller's words
            log.error("a session failed: %s at %s:%s", type(error).__name__, where.name, where.lineno)  # noqa: TRY400
            problem = server.ErrorDetail(
                message="The server had an error while processing your request.", type="server_error"
            )
            with suppress(PeerGone):
                await self._tell_error(problem)
            await self._socket.close(1011, problem.message)


def _detail(error: WireError, event_id: str | None) -> server.ErrorDetail:
    """What the client is told; the texts of our errors hold no words of a caller."""
    if not isinstance(error, EventRefused):
        return server.ErrorDetail(message=str(error), type=INVALID_REQUEST, code="invalid_value", event_id=event_id)
    told = error.error
    return server.ErrorDetail(
        message=told.message, type=told.type, code=told.code, param=told.param, event_id=told.event_id or event_id
    )

"""One connection of a Gemini Live client: setup, then sound, text and tool answers in, turns out.

Whatever goes wrong in one of its tasks closes this connection, with the service's wording, and no other.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from vivavoce.errors import WireError
from vivavoce.local.gemini.inputs import Inputs
from vivavoce.local.gemini.limits import Limits
from vivavoce.local.gemini.manner import manner_of
from vivavoce.local.gemini.outlet import GeminiOutlet
from vivavoce.local.gemini.setting import Setting
from vivavoce.local.parts import Entrance, Parts, PeerGone, Socket
from vivavoce.local.talk import Talk
from vivavoce.local.tasks import Tasks
from vivavoce.wire.gemini.codec import decode_client, unknown
from vivavoce.wire.gemini.messages import ClientMessage
from vivavoce.wire.gemini.models import bare_name
from vivavoce.wire.gemini.wording import DEADLINE, INTERNAL, INVALID, Refused, reason_of, unknown_name

log = logging.getLogger(__name__)


class Session:
    """One connection, from setup to close."""

    def __init__(self, socket: Socket, parts: Parts, entrance: Entrance | None = None) -> None:
        self._socket = socket
        self._parts = parts
        self._entrance = entrance or Entrance()
        self._tasks = Tasks(self._guard)
        self._outlet: GeminiOutlet | None = None
        self._talk: Talk | None = None
        self._left_out = False

    async def run(self) -> None:
        """Serve the client until either side closes. Never raises for anything the client sent."""
        try:
            await self._guard(self._serve())
        finally:
            if self._talk is not None:
                self._parts.history.released(self._talk.session)  # first: the client may be at the door already
                self._talk.close()
            await self._tasks.end()

    async def go_away(self, time_left_s: float) -> None:
        """Announce the end of the connection, to a client that is set up and still there."""
        if self._outlet is not None:
            with suppress(PeerGone):
                await self._outlet.go_away(time_left_s)

    async def _serve(self) -> None:
        setting = await self._setting()
        history = self._parts.history
        kept = history.resume(setting.handle, bare_name(setting.model)) if setting.handle is not None else None
        limits = Limits(
            self._parts.rules, setting, self._parts.clock, lasted_s=kept.lasted_s if kept is not None else 0.0
        )
        outlet = GeminiOutlet(
            self._socket.send,
            setting,
            text_frames=self._parts.rules.text_frames,
            consumed=lambda: inputs.consumed,
            spent=limits.check,
        )
        talk = self._talk = Talk(manner_of(setting), self._parts, outlet, self._tasks.spawn, kept=kept)
        history.connected(talk.session)
        inputs = Inputs(setting, talk, limits)
        await outlet.set_up(talk.session)
        self._outlet = outlet
        self._tasks.spawn(limits.run(lambda left_s: self._tasks.spawn(outlet.go_away(left_s))))
        while True:
            await inputs.take(self._read(await self._socket.receive()))

    async def _setting(self) -> Setting:
        try:
            async with asyncio.timeout(self._parts.setup_within_s):
                data = await self._socket.receive()
        except TimeoutError:
            raise Refused(DEADLINE, code=1011) from None
        first = decode_client(data)
        if first.setup is None:
            raise Refused(INVALID, detail="want a setup first.")
        setup = self._entrance.admit(first.setup)
        left = unknown(data, ClientMessage)
        return Setting.read(setup, unknown=left, entrance=self._entrance, rules=self._parts.rules)

    def _read(self, data: bytes | str) -> ClientMessage:
        message = decode_client(data)
        said = message.realtime_input
        if said is not None and said.audio is not None:
            return message  # what comes thirty times a second is looked at once
        if left := unknown(data, ClientMessage):
            if self._parts.rules.strict:
                raise Refused(unknown_name(left[0]))
            if not self._left_out:
                log.info("a client's messages have fields that no message has: left out")
            self._left_out = True
        return message

    async def _guard(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a task of this session; what it raises closes this connection and nothing else."""
        try:
            await work
        except WireError as error:
            await self._socket.close(error.code, reason_of(error))
        except PeerGone:
            pass  # the reader learns of it by itself
        except Exception as error:  # noqa: BLE001  one session's failure must not reach another
            where = traceback.extract_tb(error.__traceback__)[-1]  # an error's own text may hold a caller's words
            log.error("a session failed: %s at %s:%s", type(error).__name__, where.name, where.lineno)  # noqa: TRY400
            await self._socket.close(1011, INTERNAL)

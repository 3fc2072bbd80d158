"""The first words over a socket: a hello, or nothing that we understand."""

from __future__ import annotations

import asyncio

from vivavoce.errors import WireError
from vivavoce.gateway import notices
from vivavoce.gateway.outbox import CallerSocket
from vivavoce.wire import caller as wire

HELLO_WITHIN_S = 10.0
"""A browser says hello within a round trip."""
PATIENCE = 20
"""Messages outside the protocol before a caller's machine is given up; a version mismatch makes one or two."""


class Greeting:
    """Of one socket, which is paused once the hello has come: what follows waits for whoever listens next."""

    def __init__(self, socket: CallerSocket) -> None:
        self._socket = socket
        self._misunderstood = 0
        self._hello: asyncio.Future[wire.Hello | None] = asyncio.get_running_loop().create_future()

    async def hello(self) -> wire.Hello | None:
        """The first message that is a hello, None when none comes. What comes before it is refused and counted."""
        self._socket.listen(self._heard, self.give_up)
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                return await self._hello
        except TimeoutError:
            return None

    def give_up(self) -> None:
        """None comes."""
        self._answer(None)

    def _heard(self, data: str | bytes) -> None:
        try:
            message = wire.decode_caller(data) if isinstance(data, str) else None
        except WireError:
            message = None
        if isinstance(message, wire.Hello):
            self._socket.pause()
            self._answer(message)
            return
        self._misunderstood += 1
        if self._misunderstood == 1:
            self._socket.send(wire.encode(notices.notice("bad_message")))
        if self._misunderstood > PATIENCE:
            self._answer(None)

    def _answer(self, hello: wire.Hello | None) -> None:
        if not self._hello.done():
            self._hello.set_result(hello)

"""What goes to the caller's machine: a bounded queue and the one task that writes it.

Full means that the caller's machine does not read: the call ends as `SLOW_PEER`. Two seconds of reply audio in chunks
of 40 ms and a few dozen control messages are what a healthy machine ever has outstanding.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Protocol

from vivavoce.wire import caller as wire

MAX_WAITING = 1024


class CallerSocket(Protocol):
    """The caller's side of the wire, accepted. `receive` returns text, bytes, or None when the socket is gone;
    `close_code` says how.
    """

    close_code: int

    async def receive(self) -> str | bytes | None: ...
    async def send(self, data: str | bytes) -> None: ...
    async def close(self, code: int, reason: str) -> None: ...


class Outbox:
    def __init__(self, socket: CallerSocket) -> None:
        self._socket = socket
        self._queue: asyncio.Queue[str | bytes | None] = asyncio.Queue(MAX_WAITING)
        self.overflowed = asyncio.Event()

    def tell(self, message: wire.GatewayMessage) -> None:
        self.put(wire.encode(message))

    def put(self, data: str | bytes) -> None:
        try:
            self._queue.put_nowait(data)
        except asyncio.QueueFull:
            self.overflowed.set()

    def finish(self) -> None:
        """No more will come; `run` returns once everything is written."""
        with contextlib.suppress(asyncio.QueueFull):  # then `run` is cancelled
            self._queue.put_nowait(None)

    async def run(self) -> None:
        """Write until `finish`, or until the socket is gone. Cancelling loses nothing but the message under way."""
        while (data := await self._queue.get()) is not None:
            try:
                await self._socket.send(data)
            except (ConnectionError, RuntimeError):  # the reader of the socket reports that it is gone
                return

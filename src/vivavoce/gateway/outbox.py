"""What goes to the caller's machine: written at once, and what its socket does not take yet is bounded.

Too much of that means that the caller's machine does not read: the call ends as `SLOW_PEER`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from vivavoce.wire import caller as wire

MAX_UNSENT_BYTES = 2 * wire.MAX_FRAME_BYTES
"""Twice the largest message there can be, so that what is shown is no reason to end a call. Replies never come near:
no more than two seconds of them, 96 kB, are sent ahead of what was heard.
"""


class CallerSocket(Protocol):
    """The caller's side of the wire, accepted. It hands messages over on the event loop as they come, and never waits;
    `close_code` says how it ended.
    """

    close_code: int

    @property
    def unsent(self) -> int:
        """Bytes that the caller's machine has not taken yet."""
        ...

    def listen(self, heard: Callable[[str | bytes], None], gone: Callable[[], None]) -> None:
        """Hand over every message from the first on, text or bytes. `gone` is called once, after the last of them."""
        ...

    def pause(self) -> None:
        """Hand over nothing, and read nothing, until `resume`."""
        ...

    def resume(self) -> None: ...

    def send(self, data: str | bytes) -> None:
        """Send a message; nothing happens when the socket is gone."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Send what is unsent, say goodbye and close, without waiting for a machine that does not read."""
        ...


class Outbox:
    """
    Args:
        overflowed: called once, when too much is unsent; from then on nothing is sent.
    """

    socket: CallerSocket | None = None
    """Where it goes; None while nobody is there, and then nothing is kept."""

    def __init__(self, overflowed: Callable[[], None]) -> None:
        self._overflowed = overflowed
        self.full = False
        self.quiet = True
        """Nothing was sent since this was last set."""

    def tell(self, message: wire.GatewayMessage) -> None:
        self.put(wire.encode(message))

    def put(self, data: str | bytes) -> None:
        if self.full or self.socket is None:
            return
        if self.socket.unsent > MAX_UNSENT_BYTES:
            self.full = True
            self._overflowed()
            return
        self.quiet = False
        self.socket.send(data)

"""What goes to the caller's machine: written at once, but for a moment after a welcome (`hold`), and what its socket
does not take yet is bounded.

Too much of that means that the caller's machine does not read: the call ends as `SLOW_PEER`.
"""

from __future__ import annotations

from collections import deque
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

    def __init__(self, overflowed: Callable[[], None]) -> None:
        self._overflowed = overflowed
        self._socket: CallerSocket | None = None
        self.full = False
        self.quiet = True
        """Nothing was sent since this was last set."""
        self.held: deque[str | bytes] | None = None
        """What waits to be sent; None while nothing has to wait."""

    @property
    def socket(self) -> CallerSocket | None:
        """Where it goes; None while nobody is there, and then nothing is kept."""
        return self._socket

    @socket.setter
    def socket(self, socket: CallerSocket | None) -> None:
        self._socket = socket
        self.held = None

    def hold(self) -> None:
        """Send nothing more to this socket until `release`, and keep it in order."""
        self.held = deque()

    def release(self, held: deque[str | bytes] | None) -> None:
        """Send what was held with this; nothing happens when the socket is another one since."""
        if held is None or held is not self.held:
            return
        self.held = None
        for data in held:
            self.put(data)

    def tell(self, message: wire.GatewayMessage) -> None:
        self.put(wire.encode(message))

    def put(self, data: str | bytes) -> None:
        if self.full or self._socket is None:
            return
        if self.held is not None:
            self.held.append(data)
            return
        if self._socket.unsent > MAX_UNSENT_BYTES:
            self.full = True
            self._overflowed()
            return
        self.quiet = False
        self._socket.send(data)

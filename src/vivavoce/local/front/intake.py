"""What a client has sent and nobody has looked at yet, handed on piece by piece.

One read may bring 256 kB, and in them 40,000 tiny frames. Looked at in one go they would hold up every other session,
so between two pieces the others have their turn. While anything is left, no more is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PIECE_BYTES = 8 * 1024
"""More than a fifth of a second of sound, so a caller's own messages are never cut up."""


class Intake:
    """The bytes of one connection on their way in.

    Args:
        transport: where they come from.
        take: gets the pieces, in order.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, take: Callable[[bytes], None]
    ) -> None:
        self._loop = loop
        self._transport = transport
        self._take = take
        self._left = bytearray()
        self._next: asyncio.Handle | None = None
        self._held = False

    def add(self, data: bytes) -> None:
        """Bytes have come."""
        self._left += data
        if self._next is None and not self._held:
            self._hand_on()

    def hold(self) -> None:
        """Hand nothing on until `go_on`."""
        self._held = True
        self._read_or_not()

    def go_on(self) -> None:
        self._held = False
        self._read_or_not()

    def finish(self) -> None:
        """Nothing more comes: hand on all that is left."""
        rest = bytes(self._left)
        self.drop()
        if rest:
            self._take(rest)

    def drop(self) -> None:
        """Nobody wants what is left."""
        self._left.clear()
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _hand_on(self) -> None:
        self._next = None
        piece = bytes(self._left[:PIECE_BYTES])
        del self._left[:PIECE_BYTES]
        self._take(piece)
        self._read_or_not()

    def _read_or_not(self) -> None:
        if self._left and not self._held and self._next is None:
            self._next = self._loop.call_soon(self._hand_on)
        if self._transport.is_closing():
            return
        if self._left or self._held:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

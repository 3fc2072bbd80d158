"""A WebSocket as a session wants it, and what a fault may do to it."""

from __future__ import annotations

from collections.abc import Callable

from websockets.exceptions import ConnectionClosed

from vivavoce.local.front.connection import FrontConnection
from vivavoce.local.parts import PeerGone
from vivavoce.wire.gemini.codec import close_reason
from vivavoce.wire.gemini.wording import BAD_CREDENTIALS


class ClientSocket:
    """One client's socket.

    Args:
        over: whether the client's credential is not good any more; asked at every message that comes.
        first: a message to hand over before any of the client's.
    """

    def __init__(
        self,
        connection: FrontConnection,
        *,
        over: Callable[[], bool] = lambda: False,
        first: bytes | None = None,
    ) -> None:
        self._connection = connection
        self._over = over
        self._first = first

    async def send(self, data: bytes | str) -> None:
        try:
            await self._connection.send(data)
        except ConnectionClosed as closed:
            raise PeerGone from closed

    async def receive(self) -> bytes | str:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        try:
            message = await self._connection.recv(decode=False)
        except ConnectionClosed as closed:
            raise PeerGone from closed
        if self._over():
            await self.close(1008, BAD_CREDENTIALS)
            raise PeerGone
        return message

    async def close(self, code: int, reason: str) -> None:
        await self._connection.close(code, close_reason(reason))

    def reset(self) -> None:
        """Cut the connection with a reset of TCP."""
        self._connection.reset()

    def delay_pongs(self, delay_s: float | None) -> None:
        """From now on answer pings so many seconds late; None for never, 0 at once."""
        self._connection.delay_pongs(delay_s)

    def break_off(self, data: bytes | str) -> None:
        """Send the first half of a message, and end the connection there."""
        self._connection.break_off(data)

    def freeze(self) -> None:
        """From now on read nothing, so that the peer's end is not noticed either."""
        self._connection.freeze()

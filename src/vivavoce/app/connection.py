"""One connection of HTTP, with an end to our patience.

uvicorn waits for ever for a request to be whole and for an answer to be taken. A thousand connections that say a byte a
minute, or take none, would use up the files this process may have open, and nobody else would get in.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN_S = 10.0
"""From a connection's begin, or the first byte of a later request, to the end of the request's head."""
BODY_WITHIN_S = 30.0
"""From there to the end of the body: the largest has 512 KiB, which is 140 kbit/s."""
TAKE_WITHIN_S = 60.0
"""How long a client may take nothing of an answer. A player that is paused asks for the rest as a range."""
LEAVE_WITHIN_S = 5.0
"""What a connection that we have closed gets to take its last words."""


BODY = frozenset({b"content-length", b"transfer-encoding"})
"""Headers of a request with a body."""


class Connection(H11Protocol):
    """As uvicorn's, and whoever keeps it waiting is hung up on."""

    _waits_s: float | None = None  # for how long the timer runs, which tells what it waits for
    _timer: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.get_protocol() is self:  # otherwise it is a WebSocket from now on
            self._watch()

    def _should_upgrade(self) -> bool:
        """A WebSocket begins with a GET of HTTP/1.1 (RFC 6455, 4.1), and with no body: it would be read as frames."""
        if self.scope["method"] != "GET" or self.scope["http_version"] != "1.1":
            return False
        return not BODY.intersection(name for name, _ in self.headers) and super()._should_upgrade()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._forget()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.call_later(TAKE_WITHIN_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Set the timer for what is waited for now; while that stays the same it runs on."""
        theirs: Any = self.conn.their_state
        waits_s: float | None = None
        if self.transport.is_closing():
            waits_s = LEAVE_WITHIN_S
        elif theirs is h11.SEND_BODY:
            waits_s = BODY_WITHIN_S
        elif theirs is h11.IDLE and self.timeout_keep_alive_task is None:  # uvicorn's own, between two requests
            waits_s = HEAD_WITHIN_S
        if waits_s == self._waits_s:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._waits_s = waits_s
        self._timer = self.loop.call_later(waits_s, self.transport.abort) if waits_s is not None else None

    def _forget(self) -> None:
        for timer in (self._timer, self._stalled):
            if timer is not None:
                timer.cancel()

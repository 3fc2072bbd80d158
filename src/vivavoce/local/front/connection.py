"""One connection from its first byte: plain HTTP or a WebSocket, and how many may stand at the door.

The `websockets` server reads nothing but upgrades, so the beginning of every connection goes through `Opening`, and the
library gets the bytes once they are its own. What the library leaves to the peer's good will has a limit here: how long
an end may take, how many pongs wait for somebody who does not read, how much is looked at in one go.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from websockets.asyncio.server import Server as WebSocketServer
from websockets.asyncio.server import ServerConnection
from websockets.frames import CTRL_OPCODES, Frame, Opcode
from websockets.protocol import Event, State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from vivavoce.local.front.gatekeeper import Guest, RealtimeGuest
from vivavoce.local.front.http import Answer, Opening, Request, Upgrade
from vivavoce.local.front.intake import Intake

OPEN_WITHIN_S = 10.0
"""TLS, request and upgrade together; whoever needs longer is cut off."""
CLOSE_WITHIN_S = 2.0
"""What a peer gets to take what is on its way and to answer a close; then the connection is cut."""
MOST_PONGS = 64
"""Pongs held back at a time by a fault; the others are left out, as RFC 6455 (5.5.3) allows."""
MOST_AT_THE_DOOR = 512
"""Connections whose request is not there yet. When full, the one that has stood there longest is cut off: a client
that means it needs a few milliseconds. Each may hold 96 kB (`http.py`)."""
REALTIME_SUBPROTOCOL = Subprotocol("realtime")


class Door:
    """The connections that are neither answered nor upgraded yet."""

    def __init__(self, most: int = MOST_AT_THE_DOOR) -> None:
        self._most = most
        self._waiting: OrderedDict[FrontConnection, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, connection: FrontConnection) -> None:
        self._waiting[connection] = None
        while len(self._waiting) > self._most:
            oldest, _ = self._waiting.popitem(last=False)
            oldest.transport.abort()

    def leave(self, connection: FrontConnection) -> None:
        self._waiting.pop(connection, None)

    def shut(self) -> None:
        """Cut everybody off who stands there, and whoever still comes."""
        self._most = 0
        for connection in list(self._waiting):
            connection.transport.abort()


class _Protocol(ServerProtocol):
    """The library's protocol without I/O; pongs go their own way, and a subprotocol is no condition."""

    answer_ping: Callable[[Frame], None]

    def select_subprotocol(self, subprotocols: Sequence[Subprotocol]) -> Subprotocol | None:
        return REALTIME_SUBPROTOCOL if REALTIME_SUBPROTOCOL in subprotocols else None

    def send_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.PONG:
            self.answer_ping(frame)
        else:
            super().send_frame(frame)


class FrontConnection(ServerConnection):
    """A connection of the live server.

    Args:
        answer: what a plain request gets.
        door: where it stands until it is one or the other.
    """

    def __init__(
        self,
        protocol: ServerProtocol,
        server: WebSocketServer,
        *,
        answer: Callable[[Request], Answer],
        door: Door,
        **limits: Any,
    ) -> None:
        self._framing = _Protocol(
            extensions=protocol.available_extensions,
            max_size=(protocol.max_message_size, protocol.max_fragment_size),
            logger=protocol.logger,
        )
        self._framing.answer_ping = self._answer_ping
        super().__init__(self._framing, server, **limits)
        self._opening: Opening | None = Opening(answer)
        self._answered = False
        self._door = door
        self._pong_delay_s: float | None = 0
        self._late_pongs = 0
        self._cut: asyncio.TimerHandle | None = None
        self.number = 0
        """Which connection of the server it is, as fault files count."""
        self.guest: Guest | RealtimeGuest | None = None
        """Who came in."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._intake = Intake(self.loop, transport, self._take)
        self.recv_messages.pause, self.recv_messages.resume = self._intake.hold, self._intake.go_on
        self._door.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.leave(self)
        self._intake.drop()
        if self._cut is not None:
            self._cut.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._intake.add(data)

    def eof_received(self) -> None:
        self._intake.finish()
        super().eof_received()

    def send_data(self) -> None:
        """Part of the library: called behind all that is received, sent and closed."""
        super().send_data()
        ends = self.protocol.state is State.CLOSED or self.protocol.close_expected()
        if ends and self._cut is None:  # the library would wait for a peer that neither reads nor hangs up
            self._cut = self.loop.call_later(CLOSE_WITHIN_S, self.transport.abort)
            self._intake.go_on()  # its answer to the close stands behind what nobody reads any more
        if self.protocol.close_rcvd is not None and self.protocol.close_sent is not None:
            # The library would wait for the peer's end of TCP, and with it the session: a client that says goodbye and
            # comes back at once would find its session taken. The server may hang up first (RFC 6455, 7.1.1).
            self.transport.close()

    def process_event(self, event: Event) -> None:
        """Part of the library."""
        if self._cut is not None and isinstance(event, Frame) and event.opcode not in CTRL_OPCODES:
            return  # said after the end
        super().process_event(event)

    def _take(self, data: bytes) -> None:
        if self._opening is None:
            super().data_received(data)
            return
        if self._answered:
            return
        found = self._opening.receive(data)
        if isinstance(found, Upgrade):
            self._opening = None
            self._door.leave(self)
            super().data_received(found.data)
        elif found is not None:
            self.transport.write(found.data)
            if found.last:
                self._finish()

    def _finish(self) -> None:
        """Nothing more is said or read. A close with bytes unread would take the answer away from the client, so where
        only one direction can be closed, the client closes the other, or the time to open is over.
        """
        self._answered = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    # ------------------------------------------------------------------------------------ what a network may do

    def reset(self) -> None:
        """Cut the connection as TCP does: a reset, no close frame, nothing of what was still to be sent."""
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def delay_pongs(self, delay_s: float | None) -> None:
        """From now on answer pings so many seconds late; None for never, 0 at once."""
        self._pong_delay_s = delay_s

    def break_off(self, data: bytes | str) -> None:
        """Send the first half of a message, and end the connection there: no close frame, and no reset."""
        opcode, payload = (Opcode.TEXT, data.encode()) if isinstance(data, str) else (Opcode.BINARY, data)
        framed = Frame(opcode, payload).serialize(mask=False)
        self.transport.write(framed[: len(framed) // 2])
        self.transport.close()

    def freeze(self) -> None:
        """From now on read nothing: neither what comes nor that the peer is gone."""
        self._intake.hold()
        self.recv_messages.resume = lambda: None

    def _answer_ping(self, pong: Frame) -> None:
        if self._pong_delay_s == 0:
            if not self.paused:  # a peer that does not read gets no pongs: nothing bounds how many pings it sends
                ServerProtocol.send_frame(self._framing, pong)
        elif self._pong_delay_s is not None and self._late_pongs < MOST_PONGS:
            self._late_pongs += 1
            self.loop.call_later(self._pong_delay_s, self._send_late, pong)

    def _send_late(self, pong: Frame) -> None:
        self._late_pongs -= 1
        if not self.transport.is_closing() and self.protocol.close_sent is None:
            ServerProtocol.send_frame(self._framing, pong)
            self.send_data()

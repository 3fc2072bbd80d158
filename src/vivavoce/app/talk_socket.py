"""The socket of a call, by callback: no task, no queue and no waking between a frame and the gateway.

What a peer may do to it: send in pieces, flood, ping, stop reading, vanish. Messages are handed over a few at a time,
so that a peer whose bytes never run dry leaves the other calls their turns; what was read and not handed over is no
more than the library's buffer holds, which is at most two messages of the largest size.
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections import deque
from collections.abc import Callable

import picows

from vivavoce.wire import caller as wire

BREATH = 16
"""Messages handed over on one turn of the loop, some 1 ms; a caller in real time has one or two."""
BREATH_S = 0.005
"""And no more once they took so long: a frame that goes through an echo canceller costs 0.7 to 2 ms, and many came
while the line was down.
"""
LEAVE_WITHIN_S = 5.0
"""What the other side gets to take what is unsent and to answer our close; then the socket is dropped."""
MAX_PONG_UNSENT_BYTES = 64 * 1024
"""Beyond this a ping is not answered: who does not read gets nothing more to read."""

_BINARY, _TEXT, _CONTINUATION = picows.WSMsgType.BINARY, picows.WSMsgType.TEXT, picows.WSMsgType.CONTINUATION
_NEVER_SENT = frozenset({1004, 1005, 1006, 1015})  # RFC 6455 section 7.4.1
_PING, _CLOSE = picows.WSMsgType.PING, picows.WSMsgType.CLOSE


class TalkSocket(picows.WSListener):
    """A `gateway.outbox.CallerSocket`.

    Args:
        lost: called once the connection is gone.
        clock: seconds that never go back.
    """

    def __init__(self, lost: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.close_code = 1006
        self._clock = clock
        self.lost = asyncio.Event()
        self._tell_lost = lost
        self._transport: picows.WSTransport | None = None
        self._heard: Callable[[str | bytes], None] | None = None
        self._gone: Callable[[], None] | None = None
        self._backlog: deque[str | bytes] = deque()  # read and not handed over
        self._paused = True  # by whom we hand over to; at first there is nobody
        self._breathing = False
        self._taken = 0  # handed over on this turn of the loop
        self._breathe_at = 0.0
        self._parts: bytearray | None = None  # of a message in pieces
        self._parts_are_text = False
        self._over = False  # nothing more is handed over: the peer has closed, or vanished
        self._closing = False  # we have closed

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._over

    @property
    def unsent(self) -> int:
        if self._transport is None or self._over:
            return 0
        return self._transport.underlying_transport.get_write_buffer_size()

    def listen(self, heard: Callable[[str | bytes], None], gone: Callable[[], None]) -> None:
        self._heard, self._gone = heard, gone
        self.resume()

    def pause(self) -> None:
        self._paused = True
        self._read(False)

    def resume(self) -> None:
        self._paused = False
        self._go_on()

    def _go_on(self) -> None:
        """Hand over what is there, then read on."""
        while not (self._paused or self._breathing):
            if not self._backlog or self._heard is None:
                self._taken = 0
                if self._over:
                    self._say_gone()
                else:
                    self._read(True)
                return
            if self._out_of_breath():
                self._breathe()
                return
            self._heard(self._backlog.popleft())

    def _out_of_breath(self) -> bool:
        """Whether the next message waits for another turn of the loop; it counts as taken otherwise."""
        if self._taken == 0:
            self._breathe_at = self._clock() + BREATH_S
        elif self._taken >= BREATH or self._clock() >= self._breathe_at:
            return True
        self._taken += 1
        return False

    def _breathe(self) -> None:
        """Let the others have their turn."""
        self._breathing = True
        self._read(False)
        asyncio.get_running_loop().call_soon(self._breathed)

    def _breathed(self) -> None:
        self._breathing = False
        self._taken = 0
        self._go_on()

    def _read(self, on: bool) -> None:
        if self._transport is None or self._over:
            return
        if on:
            self._transport.underlying_transport.resume_reading()
        else:
            self._transport.underlying_transport.pause_reading()

    def send(self, data: str | bytes) -> None:
        if self._transport is not None and not self._over:
            self._transport.send(_BINARY if isinstance(data, bytes) else _TEXT, data)

    async def close(self, code: int, reason: str) -> None:
        if self._closing or self._over or self._transport is None:
            return
        self._closing = True
        self._backlog.clear()
        # a close frame holds 125 bytes, of which two are the code
        self._transport.send_close(code, reason.encode()[:123].decode(errors="ignore"))  # type: ignore[arg-type]
        self._transport.underlying_transport.resume_reading()  # else the peer's answer would not be seen
        asyncio.get_running_loop().call_later(LEAVE_WITHIN_S, self._transport.disconnect, False)

    # ------------------------------------------------------------------------------------- called by the library

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self._transport = transport

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        kind = frame.msg_type
        if kind is _CLOSE:
            self._closed(transport, frame.get_payload_as_bytes())
        elif self._closing or self._over:
            return
        elif frame.rsv1 or frame.rsv2 or frame.rsv3:
            self._violated(transport, picows.WSCloseCode.PROTOCOL_ERROR)  # no extension was agreed on
        elif kind is _BINARY and frame.fin and self._parts is None:
            if self._paused or self._breathing or self._heard is None or self._taken or not frame.last_in_buffer:
                self._hand_over(frame.get_payload_as_bytes(), last=frame.last_in_buffer)
            else:
                # thirty times a second: one microphone frame, and nothing before or behind it
                self._heard(frame.get_payload_as_bytes())
        elif kind is _PING:
            if self.unsent <= MAX_PONG_UNSENT_BYTES:
                transport.send_pong(frame.get_payload_as_bytes())
        elif kind in (_TEXT, _BINARY, _CONTINUATION):
            self._take(transport, frame)

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        self._over = True
        self.lost.set()
        self._tell_lost()
        if not self._backlog:
            self._go_on()

    def pause_writing(self) -> None:
        """What is unsent is looked at before each message; nothing is to be done here."""

    def resume_writing(self) -> None:
        pass

    # ------------------------------------------------------------------------------------------------- messages

    def _take(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        """Text, and messages in pieces."""
        goes_on = frame.msg_type is _CONTINUATION
        if goes_on is (self._parts is None):
            self._violated(transport, picows.WSCloseCode.PROTOCOL_ERROR)
            return
        data: bytes | bytearray = frame.get_payload_as_bytes()
        text = self._parts_are_text if goes_on else frame.msg_type is _TEXT
        if self._parts is not None:
            self._parts += data
            data = self._parts
        if len(data) > wire.MAX_FRAME_BYTES:
            self._violated(transport, picows.WSCloseCode.MESSAGE_TOO_BIG)
        elif not frame.fin:
            self._parts, self._parts_are_text = bytearray(data) if self._parts is None else self._parts, text
        else:
            self._parts = None
            try:
                message: str | bytes = data.decode() if text else bytes(data)
            except UnicodeDecodeError:
                self._violated(transport, picows.WSCloseCode.INVALID_TEXT)
                return
            self._hand_over(message, last=frame.last_in_buffer)

    def _hand_over(self, data: str | bytes, *, last: bool) -> None:
        if self._paused or self._breathing or self._heard is None:
            self._backlog.append(data)
        elif self._out_of_breath():
            self._backlog.append(data)
            self._breathe()
        else:
            self._heard(data)
            if last:
                self._taken = 0  # whatever comes next comes on another turn

    # --------------------------------------------------------------------------------------------------- the end

    def _closed(self, transport: picows.WSTransport, payload: bytes) -> None:
        self.close_code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
        if len(payload) >= 2 and self.close_code in _NEVER_SENT:
            self._violated(transport, picows.WSCloseCode.PROTOCOL_ERROR)
            return
        if not self._closing:
            transport.send_close(self.close_code if len(payload) >= 2 else picows.WSCloseCode.OK)  # type: ignore[arg-type]
        self._leave(transport)

    def _violated(self, transport: picows.WSTransport, code: picows.WSCloseCode) -> None:
        self.close_code = code.value
        transport.send_close(code)
        self._leave(transport)

    def _leave(self, transport: picows.WSTransport) -> None:
        self._over, self._parts = True, None
        transport.disconnect()
        asyncio.get_running_loop().call_later(LEAVE_WITHIN_S, transport.disconnect, False)
        if not self._backlog:
            self._go_on()

    def _say_gone(self) -> None:
        gone, self._gone = self._gone, None
        if gone is not None:
            gone()

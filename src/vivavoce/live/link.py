"""One connection to a live model: dial, hand events over as they come, send, close. It decides nothing.

Events are handed to a callback in the order of arrival, on the event loop and without a queue of our own: the reader of
the other side (the call's inbox) is bounded and says what happens when it is full.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import picows

from vivavoce.conversation import events as ev
from vivavoce.errors import LinkError, WireError
from vivavoce.live.backend import Target
from vivavoce.live.dialect import Dialect
from vivavoce.live.failures import DIAL_ERRORS, explained, hung_up, too_late

_library_log = logging.getLogger("picows.live")
_library_log.setLevel(logging.WARNING)  # below that it writes requests with their headers, and in them keys

SETUP_WITHIN_S = 12.0
"""The service answers a setup within a second or two; 10 to 15 s is what its own clients allow."""
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""What is accepted in one message; the services' own are far smaller (reference: one audio message is a few kB)."""
MAX_UNSENT_BYTES = 8 * 1024 * 1024
"""Beyond this a link that does not drain is closed. A call may send two minutes of its caller again at once
(`callsettings.MOST_RING_S`), which is 7.9 MB in base64 at 24 kHz.
"""
_TEXT = picows.WSMsgType.TEXT
_WHOLE = (picows.WSMsgType.BINARY, picows.WSMsgType.TEXT)
LEAVE_WITHIN_S = 2.0
"""What the other side gets to read our close; then the socket is dropped."""


class Link:
    """One connection. Made by `Link.open`; `on_close` is called exactly once, after the last event."""

    def __init__(
        self, dialect: Dialect, on_event: Callable[[ev.Event], None], on_close: Callable[[LinkError], None]
    ) -> None:
        self._dialect = dialect
        self._on_event = on_event
        self._on_close = on_close
        self._transport: picows.WSTransport | None = None
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closed = False
        self.rubbish = 0
        """Messages that could not be understood and were dropped."""

    @classmethod
    async def open(
        cls,
        target: Target,
        dialect: Dialect,
        on_event: Callable[[ev.Event], None],
        on_close: Callable[[LinkError], None],
        *,
        within_s: float = SETUP_WITHIN_S,
    ) -> Link:
        """Connect, say what is to be said first and wait until the model has taken it.

        Cancelling closes the socket; nothing is left behind. When this raises, `on_close` is not called.

        Raises:
            LinkError: with the close's code and reason when the service refused, the HTTP status when it did so before
            there was a WebSocket, 1006 when there was no connection or no answer in time; and with what to do.
        """
        link = cls(dialect, on_event, on_close)
        opened = False
        try:
            async with asyncio.timeout(within_s):
                await picows.ws_connect(
                    lambda: _Listener(link),
                    target.url,
                    logger_name=_library_log,
                    ssl_context=target.tls,
                    proxy=target.proxy,
                    extra_headers=target.headers,
                    max_redirects=0,  # the credential is for this host and no other
                    max_frame_size=MAX_MESSAGE_BYTES,
                    websocket_handshake_timeout=within_s,
                    # the service has been seen to take 30 s for a pong: TCP and the call's own watchdogs notice a dead
                    # peer
                    enable_auto_ping=False,
                    enable_auto_pong=False,  # the library's would go on filling a socket that nobody reads
                )
                if link._transport is None:  # hung up before the upgrade, which the library does not call an error
                    raise hung_up()
                link._send(dialect.opening())
                await link._ready
            opened = True
        except TimeoutError:
            raise too_late(within_s) from None
        except DIAL_ERRORS as error:
            raise explained(error, dialect) from None
        finally:
            if not opened:  # also when it was cancelled just as the answer came
                link.close()
                if not link._ready.cancel() and not link._ready.cancelled():
                    link._ready.exception()  # what it says is told by the error that is under way
        return link

    def send_audio(self, pcm: bytes) -> None:
        """PCM16 LE mono at 16 kHz."""
        if (data := self._dialect.audio(pcm)) and (transport := self._draining()) is not None:
            transport.send(_TEXT, data)

    def send_text(self, text: str) -> None:
        """A typed turn, or a briefing of ours."""
        self._send(self._dialect.text(text))

    def answer(self, call: str, name: str, response: dict[str, Any], scheduling: str | None) -> None:
        """A tool's answer, once for each call."""
        self._send(self._dialect.answer(call, name, response, scheduling))

    def turn_over(self) -> None:
        self._send(self._dialect.turn_over())

    def patience(self, silence_ms: int) -> None:
        """A pause may be so long from now on, if this model can learn it while it is connected."""
        self._send(self._dialect.patience(silence_ms))

    def microphone_off(self) -> None:
        self._send(self._dialect.microphone_off())

    def close(self) -> None:
        """Close and forget; `on_close` is not called for a close of our own."""
        self._closed = True
        if self._transport is not None:
            _leave(self._transport, picows.WSCloseCode.OK)

    def _send(self, messages: Sequence[bytes]) -> None:
        for data in messages:
            self._write(data)

    def _write(self, data: bytes) -> None:
        if data and (transport := self._draining()) is not None:
            transport.send(_TEXT, data)

    def _draining(self) -> picows.WSTransport | None:
        """The socket, if it takes more. One whose other side does not read is dropped."""
        transport = self._transport
        if transport is None or transport.is_disconnected:
            return None  # the close is on its way to the caller of `open`
        if transport.underlying_transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            transport.disconnect(graceful=False)
            return None
        return transport

    # --------------------------------------------------------------------------------- called by the listener

    def _connected(self, transport: picows.WSTransport) -> None:
        self._transport = transport

    def _pinged(self, payload: bytes) -> None:
        if (transport := self._draining()) is not None:
            transport.send_pong(payload)

    def _received(self, data: bytes) -> None:
        if self._closed:
            return
        try:
            events = self._dialect.read(data)
        except WireError:
            self.rubbish += 1
            return
        except LinkError as error:
            self._over(error)
            self.close()
            return
        self._send(self._dialect.due())
        if not self._ready.done():
            if not self._dialect.ready:
                return  # nothing may come before the answer to the setup
            self._ready.set_result(None)
        for event in events:
            self._on_event(event)

    def _disconnected(self, code: int, reason: str) -> None:
        when = "" if self._ready.done() else " during setup"
        self._over(
            LinkError(
                f"the live model closed{when} with {code}",
                code=code,
                reason=reason,
                kind=self._dialect.classify(code, reason).value,
                remedy=self._dialect.remedy(code, reason),
            )
        )

    def _over(self, error: LinkError) -> None:
        if not self._ready.done():
            self._ready.set_exception(error)
        elif not self._closed:
            self._closed = True
            self._on_close(error)


def _leave(transport: picows.WSTransport, code: picows.WSCloseCode) -> None:
    """Say goodbye and close, without waiting for ever for a peer that does not read."""
    transport.send_close(code)
    transport.disconnect()
    asyncio.get_running_loop().call_later(LEAVE_WITHIN_S, transport.disconnect, False)


async def _ask_why(transport: picows.WSTransport) -> None:
    """What the library found wrong is known from the close; asyncio complains of an error that nobody asks for."""
    with suppress(Exception):
        await transport.wait_disconnected()


class _Listener(picows.WSListener):
    """Joins frames to messages and reads the close."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._message = bytearray()  # its frames so far
        self._open = True
        self._close = (1006, "")
        self._asked: asyncio.Task[None] | None = None

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self._link._connected(transport)

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if not self._open:
            return  # after a close nothing counts
        payload = frame.get_payload_as_bytes()
        if frame.msg_type in _WHOLE and frame.fin and not self._message:
            self._link._received(payload)
            return
        match frame.msg_type:
            case picows.WSMsgType.TEXT | picows.WSMsgType.BINARY | picows.WSMsgType.CONTINUATION:
                self._take(transport, payload, last=frame.fin)
            case picows.WSMsgType.PING:
                self._link._pinged(payload)
            case picows.WSMsgType.CLOSE if len(payload) >= 2:
                said = (struct.unpack(">H", payload[:2])[0], payload[2:].decode(errors="replace"))
                self._end(transport, picows.WSCloseCode.OK, said)
            case picows.WSMsgType.CLOSE:
                self._end(transport, picows.WSCloseCode.OK, (1005, ""))

    def _take(self, transport: picows.WSTransport, payload: bytes, *, last: bool) -> None:
        self._message += payload
        if len(self._message) > MAX_MESSAGE_BYTES:
            self._end(transport, picows.WSCloseCode.MESSAGE_TOO_BIG, (1009, ""))
        elif last:
            data, self._message = bytes(self._message), bytearray()
            self._link._received(data)

    def _end(self, transport: picows.WSTransport, answer: picows.WSCloseCode, said: tuple[int, str]) -> None:
        self._open, self._close = False, said
        self._message = bytearray()
        _leave(transport, answer)

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        self._link._disconnected(*self._close)
        self._asked = asyncio.create_task(_ask_why(transport))

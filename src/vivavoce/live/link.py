"""One connection to a live model: dial, hand messages over as they come, send, close. It decides nothing.

Messages are handed to a callback in the order of arrival, on the event loop and without a queue of our own: the reader
of the other side (the call's inbox) is bounded and says what happens when it is full.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable

import picows

from vivavoce.errors import LinkError, WireError
from vivavoce.live.backend import Target, tls_context
from vivavoce.wire.gemini import codec
from vivavoce.wire.gemini.messages import ClientMessage, ServerMessage

SETUP_WITHIN_S = 12.0
"""The service answers a setup within a second or two; 10 to 15 s is what its own clients allow."""
MAX_UNSENT_BYTES = 4 * 1024 * 1024
"""Beyond this a link that does not drain is closed: two minutes of caller audio in base64 JSON are about 5 MB."""


class Link:
    """One connection. Made by `Link.open`; `on_close` is called exactly once, after the last message."""

    def __init__(self, on_message: Callable[[ServerMessage], None], on_close: Callable[[int, str], None]) -> None:
        self._on_message = on_message
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
        setup: ClientMessage,
        on_message: Callable[[ServerMessage], None],
        on_close: Callable[[int, str], None],
        *,
        within_s: float = SETUP_WITHIN_S,
    ) -> Link:
        """Connect, send the setup and wait until the model has taken it.

        Cancelling closes the socket; nothing is left behind. When this raises, `on_close` is not called.

        Raises:
            LinkError: with the close's code and reason when the service refused, 1006 when there was no connection or
            no answer in time.
        """
        link = cls(on_message, on_close)
        try:
            async with asyncio.timeout(within_s):
                await picows.ws_connect(
                    lambda: _Listener(link),
                    target.url,
                    ssl_context=tls_context(target),
                    extra_headers=target.headers,
                    max_frame_size=codec.MAX_MESSAGE_BYTES,
                    websocket_handshake_timeout=within_s,
                    # the service has been seen to take 30 s for a pong: TCP and the call's own watchdogs notice a dead
                    # peer
                    enable_auto_ping=False,
                )
                link._send(codec.encode(setup))
                await link._ready
        except TimeoutError:
            raise LinkError(f"no answer to the setup within {within_s:g} s") from None
        except (OSError, picows.WSError) as error:
            # the text of a handshake error may hold the request with its headers: name its kind only
            raise LinkError(f"no connection to the live model: {type(error).__name__}") from None
        finally:
            if not link._ready.done() or link._ready.cancelled() or link._ready.exception() is not None:
                link._closed = True
                link.close()
        return link

    def send(self, message: ClientMessage) -> None:
        self._send(codec.encode(message))

    def send_audio(self, pcm: bytes) -> None:
        """PCM16 LE mono at 16 kHz."""
        self._send(codec.encode_audio_in(pcm))

    def close(self) -> None:
        """Close and forget; `on_close` is not called for a close of our own."""
        self._closed = True
        if self._transport is not None:
            self._transport.send_close(picows.WSCloseCode.OK)
            self._transport.disconnect()

    def _send(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_disconnected:
            return  # the close is on its way to the caller of `open`
        if self._transport.underlying_transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            self._transport.disconnect(graceful=False)
            return
        self._transport.send(picows.WSMsgType.TEXT, data)

    # --------------------------------------------------------------------------------- called by the listener

    def _connected(self, transport: picows.WSTransport) -> None:
        self._transport = transport

    def _received(self, data: bytes) -> None:
        if self._closed:
            return
        try:
            message = codec.decode_server(data)
        except WireError:
            self.rubbish += 1
            return
        if not self._ready.done():
            if message.setup_complete is not None:
                self._ready.set_result(None)
            return  # nothing may come before the answer to the setup
        self._on_message(message)

    def _disconnected(self, code: int, reason: str) -> None:
        if not self._ready.done():
            self._ready.set_exception(
                LinkError(f"the live model closed during setup with {code}", code=code, reason=reason)
            )
        elif not self._closed:
            self._closed = True
            self._on_close(code, reason)


class _Listener(picows.WSListener):
    """Joins frames to messages and reads the close."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._parts: list[bytes] = []
        self._size = 0
        self._close = (1006, "")

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        self._link._connected(transport)

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type == picows.WSMsgType.CLOSE:
            payload = frame.get_payload_as_bytes()
            if len(payload) >= 2:
                self._close = (struct.unpack(">H", payload[:2])[0], payload[2:].decode(errors="replace"))
            else:
                self._close = (1005, "")
            transport.send_close(picows.WSCloseCode.OK)
            transport.disconnect()
        elif frame.msg_type in (
            picows.WSMsgType.TEXT,
            picows.WSMsgType.BINARY,
            picows.WSMsgType.CONTINUATION,
        ):
            payload = frame.get_payload_as_bytes()
            if frame.fin and not self._parts:
                self._link._received(payload)
                return
            self._parts.append(payload)
            self._size += len(payload)
            if self._size > codec.MAX_MESSAGE_BYTES:
                transport.send_close(picows.WSCloseCode.MESSAGE_TOO_BIG)
                transport.disconnect()
            elif frame.fin:
                data, self._parts, self._size = b"".join(self._parts), [], 0
                self._link._received(data)

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        self._link._disconnected(*self._close)

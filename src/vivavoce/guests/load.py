"""Many callers at once, as cheap as they can be: they talk at real pace, play at real pace and listen to nothing.

For measuring a server. Who wants callers that understand what is said takes a `guest`. Every frame they send carries
the moment it left in the lowest bits of its samples, and of what arrives such a moment is read, so that a peer which
does the same on this machine, such as a scripted model, makes delays measurable; nobody hears the difference.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
import picows

from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ, FRAME_SAMPLES
from vivavoce.wire import caller as wire

FRAME_S = FRAME_SAMPLES / CALLER_HZ
PLAY_SAMPLES = FRAME_SAMPLES * AGENT_HZ // CALLER_HZ
AHEAD_SAMPLES = AGENT_HZ // 5
"""What is gathered before playing begins, 200 ms: as a browser with a plain jitter buffer does."""
REPORT_FRAMES = 3
"""Frames between two reports of what was played: ten a second, as our browser SDK's."""
CONNECT_S = 10.0
GOODBYE_S = 5.0
_STAMP_BITS = 64
_MARK = 0xA5
"""The highest byte of a stamp; no clock of nanoseconds since the machine began gets there."""

Manner = Literal["talks", "vanishes", "never_reads", "floods"]
"""What becomes of a caller: an ordinary one, one whose connection is reset half way, one who reads nothing, and one who
sends as fast as the socket takes it.
"""


class LoadResult(msgspec.Struct, kw_only=True):
    """What a crowd of callers saw."""

    calls: int = 0
    finished: int = 0
    """Calls that the server ended as agreed, after the caller hung up."""
    closes: dict[int, int] = {}
    """How sockets were closed, by code."""
    reasons: dict[str, int] = {}
    """Why calls ended, as the server told."""
    call_seconds: float = 0.0
    frames_sent: int = 0
    frames_heard: int = 0
    seconds_heard: float = 0.0
    late_ms: list[float] = []
    """How late each frame left after its time, of the callers that keep to it: how busy this process was."""
    delays_ms: list[float] = []
    """Ages of the stamps that arrived."""


def stamp(pcm: bytes, now_ns: int) -> bytes:
    """PCM16 of at least 64 samples with a moment in the lowest bits of the first 64."""
    samples = np.frombuffer(pcm, "<i2").copy()
    bits = np.unpackbits(np.frombuffer((now_ns | _MARK << 56).to_bytes(8, "big"), np.uint8))
    samples[:_STAMP_BITS] = (samples[:_STAMP_BITS] & ~1) | bits
    return samples.tobytes()


def stamped_at(pcm: bytes) -> int | None:
    """The moment in PCM16, in nanoseconds; None when there is none."""
    if len(pcm) < 2 * _STAMP_BITS:
        return None
    bits = (np.frombuffer(pcm, "<i2", _STAMP_BITS) & 1).astype(np.uint8)
    value = int.from_bytes(np.packbits(bits).tobytes(), "big")
    return value ^ _MARK << 56 if value >> 56 == _MARK else None


def quiet_room(seed: int = 0) -> bytes:
    """One frame of the noise of a quiet room, RMS 0.003: no gate takes it for speech."""
    return (np.random.default_rng(seed).standard_normal(FRAME_SAMPLES) * 100).astype("<i2").tobytes()


async def load(
    url: str,
    tickets: Sequence[str],
    seconds: float,
    *,
    manners: Sequence[Manner] = (),
    over_s: float = 1.0,
    settle_s: float = 0.0,
) -> LoadResult:
    """Hold one call for each ticket, all at once, and hang up.

    Args:
        url: of the socket of calls, ws:// or wss://.
        tickets: of booked calls.
        seconds: that each call lasts.
        manners: of the first so many callers; the others talk.
        over_s: time over which the calls begin; their frames are spread over it too, as those of people are.
        settle_s: delays before this much time has passed are not kept.
    """
    result = LoadResult(calls=len(tickets))
    noise = quiet_room()
    count_from = time.monotonic() + settle_s
    step_s = over_s / max(1, len(tickets))

    async def one(index: int, ticket: str) -> None:
        await asyncio.sleep(index * step_s)
        manner = manners[index] if index < len(manners) else "talks"
        await _Caller(result, noise, manner, count_from).hold(url, ticket, seconds)

    await asyncio.gather(*(one(index, ticket) for index, ticket in enumerate(tickets)))
    return result


class _Caller(picows.WSListener):
    """One caller's machine."""

    def __init__(self, result: LoadResult, noise: bytes, manner: Manner, count_from: float) -> None:
        self._result = result
        self._noise = noise
        self._manner = manner
        self._count_from = count_from
        self._gone = asyncio.Event()
        self._over = False
        self._code = 1006
        self._reply = 0
        self._heard = 0  # samples of the reply that have arrived
        self._played = 0
        self._playing = False

    async def hold(self, url: str, ticket: str, seconds: float) -> None:
        offered = f"{wire.SUBPROTOCOL}, {wire.TICKET_PREFIX}{ticket}"
        try:
            transport, _ = await picows.ws_connect(
                lambda: self,
                url,
                extra_headers={"Sec-WebSocket-Protocol": offered},
                websocket_handshake_timeout=CONNECT_S,
                max_redirects=0,
            )
        except (OSError, TimeoutError, picows.WSError):
            self._result.closes[1006] = self._result.closes.get(1006, 0) + 1
            return
        began = time.monotonic()
        try:
            await self._talk(transport, seconds)
        finally:
            self._result.call_seconds += time.monotonic() - began
            self._result.closes[self._code] = self._result.closes.get(self._code, 0) + 1
            transport.disconnect(graceful=False)

    async def _talk(self, transport: picows.WSTransport, seconds: float) -> None:
        text = picows.WSMsgType.TEXT
        transport.send(text, wire.encode(wire.Hello(echo_cancelled=True, client="load")))
        transport.send(text, wire.encode(wire.Consent(decision="given")))
        if self._manner == "never_reads":
            transport.underlying_transport.pause_reading()
        begin = time.monotonic()
        frames = int(seconds / FRAME_S)
        for index in range(frames):
            due = begin + index * FRAME_S
            wait_s = due - time.monotonic()
            if self._manner == "floods":
                await asyncio.sleep(0)
                if transport.underlying_transport.get_write_buffer_size() > 64 * 1024:
                    await asyncio.sleep(FRAME_S)
            elif wait_s > 0:
                await asyncio.sleep(wait_s)
            if self._gone.is_set():
                return
            if self._manner == "vanishes" and index >= frames // 2:
                reset(transport)
                return
            if self._manner == "talks":
                self._result.late_ms.append(max(0.0, (time.monotonic() - due) * 1000))
            self._send_frame(transport, index)
        if not self._over:
            transport.send(text, wire.encode(wire.Leave()))
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._gone.wait()
        except TimeoutError:
            return

    def _send_frame(self, transport: picows.WSTransport, index: int) -> None:
        pcm = stamp(self._noise, time.monotonic_ns())
        frame = wire.Frame(wire.FrameKind.MIC, 0, 0, index * FRAME_SAMPLES, pcm)
        transport.send(picows.WSMsgType.BINARY, wire.encode_frame(frame))
        self._result.frames_sent += 1
        self._play()
        if self._played and index % REPORT_FRAMES == 0:
            report = wire.Played(reply=self._reply, samples=self._played, at=index * FRAME_SAMPLES)
            transport.send(picows.WSMsgType.TEXT, wire.encode(report))

    def _play(self) -> None:
        """What a loudspeaker does in one frame's time."""
        if self._playing:
            self._played = min(self._heard, self._played + PLAY_SAMPLES)
        elif self._heard >= AHEAD_SAMPLES:
            self._playing = True

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        match frame.msg_type:
            case picows.WSMsgType.BINARY:
                now_ns = time.monotonic_ns()
                heard = wire.decode_frame(frame.get_payload_as_bytes())
                self._result.frames_heard += 1
                self._result.seconds_heard += len(heard.pcm) / 2 / AGENT_HZ
                if now_ns > self._count_from * 1e9 and (left_ns := stamped_at(heard.pcm)) is not None:
                    self._result.delays_ms.append((now_ns - left_ns) / 1e6)
                if heard.reply != self._reply:
                    self._reply, self._played, self._playing = heard.reply, 0, False
                self._heard = heard.position + len(heard.pcm) // 2
            case picows.WSMsgType.TEXT:
                message = wire.decode_gateway(frame.get_payload_as_bytes())
                if isinstance(message, wire.ReplyDone):
                    self._playing = True  # a short one is played though it never fills the buffer
                elif isinstance(message, wire.Ended):
                    self._over = True
                    self._result.reasons[message.reason] = self._result.reasons.get(message.reason, 0) + 1
                    self._result.finished += message.reason == "caller_hung_up"
            case picows.WSMsgType.CLOSE:
                payload = frame.get_payload_as_bytes()
                self._code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
                transport.send_close(picows.WSCloseCode.OK)
                transport.disconnect()

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        self._gone.set()


def reset(transport: picows.WSTransport) -> None:
    """Vanish as a machine does that is switched off: the other side gets a reset and no goodbye."""
    raw = transport.underlying_transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.disconnect(graceful=False)

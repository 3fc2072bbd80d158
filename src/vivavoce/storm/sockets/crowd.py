"""Callers who speak, listen, interrupt, lose their own line now and then, and know every frame they sent.

Their machines do what the browser's SDK does: the microphone goes on while the line is down, what was not heard goes
again on return, what is cut is dropped, what was played is told.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

import msgspec
import numpy as np
import picows

from vivavoce.audio.pcm import AGENT_HZ, FRAME_SAMPLES
from vivavoce.guests.load import CONNECT_S, FRAME_S, GOODBYE_S, PLAY_SAMPLES, quiet_room, reset
from vivavoce.storm.sockets.marks import Mark, mark_of, marked
from vivavoce.storm.sockets.processes import answer, quick
from vivavoce.wire import caller as wire

RING_FRAMES = round(30 / FRAME_S)
ANSWER_WITHIN_S = 30.0
"""A caller who has waited so long says something else, and the utterance counts as never answered."""
REPORT_FRAMES = 3
START_SAMPLES = AGENT_HZ // 5
_TEXT, _BINARY = picows.WSMsgType.TEXT, picows.WSMsgType.BINARY


class Utterance(msgspec.Struct, frozen=True):
    call: int
    number: int
    first: int
    """Frame of the microphone."""
    last: int
    ended_ns: int
    over_agent: bool
    """It began while the agent was heard."""


class Seen(msgspec.Struct, kw_only=True):
    """What a crowd saw."""

    calls: int = 0
    seconds: float = 0.0
    ends: dict[str, int] = {}
    """Calls by why they ended, as they were told; by close code where nothing was told."""
    returns: int = 0
    utterances: list[Utterance] = []
    first_sounds: list[tuple[int, int]] = []
    """Call, when the first sound of a reply was played."""
    lost_ms: float = 0.0
    """Of the agent's sound: holes in what came, in replies that were not cut."""
    repeated_ms: float = 0.0
    late_ms: float = 0.0
    """Of replies that had been cut."""
    stuttered: list[tuple[int, int, float]] = []
    """Call, when, and for how many ms a reply that had begun to play and was not over had nothing to play."""
    spoken_s: float = 0.0
    heard_s: float = 0.0


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    seed: int = 0
    interrupts: float = 0.15
    drops_after_s: tuple[float, float] | None = (8.0, 40.0)
    """The caller's own line is reset after so long, again and again; None for never."""


class _Reply:
    def __init__(self) -> None:
        self.arrived = self.played = 0
        self.total: int | None = None
        self.playing = False


class Caller(picows.WSListener):
    def __init__(self, number: int, seen: Seen, manner: Manner, quiet: bytes, loud: bytes) -> None:
        self._number = number
        self._seen = seen
        self._chance = random.Random(f"{manner.seed}:{number}")  # noqa: S311  # a plan, not a secret
        self._manner = manner
        self._quiet, self._loud = quiet, loud
        self._transport: picows.WSTransport | None = None
        self._live = False
        self._secret = ""
        self._index = 0
        self._ring: deque[tuple[int, bytes]] = deque(maxlen=RING_FRAMES)
        self._replies: dict[int, _Reply] = {}
        self._over = 0  # replies up to this one are cut or were played
        self._cut: set[int] = set()
        self._heard_to = (0, 0)  # the newest reply of which something was played, and how much
        self._chunks: set[tuple[int, int]] = set()
        self._reason = ""
        self._code = 0
        self._done = False
        self._gone = asyncio.Event()
        # the talk
        self._spoken = 0
        self._speaking = 0  # frames left
        self._first = 0
        self._over_agent = False
        self._speak_at: float | None = None
        self._heard_since = False  # an answer to the last utterance was played
        self._asked_at = 0.0

    async def hold(self, url: str, ticket: str, seconds: float) -> None:
        began = time.monotonic()
        self._asked_at = began
        self._speak_at = began + ANSWER_WITHIN_S
        self._secret = ticket
        drop_at = self._next_drop(began)
        attempt, dial_at = 0, began
        while not self._done:
            due = began + self._index * FRAME_S
            if (wait_s := due - time.monotonic()) > 0:
                await asyncio.sleep(wait_s)
            now = time.monotonic()
            if now - began >= seconds:
                break
            if self._transport is None and now >= dial_at:
                if await self._dial(url):
                    attempt = 0
                else:
                    attempt += 1
                    dial_at = time.monotonic() + min(8.0, 0.25 * 2**attempt)
                now = time.monotonic()
            if self._live and drop_at is not None and now >= drop_at:
                drop_at = self._next_drop(now)
                self._cut_line()
            self._frame(now)
        self._seen.seconds += time.monotonic() - began
        for number in sorted(self._replies)[:-1]:  # the next one has begun, so nothing of these is on its way any more
            reply = self._replies[number]
            self._seen.lost_ms += max(0, (reply.total or 0) - reply.arrived) / AGENT_HZ * 1000
        await self._leave()
        ended = self._reason or str(self._code)
        self._seen.ends[ended] = self._seen.ends.get(ended, 0) + 1

    def _next_drop(self, now: float) -> float | None:
        return now + self._chance.uniform(*self._manner.drops_after_s) if self._manner.drops_after_s else None

    async def _dial(self, url: str) -> bool:
        offered = f"{wire.SUBPROTOCOL}, {wire.TICKET_PREFIX}{self._secret}"
        try:
            transport, _ = await picows.ws_connect(
                lambda: self,
                url,
                extra_headers={"Sec-WebSocket-Protocol": offered},
                websocket_handshake_timeout=CONNECT_S,
                max_redirects=0,
            )
        except (OSError, TimeoutError, picows.WSError):
            return False
        self._transport = transport
        reply, played = self._heard_to
        hello = wire.Hello(echo_cancelled=True, client="storm", pace="casual", reply=reply, samples=played)
        transport.send(_TEXT, wire.encode(hello))
        return True

    def _cut_line(self) -> None:
        transport, self._transport, self._live = self._transport, None, False
        if transport is not None:
            reset(transport)

    async def _leave(self) -> None:
        if self._transport is None:
            return
        self._transport.send(_TEXT, wire.encode(wire.Leave()))
        self._gone.clear()
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._gone.wait()
        except TimeoutError:
            self._cut_line()

    # -------------------------------------------------------------------------------------------- the microphone

    def _frame(self, now: float) -> None:
        self._talk(now)
        utterance = self._spoken if self._speaking else 0
        noise = self._loud if utterance else self._quiet
        frame = wire.Frame(
            wire.FrameKind.MIC, 0, 0, self._index * FRAME_SAMPLES,
            marked(noise, Mark(self._number, utterance, self._index)),
        )  # fmt: skip
        data = wire.encode_frame(frame)
        self._ring.append((frame.position, data))
        self._index += 1
        if self._live and self._transport is not None:
            self._transport.send(_BINARY, data)
        if self._speaking:
            self._speaking -= 1
            if not self._speaking:
                self._said(now)
        self._play()

    def _talk(self, now: float) -> None:
        """Whether to begin to speak: when the answer is over, now and then into it, and when none comes."""
        if self._speaking:
            return
        playing = any(reply.playing for reply in self._replies.values())
        if self._speak_at is not None and now >= self._speak_at:
            self._speak_at = None
            self._spoken += 1
            self._speaking = self._chance.randint(30, 80)
            self._first = self._index
            self._over_agent = playing
            self._heard_since = False

    def _said(self, now: float) -> None:
        last = self._index - 1
        said = Utterance(self._number, self._spoken, self._first, last, time.monotonic_ns(), self._over_agent)
        self._seen.utterances.append(said)
        self._seen.spoken_s += (last - self._first + 1) * FRAME_S
        self._asked_at = now
        self._speak_at = now + ANSWER_WITHIN_S

    # -------------------------------------------------------------------------------------------- the loudspeaker

    def _play(self) -> None:
        """What a loudspeaker does in one frame's time."""
        if not self._replies:
            return
        number = min(self._replies)
        reply = self._replies[number]
        if not reply.playing:
            if reply.arrived < START_SAMPLES and reply.total is None:
                return
            reply.playing = True
            self._seen.first_sounds.append((self._number, time.monotonic_ns()))
            self._heard_since = True
            if self._chance.random() < self._manner.interrupts:
                self._speak_at = time.monotonic() + self._chance.uniform(0.4, 0.9)
        if reply.arrived > reply.played:
            reply.played = min(reply.arrived, reply.played + PLAY_SAMPLES)
            self._heard_to = (number, reply.played)
        elif reply.total is None:
            self._seen.stuttered.append((self._number, time.monotonic_ns(), FRAME_S * 1000))
        over = reply.total is not None and reply.played >= reply.total
        if self._index % REPORT_FRAMES == 0 or over:
            self._tell(wire.Played(reply=number, samples=reply.played, at=self._index * FRAME_SAMPLES))
        if over:
            self._close(number)
            if not self._replies and self._heard_since and not self._speaking:
                self._speak_at = time.monotonic() + self._chance.uniform(0.3, 0.8)

    def _close(self, number: int) -> None:
        reply = self._replies.pop(number)
        self._over = max(self._over, number)
        self._seen.heard_s += reply.played / AGENT_HZ

    def _tell(self, message: wire.Played) -> None:
        if self._live and self._transport is not None:
            self._transport.send(_TEXT, wire.encode(message))

    # -------------------------------------------------------------------------------------------- what comes

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if transport is not self._transport and self._transport is not None:
            return
        match frame.msg_type:
            case picows.WSMsgType.BINARY:
                self._heard(wire.decode_frame(frame.get_payload_as_bytes()))
            case picows.WSMsgType.TEXT:
                self._told(transport, wire.decode_gateway(frame.get_payload_as_bytes()))
            case picows.WSMsgType.PING:
                transport.send_pong(frame.get_payload_as_bytes())
            case picows.WSMsgType.CLOSE:
                payload = frame.get_payload_as_bytes()
                self._code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
                self._done = self._done or self._code in (wire.CloseCode.NORMAL, wire.CloseCode.NOT_AUTHORISED)
                transport.send_close(picows.WSCloseCode.OK)
                transport.disconnect()

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        if transport is self._transport:
            self._transport, self._live = None, False
            self._gone.set()

    def _told(self, transport: picows.WSTransport, message: wire.GatewayMessage) -> None:
        match message:
            case wire.Welcome():
                self._secret = message.resume
                self._live = True
                self._seen.returns += message.returned
                if not message.returned:
                    transport.send(_TEXT, wire.encode(wire.Consent(decision="given")))
                for position, data in self._ring:
                    if not message.returned or position >= message.heard:
                        transport.send(_BINARY, data)
            case wire.Cut():
                self._cut.update(range(self._over + 1, message.reply + 1))
                self._over = max(self._over, message.reply)
                for number in [number for number in self._replies if number <= message.reply]:
                    self._close(number)
            case wire.ReplyDone():
                if message.reply > self._over:
                    self._replies.setdefault(message.reply, _Reply()).total = message.samples
            case wire.Ended():
                self._reason, self._done = message.reason, True

    def _heard(self, frame: wire.Frame) -> None:
        samples = len(frame.pcm) // 2
        if frame.reply <= self._over:  # one that was heard to its end while the welcome was on its way comes again
            self._seen.late_ms += samples / AGENT_HZ * 1000 * (frame.reply in self._cut)
            return
        reply = self._replies.setdefault(frame.reply, _Reply())
        if frame.position > reply.arrived:
            self._seen.lost_ms += (frame.position - reply.arrived) / AGENT_HZ * 1000
        end = frame.position + samples
        if end <= reply.arrived:
            return  # sent again after a return, and it was there
        if (mark := mark_of(frame.pcm)) is not None:
            chunk = (mark.major, mark.minor)
            self._seen.repeated_ms += samples / AGENT_HZ * 1000 * (chunk in self._chunks)
            self._chunks.add(chunk)
        reply.arrived = end


async def talk(url: str, tickets: Sequence[str], seconds: float, manner: Manner, *, over_s: float) -> Seen:
    """Hold one call for each ticket, all at once.

    Args:
        url: of the socket of calls.
        over_s: time over which they begin.
    """
    seen = Seen(calls=len(tickets))
    quiet = quiet_room()
    loud = (np.random.default_rng(1).standard_normal(FRAME_SAMPLES) * 4000).astype("<i2").tobytes()

    async def one(index: int, ticket: str) -> None:
        await asyncio.sleep(index * over_s / max(1, len(tickets)))
        await Caller(index + 1, seen, manner, quiet, loud).hold(url, ticket, seconds)

    await asyncio.gather(*(one(index, ticket) for index, ticket in enumerate(tickets)))
    return seen


def crowd(pipe: Connection) -> None:
    """A process of callers. Request: `talk`, with the arguments of `talk`."""

    async def hold(url: str, tickets: list[str], seconds: float, manner: dict[str, Any], over_s: float) -> Any:
        return msgspec.to_builtins(await talk(url, tickets, seconds, msgspec.convert(manner, Manner), over_s=over_s))

    quick(lambda: answer(pipe, {"talk": hold}))

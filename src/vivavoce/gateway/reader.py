"""Reads one caller's machine: what it says becomes events, its sound goes to the uplink. It may say anything at any
time; what is not understood is left out and told once, and only who goes on with it is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from vivavoce.conversation import events as ev
from vivavoce.errors import WireError
from vivavoce.gateway import notices
from vivavoce.gateway.outbox import CallerSocket, Outbox
from vivavoce.gateway.uplink import Uplink
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

HELLO_WITHIN_S = 10.0
"""A browser says hello within a round trip."""
AHEAD_OF_TIME_S = 30.0
"""How far a microphone's clock may run before ours: a machine that slept sends what it kept in a burst, none has a
future.
"""
BREATH_EVERY = 8
PATIENCE = 20
"""Messages outside the protocol before a caller's machine is given up; a version mismatch makes one or two."""


class Reader:
    """
    Args:
        call: its id, for the log.
        happened: takes the events; waits where there is no room.
        clock: seconds since the call began.
    """

    def __init__(
        self,
        call: str,
        socket: CallerSocket,
        outbox: Outbox,
        happened: Callable[[ev.Event], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        self._call = call
        self._socket = socket
        self._outbox = outbox
        self._happened = happened
        self._clock = clock
        self._misunderstood = 0

    @property
    def gave_up(self) -> bool:
        """Whether the caller's machine spoke another language for too long."""
        return self._misunderstood > PATIENCE

    async def hello(self) -> wire.Hello | None:
        """The first message that is a hello, None when none comes. What comes before it is refused and counted."""
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                while (data := await self._socket.receive()) is not None:
                    try:
                        message = wire.decode_caller(data) if isinstance(data, str) else None
                    except WireError:
                        message = None
                    if isinstance(message, wire.Hello):
                        return message
                    if not self._bear():
                        return None
        except TimeoutError:
            pass
        return None

    async def read(self, uplink: Uplink) -> None:
        """Until the caller is gone; that is the last event."""
        taken = 0
        while (data := await self._socket.receive()) is not None:
            taken += 1
            if taken % BREATH_EVERY == 0:
                await asyncio.sleep(0)  # a peer that never lets the socket run dry must not starve the other calls
            try:
                if isinstance(data, bytes):
                    self._hear(wire.decode_frame(data), uplink)
                else:
                    await self._happened(_believed(_event(wire.decode_caller(data)), uplink.position))
            except WireError as error:
                log.info("bad message", call=self._call, problem=str(error))
                if not self._bear():
                    break
        await self._happened(ev.CallerLeft(self._socket.close_code))

    def _hear(self, frame: wire.Frame, uplink: Uplink) -> None:
        if frame.kind is not wire.FrameKind.MIC:
            raise WireError("want a microphone frame, got a reply frame", code=wire.CloseCode.PROTOCOL)
        samples = len(frame.pcm) // 2
        if samples and not wire.MIN_MIC_SAMPLES <= samples <= wire.MAX_MIC_SAMPLES:
            raise WireError(
                f"want {wire.MIN_MIC_SAMPLES} to {wire.MAX_MIC_SAMPLES} samples a frame, got {samples}",
                code=wire.CloseCode.PROTOCOL,
            )
        ahead_s = frame.position / wire.CALLER_HZ - self._clock()
        if ahead_s > AHEAD_OF_TIME_S:
            raise WireError(f"want sound in real time, got it {ahead_s:.0f} s early", code=wire.CloseCode.PROTOCOL)
        uplink.take(frame.position, frame.pcm)

    def _bear(self) -> bool:
        """Tell the caller's machine once that it is not understood; False when enough is enough."""
        self._misunderstood += 1
        if self._misunderstood == 1:
            self._outbox.tell(notices.notice("bad_message"))
        return not self.gave_up


def _believed(event: ev.Event, position: int) -> ev.Event:
    """A report of what was heard cannot be ahead of the microphone's own frames."""
    if isinstance(event, ev.Played):
        return ev.Played(event.reply, event.samples, min(max(event.at, 0), position))
    return event


def _event(message: wire.CallerMessage) -> ev.Event:
    match message:
        case wire.Played(reply=reply, samples=samples, at=at):
            return ev.Played(reply, samples, at)
        case wire.Typed(text=text):
            return ev.CallerTyped(text)
        case wire.Correct(field=field, value=value):
            return ev.FactCorrected(field, value)
        case wire.Mode(mode=mode):
            return ev.ModeChanged(mode)
        case wire.Consent(decision=decision, text_version=version):
            return ev.ConsentDecided(decision, version)
        case wire.Leave():
            return ev.CallerHungUp()
        case _:
            raise WireError("want hello only once, as the first message", code=wire.CloseCode.PROTOCOL)

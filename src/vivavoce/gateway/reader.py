"""Reads one caller's machine: what it says becomes events, its sound goes to the uplink. It may say anything at any
time; what is not understood is left out and told once, and only who goes on with it is given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

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
PATIENCE = 20
"""Messages outside the protocol before a caller's machine is given up; a version mismatch makes one or two."""


class Reader:
    """
    Args:
        call: its id, for the log.
        happened: takes the events.
        broke: takes what went wrong on our side.
        clock: seconds since the call began.
    """

    def __init__(
        self,
        call: str,
        socket: CallerSocket,
        outbox: Outbox,
        happened: Callable[[ev.Event], None],
        broke: Callable[[Exception], None],
        clock: Callable[[], float],
    ) -> None:
        self._call = call
        self._socket = socket
        self._outbox = outbox
        self._happened = happened
        self._broke = broke
        self._clock = clock
        self._misunderstood = 0
        self._hello: asyncio.Future[wire.Hello | None] = asyncio.get_running_loop().create_future()
        self._uplink: Uplink | None = None
        self._over = False

    @property
    def gave_up(self) -> bool:
        """Whether the caller's machine spoke another language for too long."""
        return self._misunderstood > PATIENCE

    async def hello(self) -> wire.Hello | None:
        """The first message that is a hello, None when none comes. What comes before it is refused and counted; what
        comes after waits for `read`.
        """
        self._socket.listen(self._greeted, self._gone)
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                return await self._hello
        except TimeoutError:
            return None

    def read(self, uplink: Uplink) -> None:
        """From now on, until the caller is gone; that is the last event."""
        self._uplink = uplink
        self._socket.listen(self._heard, self._gone)

    def _greeted(self, data: str | bytes) -> None:
        try:
            message = wire.decode_caller(data) if isinstance(data, str) else None
        except WireError:
            message = None
        if isinstance(message, wire.Hello):
            self._socket.pause()
            self._answer(message)
        elif not self._bear():
            self._answer(None)

    def _answer(self, hello: wire.Hello | None) -> None:
        if not self._hello.done():
            self._hello.set_result(hello)

    def _heard(self, data: str | bytes) -> None:
        if self._over:
            return
        assert self._uplink is not None, "what is said is read once there is somewhere to bring it"
        try:
            if isinstance(data, bytes):
                self._hear(wire.decode_frame(data), self._uplink)
            else:
                self._happened(_believed(_event(wire.decode_caller(data)), self._uplink.position))
        except WireError as error:
            log.info("bad message", call=self._call, problem=str(error))
            if not self._bear():
                self._gone()
        except Exception as fault:  # noqa: BLE001  # ours: it ends this call and not the socket's callback
            self._over = True
            self._broke(fault)

    def _gone(self) -> None:
        self._answer(None)
        if self._uplink is not None and not self._over:
            self._over = True
            self._happened(ev.CallerLeft(self._socket.close_code))

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

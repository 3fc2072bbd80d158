"""Makes sense of one caller's machine: what it says becomes events, its sound goes to the uplink. It may say anything
at any time; what is not understood is left out and told once, and only who goes on with it is given up.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from vivavoce.conversation import events as ev
from vivavoce.errors import WireError
from vivavoce.gateway import notices, reports
from vivavoce.gateway.greeting import PATIENCE
from vivavoce.gateway.ration import Ration
from vivavoce.gateway.reports import BURST, PER_S
from vivavoce.gateway.uplink import Uplink
from vivavoce.wire import caller as wire

log = structlog.get_logger(__name__)

AHEAD_OF_TIME_S = 30.0
"""How far a microphone's clock may run before ours: a machine that slept sends what it kept in a burst, none has a
future.
"""


class Reader:
    """
    Args:
        call: its id, for the log.
        tell: sends the caller's machine a message.
        happened: takes the events.
        broke: takes what went wrong on our side.
        judged: takes how the caller's machine stands with its echo; returns what has changed by that, if anything.
        clock: seconds since the call began.
        taken: number of the newest of what the caller typed, set or decided that another server took.
    """

    def __init__(
        self,
        call: str,
        uplink: Uplink,
        *,
        tell: Callable[[wire.GatewayMessage], None],
        happened: Callable[[ev.Event], None],
        broke: Callable[[Exception], None],
        judged: Callable[[reports.EchoState], ev.EchoChanged | None],
        clock: Callable[[], float],
        taken: int = 0,
    ) -> None:
        self._call = call
        self._uplink = uplink
        self._tell = tell
        self._happened = happened
        self._broke = broke
        self._judged = judged
        self._clock = clock
        self._measurements, self._doubts, self._echoes, self._dones = (
            Ration(clock, per_s=PER_S, burst=BURST) for _ in range(4)
        )
        self._misunderstood = 0
        self._over = False
        self.taken = taken
        """Number of the newest of what the caller typed, set or decided that was taken."""
        self.heard_at = clock()
        """When the last frame came."""
        self.left_out = 0
        """Reports beyond their ration."""

    @property
    def gave_up(self) -> bool:
        """Whether the caller's machine spoke another language for too long."""
        return self._misunderstood > PATIENCE

    def take(self, data: str | bytes) -> None:
        """A message of the caller's machine; none after it was given up."""
        if self._over:
            return
        try:
            if isinstance(data, bytes):
                self._hear(wire.decode_frame(data))
            elif (event := self._event(wire.decode_caller(data))) is not None:
                self._happened(event)
        except WireError as error:
            log.info("bad message", call=self._call, problem=str(error))
            self._bear()
        except Exception as fault:  # noqa: BLE001  # ours: it ends this call and not the socket's callback
            self._over = True
            self._broke(fault)

    def _hear(self, frame: wire.Frame) -> None:
        if frame.kind is not wire.FrameKind.MIC:
            raise WireError("want a microphone frame, got a reply frame", code=wire.CloseCode.PROTOCOL)
        samples = len(frame.pcm) // 2
        if samples and not wire.MIN_MIC_SAMPLES <= samples <= wire.MAX_MIC_SAMPLES:
            raise WireError(
                f"want {wire.MIN_MIC_SAMPLES} to {wire.MAX_MIC_SAMPLES} samples a frame, got {samples}",
                code=wire.CloseCode.PROTOCOL,
            )
        now = self._clock()
        ahead_s = frame.position / wire.CALLER_HZ - now
        if ahead_s > AHEAD_OF_TIME_S:
            raise WireError(f"want sound in real time, got it {ahead_s:.0f} s early", code=wire.CloseCode.PROTOCOL)
        self.heard_at = now
        self._uplink.take(frame.position, frame.pcm)

    def _bear(self) -> None:
        """Tell the caller's machine once that it is not understood; when enough is enough, it is given up."""
        self._misunderstood += 1
        if self._misunderstood == 1:
            self._tell(notices.notice("bad_message"))
        if self.gave_up:
            self._over = True
            self._happened(ev.CallerLeft(wire.CloseCode.PROTOCOL))

    def _event(self, message: wire.CallerMessage) -> ev.Event | None:
        """What a message means; None for one that is left out.

        Raises:
            WireError: it means nothing.
        """
        position = self._uplink.position
        if isinstance(message, wire.Typed | wire.Correct | wire.Consent) and message.number:
            if message.number <= self.taken:
                return None  # sent again over another line, and it had come
            self.taken = message.number
        match message:
            case wire.Played(reply=reply, samples=samples, at=at):
                # a report of what was heard cannot be ahead of the microphone's own frames
                return ev.Played(reports.counted(reply), reports.counted(samples), min(max(at, 0), position))
            case wire.Typed(text=text, number=number):
                return ev.CallerTyped(text, number)
            case wire.Correct(field=field, value=value, number=number):
                return ev.FactCorrected(field, reports.set_by_hand(value), number)
            case wire.Mode(mode=mode):
                return ev.ModeChanged(mode)
            case wire.Pace(pace=pace):
                return ev.PaceChanged(pace)
            case wire.Done():
                # each is seconds of silence to the model
                return ev.CallerDone() if self._within(self._dones) else None
            case wire.Consent(decision=decision, text_version=version, lang=lang, number=number):
                return ev.ConsentDecided(decision, version, lang, number)
            case wire.Leave():
                return ev.CallerHungUp()
            case wire.Doubt():
                return reports.doubted(message, position) if self._within(self._doubts) else None
            case wire.Levels():
                return reports.measured(message, position) if self._within(self._measurements) else None
            case wire.Health():
                return reports.disturbed(message, position) if self._within(self._measurements) else None
            case wire.Echo(state=state):
                return self._judged(state) if self._within(self._echoes) else None
            case _:
                raise WireError("want hello only once, as the first message", code=wire.CloseCode.PROTOCOL)

    def _within(self, ration: Ration) -> bool:
        """A flood is no reason to end a call, and no reason to fill its log."""
        if ration.take():
            return True
        self.left_out += 1
        return False

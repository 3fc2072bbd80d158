"""How the caller is heard: the gate for their machine, their sound on its way to the live model, and what they say in
messages. There is nothing of it before their hello.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from vivavoce.audio.gates import Gate
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.gateway.echo import Echo
from vivavoce.gateway.farend import FarEnd
from vivavoce.gateway.reader import Reader
from vivavoce.gateway.reports import EchoState
from vivavoce.gateway.uplink import Uplink
from vivavoce.wire import caller as wire


class Hearing:
    """
    Args:
        call: its id, for the log.
        make_gate: makes the gate for a caller's machine with such an echo.
        tell: sends the caller's machine a message.
        post: takes what the gate decides.
        happened: takes what the caller says in messages; none may be lost.
        broke: takes what went wrong on our side.
        recorded: takes every frame as it came.
        clock: seconds since the call began.
        ring_s: how much sound is kept to go again over another link.
    """

    uplink: Uplink | None = None
    reader: Reader | None = None

    def __init__(
        self,
        call: str,
        *,
        make_gate: Callable[[EchoState], Gate],
        tell: Callable[[wire.GatewayMessage], None],
        post: Callable[[ev.Event], None],
        happened: Callable[[ev.Event], None],
        broke: Callable[[Exception], None],
        recorded: Callable[[int, bytes], None],
        clock: Callable[[], float],
        ring_s: float,
    ) -> None:
        self._call = call
        self._echo = Echo(make_gate)
        self._tell = tell
        self._post = post
        self._happened = happened
        self._broke = broke
        self._recorded = recorded
        self._clock = clock
        self._ring_s = ring_s

    def begin(
        self, gate: Gate, *, position: int = 0, heard_at: float | None = None, taken: int = 0
    ) -> tuple[Uplink, Reader]:
        """
        Args:
            position, heard_at: to where on the microphone's clock the caller was heard, and when that was, where the
                call was another server's.
            taken: number of the newest of what they did that was taken there.
        """
        self.uplink = uplink = Uplink(gate, self._gate_changed, self._recorded, self._ring_s)
        uplink.position = position
        self.reader = reader = Reader(
            self._call,
            uplink,
            tell=self._tell,
            happened=self._happened,
            broke=self._broke,
            judged=partial(self._echo.judge, uplink=uplink),
            clock=self._clock,
            taken=taken,
        )
        if heard_at is not None:
            reader.heard_at = heard_at
        return uplink, reader

    def gate_for(self, hello: wire.Hello) -> Gate:
        """The gate for who says this hello."""
        return self._echo.gate_for(hello)

    def _gate_changed(self, speaking: bool, position: int, level: float) -> None:
        level = round(level, 4)
        self._tell(wire.Gate(open=speaking, level=level))
        self._post(ev.SpeechStarted(position, level) if speaking else ev.SpeechEnded(position, level))

    # ------------------------------------------------------------------------------------------------ how it stands

    @property
    def position(self) -> int:
        """Microphone clock: samples until the end of what came."""
        return self.uplink.position if self.uplink is not None else 0

    @property
    def gate_name(self) -> str:
        return self.uplink.gate_name if self.uplink is not None else ""

    @property
    def far_end(self) -> FarEnd | None:
        return self.uplink.far_end if self.uplink is not None else None

    @property
    def gave_up(self) -> bool:
        """Whether the caller's machine spoke another language for too long."""
        return self.reader is not None and self.reader.gave_up

    @property
    def gate_count(self) -> dict[str, float]:
        """What the gate did with the caller's frames."""
        if self.uplink is None:
            return {}
        count = self.uplink.count
        return {name: getattr(count, name) for name in count.__slots__}

    @property
    def left_out(self) -> int:
        """Reports beyond their ration."""
        return self.reader.left_out if self.reader is not None else 0

    # ------------------------------------------------------------------------------------------------ what it is told

    def doubt(self) -> None:
        if self.uplink is not None:
            self.uplink.doubt()

    def listen(self, *, agent_audible: bool) -> None:
        assert self.uplink is not None, "nothing is audible before the caller has joined"
        self.uplink.agent_audible = agent_audible

    def mute(self, on: bool) -> None:
        if self.uplink is not None:
            self.uplink.mute(on)

    def end_turn(self) -> None:
        if self.uplink is not None:
            self.uplink.end_turn()

    def resend(self, effect: fx.Resend, send: Callable[[bytes], None]) -> None:
        """What the caller said goes again, as far as it is kept."""
        if self.uplink is not None:
            samples, lost = self.uplink.resend(send, effect.at)
            self._post(ev.SoundResent(effect.link, samples, lost))

    def attach(self, send: Callable[[bytes], None] | None) -> None:
        """Where frames go from now on; None for nowhere."""
        if self.uplink is not None:
            self.uplink.attach(send)

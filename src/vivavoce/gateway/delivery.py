"""The agent's replies on their way to the caller's loudspeaker, and back what was heard of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.gateway.downlink import Downlink
from vivavoce.gateway.farend import FarEnd
from vivavoce.gateway.outbox import Outbox
from vivavoce.wire import caller as wire


class Delivery:
    """
    Args:
        speakers: in the order of the welcome.
        tell: tells the caller's machine.
        recorded: takes what was heard: (where it began on the microphone's clock, its PCM).
        far_end: wants to know what the loudspeaker plays, while there is a canceller.
    """

    def __init__(
        self,
        speakers: Sequence[str],
        downlink: Downlink,
        outbox: Outbox,
        *,
        tell: Callable[[wire.GatewayMessage], None],
        recorded: Callable[[int, bytes], None],
        far_end: Callable[[], FarEnd | None],
    ) -> None:
        self._speakers = list(speakers)
        self._downlink = downlink
        self._outbox = outbox
        self._tell = tell
        self._recorded = recorded
        self._far_end = far_end

    def say(self, effect: fx.Say) -> None:
        pcm = self._downlink.say(effect.reply, effect.chunk)
        if (far_end := self._far_end()) is not None:
            far_end.say(effect.reply, effect.position, pcm)
        self._send(effect.reply, effect.speaker, effect.position, pcm)

    def say_again(self, effect: fx.SayAgain) -> None:
        for position, pcm in self._downlink.unheard(effect.reply, effect.position):
            self._send(effect.reply, effect.speaker, position, pcm)

    def finish(self, effect: fx.FinishReply) -> None:
        self._steer(wire.ReplyDone(reply=effect.reply, samples=effect.samples))

    def hold(self, effect: fx.Hold) -> None:
        self._steer(wire.Hold(reply=effect.reply))

    def resume(self, effect: fx.Resume) -> None:
        self._steer(wire.Resume(reply=effect.reply))

    def cut(self, effect: fx.Cut) -> None:
        self._downlink.over(effect.reply)
        self._steer(wire.Cut(reply=effect.reply))

    def heard(self, event: ev.Played | ev.CallerReturned) -> None:
        """What the caller's machine says that it has played."""
        if (heard := self._downlink.heard(event.reply, event.samples, event.at)) is not None:
            self._recorded(*heard)

    def reported(self, event: ev.Played) -> None:
        """Likewise, as soon as it comes: before the next frame of the microphone."""
        if (far_end := self._far_end()) is not None:
            far_end.played(event.reply, event.samples, event.at)

    def _send(self, reply: int, speaker: str, position: int, pcm: bytes) -> None:
        number = self._speakers.index(speaker) + 1
        self._outbox.put(wire.encode_frame(wire.Frame(wire.FrameKind.REPLY, number, reply, position, pcm)))

    def _steer(self, message: wire.ReplyDone | wire.Hold | wire.Resume | wire.Cut) -> None:
        """A word to the loudspeaker."""
        self._tell(message)
        if (far_end := self._far_end()) is not None:
            far_end.obey(message)

"""What each effect of a conversation comes to: which part of the call does it. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from msgspec.structs import asdict

from vivavoce.agents.callsettings import Pace
from vivavoce.conversation import effects as fx
from vivavoce.gateway.delivery import Delivery
from vivavoce.gateway.downlink import Downlink
from vivavoce.gateway.errands import Errands
from vivavoce.gateway.hearing import Hearing
from vivavoce.gateway.links import Links
from vivavoce.gateway.phrases import Prompter
from vivavoce.gateway.presence import Presence
from vivavoce.gateway.screen import shown
from vivavoce.gateway.steps import Journal

log = structlog.get_logger(__name__)


class Duties:
    """
    Args:
        call: its id, for the log.
        step: number of the step whose effects are carried out.
        patience: takes another pace; says how long a pause may be by it, in milliseconds.
        pass_on, end: what the call itself does.
    """

    def __init__(
        self,
        call: str,
        *,
        presence: Presence,
        hearing: Hearing,
        delivery: Delivery,
        downlink: Downlink,
        links: Links,
        errands: Errands,
        prompter: Prompter,
        journal: Journal,
        step: Callable[[], int],
        patience: Callable[[Pace], int],
        pass_on: Callable[[], None],
        end: Callable[[str], None],
    ) -> None:
        self._call = call
        self._presence = presence
        self._hearing = hearing
        self._links = links
        self._journal = journal
        self._step = step
        self._table: dict[type[fx.Effect], Callable[[Any], None]] = {
            fx.Say: delivery.say,
            fx.WelcomeBack: lambda _: presence.welcome_back(),
            fx.SayAgain: delivery.say_again,
            fx.FinishReply: delivery.finish,
            fx.Hold: delivery.hold,
            fx.Resume: delivery.resume,
            fx.Cut: delivery.cut,
            fx.Forget: lambda e: downlink.forget(e.chunks),
            fx.Caption: self._show,
            fx.ShowFloor: self._show,
            fx.ShowFact: self._show,
            fx.Show: self._show,
            fx.Notify: self._show,
            fx.UseMode: self._use_mode,
            fx.UsePace: lambda e: links.patience(patience(e.pace)),
            fx.PassOn: lambda _: pass_on(),
            fx.End: lambda e: end(e.reason),
            fx.Listen: lambda e: hearing.listen(agent_audible=e.agent_audible),
            fx.EndTurn: self._end_turn,
            fx.Record: lambda e: journal.record(e.on, erase=e.erase),
            fx.RecordTurn: journal.turn,
            fx.Note: self._note,
            fx.Dial: links.dial,
            fx.HangUp: self._hang_up,
            fx.Resend: self._resend,
            fx.Inject: lambda e: links.tell(e.link, e.text),
            fx.Answer: links.answer,
            fx.Run: errands.run,
            fx.Abandon: errands.abandon,
            fx.Fill: prompter.fill,
            fx.Remark: self._remark,
            fx.Escalate: lambda _: log.info("escalated", call=call),
        }

    def do(self, effect: fx.Effect) -> None:
        self._table[type(effect)](effect)

    def _show(self, effect: fx.Effect) -> None:
        if (message := shown(effect)) is not None:
            self._presence.tell(message)

    def _note(self, effect: fx.Note) -> None:
        self._journal.fact(effect, self._step())
        self._show(effect)

    def _use_mode(self, effect: fx.UseMode) -> None:
        if effect.mode == "text":
            self._links.microphone_off()
        self._hearing.mute(effect.locked)

    def _end_turn(self, effect: fx.EndTurn) -> None:
        self._hearing.end_turn()
        self._links.turn_over()

    def _hang_up(self, effect: fx.HangUp) -> None:
        self._hearing.attach(None)
        self._links.hang_up(effect.link)

    def _resend(self, effect: fx.Resend) -> None:
        if (send := self._links.audio(effect.link)) is not None:
            self._hearing.resend(effect, send)

    def _remark(self, effect: fx.Remark) -> None:
        log.info("decided", call=self._call, **{name: value for name, value in asdict(effect).items() if value})

"""How long a pause of the caller may be: they choose, and may choose again.

Gate and fallbacks of ours follow at once. Most live models take the length of a pause only when a link is opened, so
the link is replaced at the next quiet moment (`lifeline`).

The fallbacks are for the casual pace: a turn that is over for everybody but the model is ended for it, where the gate
heard it end and no answer begins, and where noise keeps the gate open and no new word comes. Who takes their time may
be silent for two seconds.
"""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import EndTurn, Remark, UsePace
from vivavoce.conversation.machine import Handler, Out, earliest
from vivavoce.conversation.settings import ConversationSettings


class Patience:
    def __init__(self, settings: ConversationSettings) -> None:
        self._settings = settings
        self._pace = ""
        self._voice = True
        self._link: int | None = None
        self._floor = "open"
        self._quiet_by: float | None = None  # the gate heard the end, and no answer has begun
        self._wordless_by: float | None = None  # the gate is open, and no new word has come

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.CallerJoined: self._joined,
            ev.CallerReturned: self._chose,
            ev.PaceChanged: self._chose,
            ev.CallerTranscribed: self._transcribed,
            ev.CallerTyped: self._typed,
            ev.ToolCalled: self._model_acted,
            ev.TurnEnded: self._model_acted,
            ev.Woke: self._woke,
            sig.FloorChanged: self._floor_changed,
            sig.ModeTaken: self._mode_taken,
            sig.LinkReady: self._link_ready,
            sig.LinkLost: self._link_lost,
            sig.CallerAway: self._caller_away,
        }

    def wake_at(self) -> float | None:
        return earliest(self._quiet_by, self._wordless_by)

    def _joined(self, event: ev.CallerJoined, now: float, out: Out) -> None:
        self._pace = event.pace  # the first link is opened with it

    def _chose(self, event: ev.CallerReturned | ev.PaceChanged, now: float, out: Out) -> None:
        if event.pace and event.pace != self._pace:
            self._pace = event.pace
            self._forget()
            out.do(UsePace(event.pace))
            out.tell(sig.PaceTaken())

    # -------------------------------------------------------------------------------------------- turns that do not end

    def _floor_changed(self, signal: sig.FloorChanged, now: float, out: Out) -> None:
        spoke, self._floor = self._floor == "caller", signal.turn
        self._forget()
        if spoke and signal.turn == "waiting" and self._steps_in:
            self._quiet_by = now + self._settings.quiet_turn_s

    def _transcribed(self, event: ev.CallerTranscribed, now: float, out: Out) -> None:
        if event.link == self._link and self._floor == "caller" and event.text.strip() and self._steps_in:
            self._wordless_by = now + self._settings.wordless_turn_s

    def _typed(self, event: ev.CallerTyped, now: float, out: Out) -> None:
        self._floor = "open"  # that was the turn; a pause in what was said before it says nothing
        self._forget()

    def _model_acted(self, event: ev.ToolCalled | ev.TurnEnded, now: float, out: Out) -> None:
        if event.link == self._link:
            self._quiet_by = None  # it has noticed

    def _mode_taken(self, signal: sig.ModeTaken, now: float, out: Out) -> None:
        self._voice = signal.mode == "voice"
        self._forget()

    def _link_ready(self, signal: sig.LinkReady, now: float, out: Out) -> None:
        self._link = signal.link

    def _link_lost(self, signal: sig.LinkLost, now: float, out: Out) -> None:
        self._link = None
        self._forget()  # nobody is there to be told; what was said goes again with its pauses

    def _caller_away(self, signal: sig.CallerAway, now: float, out: Out) -> None:
        self._forget()  # they may come back in the middle of their sentence

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        due = self.wake_at()
        if due is None or now < due:
            return
        if self._quiet_by is not None:
            out.do(Remark("turn_ended", "level", self._link or 0, self._settings.quiet_turn_s))
        else:
            out.do(Remark("turn_ended", "words", self._link or 0, self._settings.wordless_turn_s))
        self._forget()
        out.do(EndTurn())

    @property
    def _steps_in(self) -> bool:
        return self._pace == "casual" and self._voice and self._link is not None

    def _forget(self) -> None:
        self._quiet_by = self._wordless_by = None

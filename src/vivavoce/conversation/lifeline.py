"""The link to the live model: dial, lose, dial again; switch voices; leave before the service does.

Rules, each learnt from somebody's lost call: only handles that are resumable count and the newest wins; the old link is
closed before the new one is opened; a link is *resumed or told anew*, never both; a dead handle means a fresh link;
some closes must not be answered with another try; the count of tries is forgotten only after the link has carried for a
while.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Dial, HangUp, Notify, Resend
from vivavoce.conversation.machine import Handler, Out, earliest
from vivavoce.conversation.settings import ConversationSettings

# Leave this long before the announced end, so that the new link is up in time.
GO_AWAY_MARGIN_S = 3.0
PACE_AGAIN_S = 20.0
"""A link is replaced for another pace this often at most: who plays with the switch must not have links dialled without
end. Gate and fallbacks of ours follow at once all the same."""


class Link(StrEnum):
    NONE = "none"
    DIALLING = "dialling"
    UP = "up"
    GIVEN_UP = "given_up"


class Lifeline:
    def __init__(self, settings: ConversationSettings, first_speaker: str) -> None:
        self._settings = settings
        self._speaker = first_speaker
        self._state = Link.NONE
        self._link = 0
        self._handle: int | None = None
        self._handle_at = 0  # how far the caller's audio had been sent when it was issued
        self._handle_fresh = False  # issued after the last turn
        self._resuming = False
        self._talked = False
        self._unplanned = False
        self._attempt = 0
        self._opened_at = 0.0
        self._open_by: float | None = None
        self._switch_to: str | None = None
        self._switch_by: float | None = None
        self._leave_by: float | None = None  # goAway or age
        self._leave_when_quiet = False
        self._stale = False  # opened for another pace than the one in force
        self._stay_until = 0.0  # that is no reason to replace it before
        self._quiet = True
        self._more = False  # the model goes on by itself: a pause between its turns is no quiet moment
        self._errands: set[int] = set()
        self._spoken: tuple[int, int | None] | None = (
            None  # unanswered speech of the caller: from, until (None: goes on)
        )

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.CallerJoined: self._joined,
            ev.LinkOpened: self._opened,
            ev.LinkDropped: self._dropped,
            ev.GoAwayReceived: self._go_away,
            ev.HandleIssued: self._handle_issued,
            ev.TurnEnded: self._turn_ended,
            ev.ModelIdle: self._model_idle,
            ev.SpeechStarted: self._speech_started,
            ev.SpeechEnded: self._speech_ended,
            ev.Woke: self._woke,
            sig.ReplyBegan: self._reply_began,
            sig.ResendDue: self._resend,
            sig.AnswerOverdue: self._overdue,
            sig.SwitchWanted: self._switch_wanted,
            sig.PaceTaken: self._pace_taken,
            sig.FloorChanged: self._floor_changed,
            sig.ErrandBegan: self._errand_began,
            sig.ErrandSettled: self._errand_settled,
        }

    def wake_at(self) -> float | None:
        return earliest(self._open_by, self._switch_by, self._leave_by)

    # -------------------------------------------------------------------------------------------- up

    def _joined(self, event: ev.CallerJoined, now: float, out: Out) -> None:
        if self._state is Link.NONE:
            self._dial(now, out)

    def _dial(self, now: float, out: Out, *, after_s: float = 0.0) -> None:
        self._link += 1
        self._state = Link.DIALLING
        self._stale = False
        self._resuming = self._handle is not None
        self._open_by = now + after_s + self._settings.open_within_s
        jitter = self._settings.redial_jitter_s if after_s else 0.0
        out.do(Dial(self._link, self._speaker, self._handle, after_s, jitter))

    def _opened(self, event: ev.LinkOpened, now: float, out: Out) -> None:
        if event.link != self._link or self._state is not Link.DIALLING:
            return
        self._state = Link.UP
        self._opened_at = now
        self._open_by = None
        self._leave_by = now + self._settings.link_age_s
        self._leave_when_quiet = False
        self._handle_fresh = self._more = False
        first, unplanned = not self._talked, self._unplanned
        self._unplanned = False
        out.tell(sig.LinkReady(self._link, self._speaker, self._resuming, first, unplanned))
        out.tell(sig.ResendDue())  # after what the others tell the model: it hears nothing that it has no context for

    def _resend(self, signal: sig.ResendDue, now: float, out: Out) -> None:
        if self._spoken is None or self._state is not Link.UP:
            return
        start, until = self._spoken
        if not self._resuming:
            out.do(Resend(self._link, start))
        elif until is None or until > self._handle_at:  # the handle has not heard all of it
            out.do(Resend(self._link, max(start, self._handle_at)))

    def _speech_started(self, event: ev.SpeechStarted, now: float, out: Out) -> None:
        self._spoken = (self._spoken[0] if self._spoken is not None else event.at, None)

    def _speech_ended(self, event: ev.SpeechEnded, now: float, out: Out) -> None:
        if self._spoken is not None:
            self._spoken = (self._spoken[0], event.at)

    def _reply_began(self, signal: sig.ReplyBegan, now: float, out: Out) -> None:
        self._talked = True
        self._handle_fresh = False
        if self._spoken is not None and self._spoken[1] is not None:
            self._spoken = None  # answered: nothing of it needs to go again

    def _handle_issued(self, event: ev.HandleIssued, now: float, out: Out) -> None:
        if event.link != self._link or self._state is not Link.UP:
            return
        if event.resumable:
            self._handle, self._handle_at, self._handle_fresh = event.handle, event.at, True
            self._leave_if_due(now, out)

    def _turn_ended(self, event: ev.TurnEnded, now: float, out: Out) -> None:
        if event.link == self._link:
            self._more = event.more
            self._leave_if_due(now, out)

    def _model_idle(self, event: ev.ModelIdle, now: float, out: Out) -> None:
        if event.link == self._link:
            self._more = False
            self._leave_if_due(now, out)

    # -------------------------------------------------------------------------------------------- down

    def _dropped(self, event: ev.LinkDropped, now: float, out: Out) -> None:
        if event.link != self._link or self._state not in (Link.DIALLING, Link.UP):
            return
        was_up = self._state is Link.UP
        if was_up:
            out.tell(sig.LinkLost(self._link))
            self._unplanned = True
            self._forget_attempts(now)
        self._state = Link.NONE
        self._open_by = self._leave_by = self._switch_by = None
        if self._switch_to is not None:
            self._speaker, self._switch_to = self._switch_to, None  # the switch that was due anyway
        match event.kind:
            case "fatal":
                self._give_up("link_refused", out)
            case "quota":
                self._give_up("model_busy", out)
            case "dead_handle" if self._resuming:
                self._handle = None
                self._dial(now, out)
            case _:
                self._redial(now, out)

    def _forget_attempts(self, now: float) -> None:
        if now - self._opened_at >= self._settings.healthy_after_s:
            self._attempt = 0

    def _overdue(self, signal: sig.AnswerOverdue, now: float, out: Out) -> None:
        """Reminded in vain: the link is up and dead, which nothing else would notice."""
        if not signal.nudge and self._state is Link.UP:
            self._unplanned = True
            self._forget_attempts(now)
            out.tell(sig.LinkLost(self._link))
            out.do(HangUp(self._link))
            self._state = Link.NONE
            self._switch_by = self._leave_by = None
            self._redial(now, out)

    def _redial(self, now: float, out: Out) -> None:
        self._attempt += 1
        if self._attempt > self._settings.redials:
            self._give_up("link_lost", out)
            return
        if self._attempt == 1 and (self._talked or self._unplanned):
            out.do(Notify("reconnecting"))
        self._dial(now, out, after_s=self._settings.redial_step_s * (self._attempt - 1))

    def _give_up(self, reason: str, out: Out) -> None:
        self._state = Link.GIVEN_UP
        out.tell(sig.EndDecided(reason))

    # -------------------------------------------------------------------------------------------- planned switches

    def _switch_wanted(self, signal: sig.SwitchWanted, now: float, out: Out) -> None:
        if self._state is Link.UP:
            self._switch_to = signal.speaker
            self._switch_by = now + self._settings.handle_within_s
            self._leave_if_due(now, out)
        else:
            self._speaker = signal.speaker
            if self._state is Link.DIALLING:  # the one being opened has the wrong voice
                out.do(HangUp(self._link))
                self._dial(now, out)

    def _pace_taken(self, signal: sig.PaceTaken, now: float, out: Out) -> None:
        self._stale = True
        self._leave_if_due(now, out)

    def _go_away(self, event: ev.GoAwayReceived, now: float, out: Out) -> None:
        if event.link == self._link and self._state is Link.UP:
            self._leave_when_quiet = True
            self._leave_by = now + max(0.0, event.left_s - GO_AWAY_MARGIN_S)
            self._leave_if_due(now, out)

    def _floor_changed(self, signal: sig.FloorChanged, now: float, out: Out) -> None:
        self._quiet = signal.turn == "open"
        self._leave_if_due(now, out)

    def _errand_began(self, signal: sig.ErrandBegan, now: float, out: Out) -> None:
        self._errands.add(signal.errand)

    def _errand_settled(self, signal: sig.ErrandSettled, now: float, out: Out) -> None:
        self._errands.discard(signal.errand)

    def _leave_if_due(self, now: float, out: Out) -> None:
        """Rotate when somebody wants it and the moment is good; deadlines are `_woke`'s."""
        if self._state is not Link.UP:
            return
        planned = self._switch_to is not None and self._handle_fresh
        quiet = self._quiet and not self._more and not self._errands
        leave = self._leave_when_quiet or (self._stale and now >= self._stay_until)
        if planned or (leave and quiet and self._handle_fresh):
            self._rotate(now, out)

    def _rotate(self, now: float, out: Out) -> None:
        self._forget_attempts(now)
        if self._stale:
            self._stay_until = now + PACE_AGAIN_S
        out.tell(sig.LinkLost(self._link))
        out.do(HangUp(self._link))
        if self._switch_to is not None:
            if not self._handle_fresh:
                self._handle = None  # an older one has not heard the hand-over; the briefing tells the new speaker
            self._speaker, self._switch_to = self._switch_to, None
        self._switch_by = self._leave_by = None
        self._dial(now, out)

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        if self._open_by is not None and now >= self._open_by:
            out.do(HangUp(self._link))
            self._open_by = None
            self._redial(now, out)
        elif self._switch_by is not None and now >= self._switch_by:
            self._rotate(now, out)
        elif self._leave_by is not None and now >= self._leave_by:
            if self._leave_when_quiet:
                self._unplanned = not self._quiet
                self._rotate(now, out)
            else:  # the link is old: from now on any quiet moment will do, and the next deadline is hard
                self._leave_when_quiet = True
                self._leave_by = now + self._settings.wrap_up_s / 2
                self._leave_if_due(now, out)

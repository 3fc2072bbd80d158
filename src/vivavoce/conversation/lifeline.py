"""The link to the live model: dial, lose, dial again; switch voices; leave before the service does.

Rules, each learnt from somebody's lost call: only handles that are resumable count and the newest wins; the old link is
closed before the new one is opened; a link is *resumed or told anew*, never both; a dead handle means a fresh link;
some closes must not be answered with another try; the count of tries is forgotten only after the link has carried for a
while; who cannot be reached by voice goes on by text.

`link` has the states and their table, `tries` the counts, `handle` from where to resume, `progress` what it knows,
`rotation` when to leave a link that works, `unheard` what the caller said that nobody has answered.
"""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Dial, HangUp, Notify, Remark, Resend
from vivavoce.conversation.handle import Handle
from vivavoce.conversation.link import NEXT, Cue, Link
from vivavoce.conversation.machine import Handler, Out, earliest
from vivavoce.conversation.progress import Progress
from vivavoce.conversation.rotation import Rotation
from vivavoce.conversation.settings import ConversationSettings
from vivavoce.conversation.tries import Tries
from vivavoce.conversation.unheard import Unheard

CALLER_HZ = 16_000
MISSED_S = 0.2
"""A loss that is shorter than a word is not worth asking the caller for. Not tuned."""
_OPENING = frozenset({Link.DIALLING, Link.WAITING, Link.CUT_OFF})
_KINDS = frozenset({"fatal", "quota", "dead_handle"})  # whatever else a close may be is transient


class Lifeline:
    def __init__(self, settings: ConversationSettings, first_speaker: str) -> None:
        self._settings = settings
        self._speaker = first_speaker
        self._state = Link.NONE
        self._link = 0
        self._tries = Tries(settings)
        self._handle = Handle()
        self._rotation = Rotation(settings)
        self._unheard = Unheard()
        self._resuming = False
        self._useful = False  # this link has brought something: a reply, a handle
        self._progress = Progress()
        self._broke_off = False  # the model was about to say something that nobody will hear unless it is asked
        self._open_by: float | None = None
        self._pause = (0.0, 0.0)  # before the link that is being opened: seconds, range of the jitter
        self._lost_at: float | None = None

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.CallerJoined: self._joined,
            ev.TakenOver: self._taken_over,
            ev.LinkOpened: self._opened,
            ev.LinkDropped: self._dropped,
            ev.GoAwayReceived: self._go_away,
            ev.HandleIssued: self._handle_issued,
            ev.CallerTranscribed: self._transcribed,
            ev.ReplyArrived: self._arrived,
            ev.GenerationEnded: self._generated,
            ev.TurnEnded: self._turn_ended,
            ev.ModelIdle: self._model_idle,
            ev.Interrupted: self._interrupted,
            ev.SpeechStarted: lambda event, now, out: self._unheard.began(event.at),
            ev.SpeechEnded: lambda event, now, out: self._unheard.ended(event.at),
            ev.SoundJudged: self._sound_judged,
            ev.SoundResent: self._resent,
            ev.Woke: self._woke,
            sig.TurnBegan: lambda signal, now, out: self._progress.turn_began(signal),
            sig.ReplyBegan: self._reply_began,
            sig.ReplyHeard: lambda signal, now, out: self._tries.spoke(now),
            sig.ResumeDecided: lambda signal, now, out: self._unheard.may_be_noise(),
            sig.SpeechDismissed: self._speech_dismissed,
            sig.ResendDue: self._resend,
            sig.AnswerOverdue: self._overdue,
            sig.LinkSuspected: self._suspected,
            sig.SwitchWanted: self._switch_wanted,
            sig.PaceTaken: self._pace_taken,
            sig.FloorChanged: self._floor_changed,
            sig.ErrandBegan: lambda signal, now, out: self._rotation.errand_began(signal.errand),
            sig.ErrandSettled: lambda signal, now, out: self._rotation.errand_settled(signal.errand),
        }

    def wake_at(self) -> float | None:
        return earliest(self._open_by, self._rotation.wake_at(), self._give_up_at())

    def _take(self, cue: Cue) -> bool:
        """Whether the cue changes anything."""
        if (after := NEXT.get((self._state, cue))) is None:
            return False
        self._state = after
        return True

    @property
    def unheard_since(self) -> int | None:
        """From where on a fresh link would have to hear the caller again, None for nowhere."""
        return self._unheard.since

    # -------------------------------------------------------------------------------------------- up

    def _joined(self, event: ev.CallerJoined, now: float, out: Out) -> None:
        if self._take(Cue.JOINED):
            self._dial(now, out)

    def _dial(self, now: float, out: Out, *, after_s: float = 0.0, jitter_s: float = 0.0) -> None:
        self._link += 1
        self._rotation.dialled()
        self._resuming = self._handle.number is not None
        self._useful = False
        self._pause = (after_s, jitter_s)
        self._open_by = now + after_s + jitter_s + self._settings.open_within_s
        out.do(Dial(self._link, self._speaker, self._handle.number, after_s, jitter_s))

    def _opened(self, event: ev.LinkOpened, now: float, out: Out) -> None:
        if event.link != self._link or not self._take(Cue.OPENED):
            return
        self._tries.opened(now)
        self._rotation.opened(now)
        self._open_by = None
        self._handle.opened(now)
        first, broke_off = not self._progress.talked, self._broke_off
        how = "first" if first else "resumed" if self._resuming else "reseeded"
        gap_s = round(now - self._lost_at, 3) if self._lost_at is not None else 0.0
        out.do(Remark("link_up", how, self._link, gap_s))
        self._broke_off = self._progress.generating = False
        self._lost_at = None
        out.tell(sig.LinkReady(self._link, self._speaker, self._resuming, first, broke_off, self._handle.since))
        out.tell(sig.ResendDue(behind=1))

    def _resend(self, signal: sig.ResendDue, now: float, out: Out) -> None:
        """Behind what the others tell the model, and what follows from that: it hears nothing without its context."""
        if signal.behind:
            out.tell(sig.ResendDue(signal.behind - 1))
        elif self._state is Link.UP and (at := self._unheard.after(self._heard(self._resuming))) is not None:
            out.do(Resend(self._link, at))

    def _heard(self, resumed: bool) -> int:
        """Up to where the model has heard the caller, on a link that is resumed, or not."""
        return self._handle.at if resumed else 0

    def _resent(self, event: ev.SoundResent, now: float, out: Out) -> None:
        if event.link != self._link:
            return
        if event.samples > 0:
            out.do(Remark("resent", "", event.link, event.samples / CALLER_HZ))
        if event.lost > MISSED_S * CALLER_HZ:
            out.do(Remark("missed", "", event.link, event.lost / CALLER_HZ))
            out.do(Notify("words_lost"))

    # -------------------------------------------------------------------------------------------- what it carries

    def _transcribed(self, event: ev.CallerTranscribed, now: float, out: Out) -> None:
        if event.link == self._link:
            self._handle.came(now)

    def _arrived(self, event: ev.ReplyArrived, now: float, out: Out) -> None:
        if event.link == self._link:
            self._progress.generating = True
            self._handle.came(now)
            self._unheard.sounded(event.samples)

    def _reply_began(self, signal: sig.ReplyBegan, now: float, out: Out) -> None:
        self._progress.talked = self._useful = True
        self._handle.worked()
        self._handle.spoiled()
        self._tries.replied()
        self._unheard.answered()
        if not self._progress.generating:
            self._tries.turn_ended(now)  # words without sound, and they are all there
            self._unheard.was_answer()

    def _sound_judged(self, event: ev.SoundJudged, now: float, out: Out) -> None:
        if event.link == self._link:
            self._tries.replied(speech=False)
            self._unheard.was_none()

    def _speech_dismissed(self, signal: sig.SpeechDismissed, now: float, out: Out) -> None:
        if signal.why != "noise":  # without words it only may be one
            self._unheard.was_understood()

    def _generated(self, event: ev.GenerationEnded, now: float, out: Out) -> None:
        if event.link == self._link:
            self._handle.came(now)
            self._progress.finished()

    def _interrupted(self, event: ev.Interrupted, now: float, out: Out) -> None:
        if event.link == self._link:
            self._handle.came(now)
            self._unheard.went_on()

    def _turn_ended(self, event: ev.TurnEnded, now: float, out: Out) -> None:
        if event.link == self._link:
            self._handle.came(now)
            self._progress.finished()
            self._tries.turn_ended(now)
            self._unheard.was_answer()
            self._rotation.turn_ended(more=event.more)
            self._leave_if_due(now, out)

    def _model_idle(self, event: ev.ModelIdle, now: float, out: Out) -> None:
        if event.link == self._link:
            self._rotation.turn_ended(more=False)
            self._leave_if_due(now, out)

    def _handle_issued(self, event: ev.HandleIssued, now: float, out: Out) -> None:
        if event.link != self._link or self._state is not Link.UP or self._rotation.tool_runs:
            self._handle.passed_over(event)
            return
        made_at = self._handle.issued(event, self._progress.turn, now)
        if event.resumable:
            self._useful = True
            out.tell(sig.HandleTaken(made_at))
        self._leave_if_due(now, out)

    # -------------------------------------------------------------------------------------------- down

    def _dropped(self, event: ev.LinkDropped, now: float, out: Out) -> None:
        if event.link == self._link and (self._state is Link.UP or self._state in _OPENING):
            kind = event.kind if event.kind in _KINDS else "transient"
            self._lose(kind, kind, now, out)

    def _overdue(self, signal: sig.AnswerOverdue, now: float, out: Out) -> None:
        """Reminded in vain: the link is up and dead, which nothing else would notice."""
        if not signal.nudge and self._state is Link.UP:
            self._tries.mute()
            out.do(HangUp(self._link))
            self._lose("transient", "silent", now, out)

    def _suspected(self, signal: sig.LinkSuspected, now: float, out: Out) -> None:
        """The link is alive and the model on it is not, so what could be resumed would be no better."""
        if self._state is Link.UP:
            self._tries.mute()
            self._handle.give_up()
            out.do(HangUp(self._link))
            self._lose("transient", "suspected", now, out)

    def _loosen(self, now: float, out: Out) -> None:
        """Whatever comes next: the link that carried the talk does not any more."""
        self._tries.carried(now)
        self._lost_at = now
        self._unheard.was_none()
        # speech that no handle knows goes again by itself; what the model has heard and left open does not
        going = self._unheard.after(self._heard(self._handle.number is not None), certain=True) is not None
        self._broke_off = (self._progress.generating or self._unheard.any) and not going
        out.tell(sig.LinkLost(self._link))

    def _lose(self, kind: str, why: str, now: float, out: Out) -> None:
        """The link is gone, by a close of this class."""
        out.do(Remark("link_lost", why, self._link))
        was, was_useful = self._state, self._useful
        if was is Link.UP:
            self._loosen(now, out)
        self._open_by = None
        if (speaker := self._rotation.gone()) is not None:
            self._speaker = speaker  # the switch that was due anyway
        if spoilt := self._resuming and not was_useful and self._handle.refused(kind):
            out.do(Remark("handle_given_up", kind, self._link))
        if spoilt and kind != "transient" and self._take(Cue.LOST):
            self._dial(now, out)  # a dead handle is no failure of the service: no try is used up
            return
        cue = self._tries.count("transient" if spoilt else kind, now)
        if not self._take(cue):
            return
        if self._state is Link.GIVEN_UP:
            self._give_up({Cue.REFUSED: "link_refused"}.get(cue, "model_busy" if kind == "quota" else "link_lost"), out)
            return
        if self._state is Link.CUT_OFF and was is not Link.CUT_OFF:
            out.do(Remark("cut_off", "", self._link, 0.0, self._tries.lost))
            out.tell(sig.VoiceLost(self._speaker, first=self._tries.cut_off_at == now))
        elif self._state is Link.WAITING:
            out.tell(sig.LinkBusy(self._speaker, first=self._tries.waits == 1))
        elif cue is Cue.LOST and self._tries.lost == 1 and (self._progress.talked or was is Link.UP):
            out.do(Notify("reconnecting"))
        after_s, jitter_s = self._tries.pause(cue)
        how = {Cue.BUSY: "quota", Cue.SPENT: "cut_off"}.get(cue, "later" if after_s else "at_once")
        count = self._tries.waits if cue is Cue.BUSY else self._tries.lost
        out.do(Remark("redialled", how, self._link + 1, after_s, count))
        self._dial(now, out, after_s=after_s, jitter_s=jitter_s)

    def _give_up_at(self) -> float | None:
        cut_off_at = self._tries.cut_off_at if self._state is Link.CUT_OFF else None
        return cut_off_at + self._settings.cut_off_for_s if cut_off_at is not None else None

    def _give_up(self, reason: str, out: Out) -> None:
        self._open_by = None
        out.do(Remark("given_up", reason, self._link))
        out.tell(sig.EndDecided(reason))

    # -------------------------------------------------------------------------------------------- planned switches

    def _taken_over(self, event: ev.TakenOver, now: float, out: Out) -> None:
        """The link went with the server that had it, and so did what it had dialled."""
        was_up = self._state is Link.UP
        if not self._take(Cue.LEFT):
            return
        self._handle.recovered(event.handle)
        if was_up:
            self._loosen(now, out)
        self._go_on_with(self._rotation.left(now))
        self._dial(now, out)

    def _switch_wanted(self, signal: sig.SwitchWanted, now: float, out: Out) -> None:
        if self._state is Link.UP:
            self._rotation.switch(signal.speaker, now)
            self._leave_if_due(now, out)
            return
        self._speaker = signal.speaker
        if self._take(Cue.LEFT):  # what is being opened has the wrong voice
            out.do(HangUp(self._link))
            after_s, jitter_s = self._pause if self._state is not Link.DIALLING else (0.0, 0.0)
            self._dial(now, out, after_s=after_s, jitter_s=jitter_s)

    def _pace_taken(self, signal: sig.PaceTaken, now: float, out: Out) -> None:
        self._rotation.pace_changed()
        self._leave_if_due(now, out)

    def _go_away(self, event: ev.GoAwayReceived, now: float, out: Out) -> None:
        if event.link == self._link and self._state is Link.UP:
            self._rotation.go_away(event.left_s, now)
            self._leave_if_due(now, out)

    def _floor_changed(self, signal: sig.FloorChanged, now: float, out: Out) -> None:
        self._rotation.floor_changed(signal.turn)
        self._leave_if_due(now, out)

    def _leave_if_due(self, now: float, out: Out) -> None:
        if self._state is Link.UP and (why := self._rotation.due(now, fresh=self._handle.fresh)):
            self._leave(why, now, out)

    def _leave(self, why: str, now: float, out: Out) -> None:
        if not self._take(Cue.LEFT):
            return
        out.do(Remark("rotated", why, self._link))
        self._loosen(now, out)
        out.do(HangUp(self._link))
        self._go_on_with(self._rotation.left(now))
        self._dial(now, out)

    def _go_on_with(self, speaker: str | None) -> None:
        if speaker is None:
            return
        if not self._handle.fresh:
            self._handle.give_up()  # it has not heard the hand-over; the briefing tells the new speaker
        self._speaker = speaker

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        give_up_at = self._give_up_at()
        if give_up_at is not None and now >= give_up_at:
            out.do(HangUp(self._link))
            self._take(Cue.OVER)
            self._give_up("link_lost", out)
        elif self._open_by is not None and now >= self._open_by:
            out.do(HangUp(self._link))
            self._lose("transient", "unanswered", now, out)
        elif self._state is Link.UP:
            if why := self._rotation.overdue(now):
                self._leave(why, now, out)
            else:
                self._leave_if_due(now, out)

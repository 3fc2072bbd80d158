"""How a call ends: by the agent, by the caller, by its limits, or because it cannot go on. Every end has a reason and,
where it can, a voice.
"""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.agents import Limits
from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import End, Fill, Forget, Remark
from vivavoce.conversation.machine import Handler, Out, earliest
from vivavoce.conversation.settings import ConversationSettings

# Reasons that the caller hears as a prepared phrase, because no model is there to say it.
_SPOKEN = frozenset({"link_refused", "link_lost", "model_busy"})
# A prepared phrase is a sentence; with the way to the ear it is heard within this.
FAREWELL_WITHIN_S = 6.0
# After the limit the sentence that is being spoken may be finished.
GRACE_S = 20.0


class Closing:
    def __init__(self, settings: ConversationSettings, limits: Limits) -> None:
        self._settings = settings
        self._limits = limits
        self.ended = False
        self._started_at: float | None = None
        self._wrap_up_at: float | None = None
        self._limit_at: float | None = None
        self._idle_at: float | None = None
        self._idle_seen = 0
        self._away = False
        self._linked = True
        self._turns = 0
        self._tokens = 0
        self._limit_reason = "time_limit"
        self._reason = ""  # set once the end is decided
        self._end_at: float | None = None
        self._turn_over = False
        self._objected = False
        self._floor = "open"
        self._farewell = False

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.CallerJoined: self._joined,
            ev.CallerHungUp: self._hung_up,
            ev.CallerLeft: self._left,
            ev.ServerStopping: self._stopping,
            ev.ErasureOrdered: self._erased,
            ev.FactCorrected: self._corrected,
            ev.TurnEnded: self._turn_ended,
            ev.UsageReported: self._used,
            ev.FillerArrived: self._filler_arrived,
            ev.Woke: self._woke,
            sig.CallerAway: self._caller_away,
            sig.CallerBack: self._caller_back,
            sig.CallerGone: self._left,
            sig.LinkLost: self._link_lost,
            sig.LinkReady: self._link_ready,
            sig.EndAsked: self._asked,
            sig.EndDecided: self._decided,
            sig.FloorChanged: self._floor_changed,
            sig.CallerSaid: self._caller_said,
            sig.ReplyBegan: self._reply_began,
            sig.LastWordsHeard: self._last_words_heard,
        }

    def wake_at(self) -> float | None:
        return earliest(self._wrap_up_at, self._limit_at, self._idle_at, self._end_at)

    def _joined(self, event: ev.CallerJoined, now: float, out: Out) -> None:
        if self._started_at is not None:
            return
        self._started_at = now
        limit_s = self._limits.minutes * 60
        self._limit_at = now + limit_s
        self._wrap_up_at = now + max(limit_s / 2, limit_s - self._settings.wrap_up_s)
        self._watch_idle(now)

    # -------------------------------------------------------------------------------------------- by the agent

    def _asked(self, signal: sig.EndAsked, now: float, out: Out) -> None:
        out.tell(sig.ErrandDone(signal.errand, {"output": "the call ends when you have finished speaking"}))
        self._end_soon("agent_ended", now, self._settings.leave_within_s)

    def _turn_ended(self, event: ev.TurnEnded, now: float, out: Out) -> None:
        if self._reason and not self._farewell:
            self._turn_over = True
            self._end_if_quiet(out)

    def _floor_changed(self, signal: sig.FloorChanged, now: float, out: Out) -> None:
        self._floor = signal.turn
        if signal.turn == "open":
            self._watch_idle(now)
        else:
            self._idle_at = None
        if signal.turn == "caller":
            self._idle_seen = 0
            if self._reason == "agent_ended":  # they object to the goodbye: the agent may answer
                self._objected = True
        if self._objected and signal.turn == "waiting":
            self._end_at = now + self._settings.leave_within_s
        self._end_if_quiet(out)

    def _reply_began(self, signal: sig.ReplyBegan, now: float, out: Out) -> None:
        if self._objected:  # it does answer, so the talk goes on; it can end it again
            self._objected = self._turn_over = False
            self._reason = ""
            self._end_at = None

    def _end_if_quiet(self, out: Out) -> None:
        if self._reason and self._turn_over and not self._objected and self._floor not in ("agent", "held"):
            self._end(out)

    # -------------------------------------------------------------------------------------------- by the caller

    def _hung_up(self, event: ev.CallerHungUp, now: float, out: Out) -> None:
        self._reason = "caller_hung_up"
        self._end(out)

    def _caller_away(self, signal: sig.CallerAway, now: float, out: Out) -> None:
        self._away = True
        self._idle_at = None  # who is not there is not silent

    def _caller_back(self, signal: sig.CallerBack, now: float, out: Out) -> None:
        self._away = False
        self._idle_seen = 0
        if self._floor == "open":
            self._watch_idle(now)

    def _left(self, event: ev.CallerLeft | sig.CallerGone, now: float, out: Out) -> None:
        self._reason = self._reason or "caller_left"
        self._end(out)

    def _stopping(self, event: ev.ServerStopping, now: float, out: Out) -> None:
        self._reason = self._reason or "server_stopping"
        self._end(out)

    def _erased(self, event: ev.ErasureOrdered, now: float, out: Out) -> None:
        self._reason = "erased"
        self._end(out)

    # -------------------------------------------------------------------------------------------- by its limits

    def _corrected(self, event: ev.FactCorrected, now: float, out: Out) -> None:
        self._idle_seen = 0  # who types into a field is there
        if self._started_at is not None and self._floor == "open":
            self._watch_idle(now)

    def _caller_said(self, signal: sig.CallerSaid, now: float, out: Out) -> None:
        self._turns = max(self._turns, signal.turn)
        self._idle_seen = 0
        if self._limits.turns is not None and self._turns >= self._limits.turns:
            self._wind_down("turn_limit", now)

    def _used(self, event: ev.UsageReported, now: float, out: Out) -> None:
        self._tokens += max(0, event.total)
        if self._limits.tokens is not None and self._tokens >= self._limits.tokens:
            self._wind_down("token_limit", now)

    def _wind_down(self, reason: str, now: float) -> None:
        """The agent is told to sum up, and gets as long for it as before the limit of time."""
        if self._wrap_up_at is None or self._limit_at is None:
            return  # it has been told, or nobody has joined
        self._wrap_up_at = now
        if now + self._settings.wrap_up_s < self._limit_at:
            self._limit_at, self._limit_reason = now + self._settings.wrap_up_s, reason

    def _link_lost(self, signal: sig.LinkLost, now: float, out: Out) -> None:
        self._linked = False
        self._idle_at = None  # who waits for us is not silent

    def _link_ready(self, signal: sig.LinkReady, now: float, out: Out) -> None:
        self._linked = True
        if self._floor == "open":
            self._watch_idle(now)

    def _watch_idle(self, now: float) -> None:
        if self._limits.idle_s is not None and not self._away and self._linked:
            self._idle_at = now + self._limits.idle_s

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        if self._wrap_up_at is not None and now >= self._wrap_up_at:
            self._wrap_up_at = None
            if not self._reason:
                out.do(Remark("wrap_up", self._limit_reason))
                out.tell(sig.WrapUpDue())
        if self._idle_at is not None and now >= self._idle_at:
            self._idle_at = None
            self._idle_seen += 1
            if self._idle_seen == 1:
                out.do(Remark("idle"))
                out.tell(sig.IdleNoticed())
                self._watch_idle(now)
            else:
                self._end_soon("idle", now, 0.0)
        if self._limit_at is not None and now >= self._limit_at:
            self._limit_at = None
            self._end_soon(self._limit_reason, now, GRACE_S)
            self._turn_over = True
            self._end_if_quiet(out)
        if self._end_at is not None and now >= self._end_at:
            if self._reason == "agent_ended" and self._floor in ("agent", "held", "caller"):
                self._end_at = now + self._settings.leave_within_s  # a long goodbye is heard out, and so is the caller
            else:
                self._end(out)

    # -------------------------------------------------------------------------------- because it cannot go on

    def _decided(self, signal: sig.EndDecided, now: float, out: Out) -> None:
        if self._reason:
            self._end(out)
            return
        self._end_soon(signal.reason, now, FAREWELL_WITHIN_S if signal.reason in _SPOKEN else 0.0)
        if signal.reason in _SPOKEN:
            self._farewell = True
            out.do(Fill("", signal.reason))

    def _filler_arrived(self, event: ev.FillerArrived, now: float, out: Out) -> None:
        if event.phrase not in _SPOKEN:
            return
        if self._farewell and self._reason == event.phrase and event.samples > 0 and not self.ended:
            out.tell(sig.FillerGranted(event.chunk, event.samples, last_words=True))
        else:
            out.do(Forget((event.chunk,)))

    def _last_words_heard(self, signal: sig.LastWordsHeard, now: float, out: Out) -> None:
        self._end(out)

    # -------------------------------------------------------------------------------------------- the end

    def _end_soon(self, reason: str, now: float, within_s: float) -> None:
        if not self._reason:
            self._reason = reason
            self._end_at = now + within_s

    def _end(self, out: Out) -> None:
        if self.ended:
            return
        self.ended = True
        self._wrap_up_at = self._limit_at = self._idle_at = self._end_at = None
        out.do(End(self._reason))

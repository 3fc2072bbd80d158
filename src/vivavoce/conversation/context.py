"""What the model is told in words: the opening, the hand-over, what was heard when a fresh link knows nothing,
what the caller set by hand, reminders.

It keeps the talk as it was *heard* and the facts as they stand, and writes them into one briefing that any live model
understands and the keyless one can parse. What the caller's page tells of itself goes along, marked as what it is:
words of others. Only this machine injects text, and only while a link is up.

What is set by hand is an answer as any other, but a text makes a live model break off what it is saying: so it waits
until nobody speaks and no answer is owed.

A resumed model goes on from what its handle knew. The turns since then it is told, and nothing else; where it was lost
in the middle of a sentence, it is told that as well, and goes on from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from vivavoce.agents import AgentSpec
from vivavoce.agents.briefing import Briefing, Reason, render_briefing
from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Inject
from vivavoce.conversation.machine import Handler, Out
from vivavoce.conversation.said import Said
from vivavoce.conversation.settings import ConversationSettings
from vivavoce.conversation.typed import MAX_LINES, Typed

_SETTLED = frozenset({"answered", "confirmed", "refused"})
_KNOWS_NOTHING = frozenset({"opening", "handover", "reseed"})
"""Reasons for which the model has not been told of the page, or no longer knows."""
_AFRESH = frozenset({"handover", "reseed", "missed", "go_on", "returned"})
"""Reasons that a new link is told for, before what was not answered goes again."""


class Context:
    def __init__(self, settings: ConversationSettings, spec: AgentSpec, prose: Mapping[str, str]) -> None:
        self._settings = settings
        self._prose = prose
        self._fields = spec.fields()
        self._speaker = spec.first_speaker
        self._previous: str | None = None
        self._link: int | None = None
        self._facts: dict[str, dict[str, Any]] = {}
        self._said = Said(settings.recent_turns)
        self._pending: deque[str] = deque(maxlen=MAX_LINES)  # results that came while no link was up
        self._typed = Typed()
        self._making = False  # the model is in the middle of a reply
        self._broken_off = False  # ... and was when its link was lost
        self._away_since: float | None = None
        self._voice = True
        self._return_missed = False
        self._wrap_up_missed = False
        self._page: dict[str, str] = {}
        self._corrected = False  # something was set by hand that the model does not know
        self._learning = False  # ... that it was told of, and has not answered to
        self._floor = "open"
        self._owed = False  # the model has been told something and has not spoken since
        self._errands: set[int] = set()

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.CallerJoined: self._came,
            ev.CallerReturned: self._came,
            ev.CallerTyped: self._caller_typed,
            sig.CallerSaid: self._caller_said,
            sig.AgentSaid: self._agent_said,
            sig.FactChanged: self._fact_changed,
            sig.CorrectionTaken: self._correction_taken,
            ev.TakenOver: self._taken_over,
            ev.GenerationEnded: self._reply_made,
            ev.TurnEnded: self._turn_ended,
            ev.ReplyArrived: self._reply_arrived,
            ev.SoundJudged: self._sound_judged,
            ev.Interrupted: self._reply_made,
            sig.ModeTaken: self._mode_taken,
            sig.CallerAway: self._caller_away,
            sig.CallerBack: self._caller_back,
            sig.ReturnTaken: self._return_taken,
            sig.ReplyBegan: self._reply_began,
            sig.TurnBegan: self._turn_began,
            sig.ReplyWorded: self._reply_worded,
            sig.ReplyHeard: self._reply_over,
            sig.ReplyStopped: self._reply_over,
            sig.SentenceBroken: self._sentence_broken,
            sig.FloorChanged: self._floor_changed,
            sig.LinkLost: self._link_lost,
            sig.VoiceLost: self._voice_lost,
            sig.SpeakerTook: self._speaker_took,
            sig.LinkReady: self._link_ready,
            sig.AnswerOverdue: self._overdue,
            sig.WrapUpDue: self._wrap_up,
            sig.IdleNoticed: self._idle,
            sig.TellModel: self._tell,
            sig.ErrandBegan: self._errand_began,
            sig.ErrandSettled: self._errand_settled,
        }

    def wake_at(self) -> float | None:
        return None

    # -------------------------------------------------------------------------------------------- what is known

    def _came(self, event: ev.CallerJoined | ev.CallerReturned, now: float, out: Out) -> None:
        self._page = event.context or self._page  # who comes back may do so from another page

    def _caller_said(self, signal: sig.CallerSaid, now: float, out: Out) -> None:
        self._said.asked(signal.turn, signal.text)

    def _reply_began(self, signal: sig.ReplyBegan, now: float, out: Out) -> None:
        self._said.reply_began(signal.reply, signal.speaker)
        self._typed.reply_began(now)
        self._owed = self._learning = False
        self._making = True

    def _turn_began(self, signal: sig.TurnBegan, now: float, out: Out) -> None:
        if signal.who != "caller":
            self._said.newest = signal.turn

    def _reply_worded(self, signal: sig.ReplyWorded, now: float, out: Out) -> None:
        self._said.reply_worded(signal.reply, signal.text)

    def _reply_made(self, event: ev.GenerationEnded | ev.TurnEnded | ev.Interrupted, now: float, out: Out) -> None:
        if event.link == self._link:
            self._making = False

    def _reply_arrived(self, event: ev.ReplyArrived, now: float, out: Out) -> None:
        if event.link == self._link:
            self._typed.sounded(event.samples)

    def _turn_ended(self, event: ev.TurnEnded, now: float, out: Out) -> None:
        self._reply_made(event, now, out)
        if event.link == self._link:
            self._typed.was_answer()

    def _sound_judged(self, event: ev.SoundJudged, now: float, out: Out) -> None:
        if event.link == self._link:
            self._typed.was_none()

    def _reply_over(self, signal: sig.ReplyHeard | sig.ReplyStopped, now: float, out: Out) -> None:
        self._said.reply_over(signal.reply)
        self._making = self._making and self._said.on_its_way

    def _taken_over(self, event: ev.TakenOver, now: float, out: Out) -> None:
        self._link = None
        self._typed.was_none()
        self._broken_off = self._broken_off or self._making or self._said.on_its_way  # what waited to be heard is gone

    def _agent_said(self, signal: sig.AgentSaid, now: float, out: Out) -> None:
        self._said.heard(signal.turn, signal.speaker, signal.text)

    def _fact_changed(self, signal: sig.FactChanged, now: float, out: Out) -> None:
        self._facts[signal.field] = {"state": signal.state, "value": signal.value}

    def _floor_changed(self, signal: sig.FloorChanged, now: float, out: Out) -> None:
        self._floor = signal.turn
        self._tell_correction(out)

    def _correction_taken(self, signal: sig.CorrectionTaken, now: float, out: Out) -> None:
        self._corrected = True
        self._tell_correction(out)

    def _errand_began(self, signal: sig.ErrandBegan, now: float, out: Out) -> None:
        self._errands.add(signal.errand)

    def _errand_settled(self, signal: sig.ErrandSettled, now: float, out: Out) -> None:
        self._errands.discard(signal.errand)
        self._tell_correction(out)

    # -------------------------------------------------------------------------------------------- when it is told

    def _link_lost(self, signal: sig.LinkLost, now: float, out: Out) -> None:
        self._link = None
        self._corrected = self._corrected or self._learning  # the next link may go on from before it was told
        self._owed = self._learning = self._typed.again = False
        self._typed.was_none()
        self._making, self._broken_off = False, self._making or self._broken_off

    def _voice_lost(self, signal: sig.VoiceLost, now: float, out: Out) -> None:
        self._return_missed = self._voice  # a caller who was told that nobody is there hears when somebody is again

    def _speaker_took(self, signal: sig.SpeakerTook, now: float, out: Out) -> None:
        self._speaker, self._previous = signal.speaker, signal.previous
        self._brief("handover", out)
        self._catch_up(out)

    def _link_ready(self, signal: sig.LinkReady, now: float, out: Out) -> None:
        self._link = signal.link
        self._typed.told(now)
        if signal.speaker != self._speaker:
            return  # the new speaker's briefing tells everything
        quiet = self._floor in ("open", "agent")
        if signal.first:
            self._brief("opening", out)
        elif not signal.resumed:
            self._brief("reseed", out)
        elif self._broken_off and quiet:
            self._brief("go_on", out)
        elif signal.unplanned and not self._typed.lines:
            self._brief("nudge", out)  # it has heard the caller, and will not answer of itself any more
        elif self._return_missed and quiet:
            self._brief("returned", out)
        elif self._said.told(fresh=True, since=signal.since):
            self._brief("missed", out, since=signal.since)
        self._catch_up(out)

    def _catch_up(self, out: Out) -> None:
        """What came while no link was up, or went to one that did not answer it."""
        self._broken_off = self._return_missed = False
        for text in self._typed.lines:
            self._inject(text, out)
        while self._pending:
            self._inject(self._pending.popleft(), out)
        if self._wrap_up_missed:
            self._wrap_up_missed = False
            self._brief("wrap_up", out)
        self._tell_correction(out)

    def _tell_correction(self, out: Out) -> None:
        quiet = self._floor == "open" and not self._owed and not self._errands
        if self._corrected and quiet:
            self._brief("corrected", out)

    def _overdue(self, signal: sig.AnswerOverdue, now: float, out: Out) -> None:
        self._owed = False
        if not signal.nudge or self._link is None:
            return
        if signal.why == "text_ignored" and self._typed.lines and not self._typed.again:
            self._typed.again = True  # some models overlook a text now and then; it is said again once
            for text in self._typed.lines:
                self._inject(text, out)
        else:
            self._brief("corrected" if self._corrected else "nudge", out)

    def _sentence_broken(self, signal: sig.SentenceBroken, now: float, out: Out) -> None:
        self._brief("go_on", out)

    # -------------------------------------------------------------------------------- a caller who comes and goes

    def _mode_taken(self, signal: sig.ModeTaken, now: float, out: Out) -> None:
        self._voice = signal.mode == "voice"

    def _caller_away(self, signal: sig.CallerAway, now: float, out: Out) -> None:
        self._away_since = now

    def _caller_back(self, signal: sig.CallerBack, now: float, out: Out) -> None:
        since, self._away_since = self._away_since, None
        if since is not None and now - since > self._settings.greet_after_s:
            out.tell(sig.ReturnTaken())  # by then it is known what they had heard already

    def _return_taken(self, signal: sig.ReturnTaken, now: float, out: Out) -> None:
        """Where nothing waits to be heard and nothing is awaited, a caller comes back to silence. Who reads has it all
        before them.
        """
        awaited = self._owed or self._errands or self._floor in ("caller", "waiting")
        if not self._voice or self._said.on_its_way or awaited:
            return
        if self._link is None:
            self._return_missed = True
        else:
            self._brief("returned", out)

    def _wrap_up(self, signal: sig.WrapUpDue, now: float, out: Out) -> None:
        self._wrap_up_missed = self._link is None
        self._brief("wrap_up", out)

    def _idle(self, signal: sig.IdleNoticed, now: float, out: Out) -> None:
        self._brief("idle", out)

    def _caller_typed(self, event: ev.CallerTyped, now: float, out: Out) -> None:
        # a caller's words must not pass for a briefing of ours
        text = event.text.replace("<", "‹").replace(">", "›")
        owing = self._making or self._owed or self._errands or self._said.asks or self._floor in ("caller", "waiting")
        self._typed.told(now, text, idle=not owing)
        if self._link is not None:
            self._inject(text, out)

    def _tell(self, signal: sig.TellModel, now: float, out: Out) -> None:
        if self._link is None:
            self._pending.append(signal.text)
        else:
            self._inject(signal.text, out)

    def _brief(self, reason: Reason, out: Out, *, since: int = 0) -> None:
        """Text that says how things stand; while no link is up it would be stale by the time it is heard.

        Args:
            since: only turns after this one are told.
        """
        if self._link is None:
            return
        opening = reason == "opening"
        briefing = Briefing(
            reason=reason,
            speaker=self._speaker,
            previous=self._previous if reason == "handover" else None,
            facts={name: fact for name, fact in self._facts.items() if fact["state"] != "asked"},
            open=[] if opening else [name for name in self._fields if not self._settled(name)],
            said=[] if opening else self._said.told(fresh=reason in _AFRESH, since=since),
            page=self._page if reason in _KNOWS_NOTHING else {},
        )
        asks = reason != "missed"
        if asks:  # every briefing says how the facts stand
            self._learning, self._corrected = self._learning or self._corrected, False
        self._inject(render_briefing(briefing, self._prose), out, asks=asks, to_go_on=reason == "go_on")

    def _settled(self, name: str) -> bool:
        return self._facts.get(name, {}).get("state") in _SETTLED

    def _inject(self, text: str, out: Out, *, asks: bool = True, to_go_on: bool = False) -> None:
        assert self._link is not None, "text is told only while a link is up"
        out.do(Inject(self._link, text))
        if asks:
            self._owed = True
            out.tell(sig.ModelAsked(to_go_on))

"""What live models are known to do instead of speaking, noticed: turns with nothing in them, silence or a tone for
speech, sentences that break off, speech slower than it is heard.

One ladder for turns that leave the caller without an answer: the first may be an accident, so the model has as long as
for any answer (`turns`), or is reminded at once where what it made cannot be an answer; at the second in a row it is
reminded; at the third its link is taken for dead. Speech that can be understood forgets the count.

A sentence is taken to have broken off only of a model that otherwise ends its sentences: transcripts of some languages
and models have no full stops at all. It is asked once to go on.
"""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Notify, Remark
from vivavoce.conversation.machine import Handler, Out

REPLY_HZ = 24_000
REMIND_AT = 2
SUSPECT_AT = 3
"""Turns in a row without an answer. What users of the service settled on: reference gemini-live §5, row 25."""
SLOW_S = 0.5
"""Sound that comes so much later than it is needed is a hole: callers' machines wait for a fifth of a second of it
before they begin. Not tuned on recordings."""
SLOW_TURNS = 3
"""Slow turns in a row before the caller is told; one is a hiccup of the network."""
ENDS = frozenset(".!?…。！？｡．।॥۔؟։។:;")
CLOSERS = "\"'”’»›“‘」』】)]}* \n\t"
"""What may stand behind the end of a sentence."""
HABIT = 3
HABIT_SHARE = 0.9
"""A model ends its sentences when so many replies did, and this share of all. Not tuned."""


class Watchdogs:
    def __init__(self) -> None:
        self._link: int | None = None
        self._text_mode = False
        self._floor = "open"
        self._owed = False  # an answer
        self._excused = False  # a turn that called a tool or was cut owes none
        self._cut = False  # this one was
        self._sounded = False  # this turn had sound or words
        self._judged = False  # ... that were none
        self._in_a_row = 0  # turns that left the caller without an answer
        self._unheard: set[int] = set()  # replies on their way
        self._newest = 0  # the reply that the model makes, or made last
        self._whole = 0  # the last reply whose turn ended of itself
        self._heard: tuple[int, str] = (0, "")  # the last reply that was heard to its end, and its words
        self._went_on = False  # it was asked to go on with the last one
        self._ended = self._unended = 0  # replies that ended as sentences do, and others
        self._began_at: float | None = None  # when the sound of this turn began to come
        self._samples = 0
        self._late_s = 0.0
        self._slow = 0
        self._told_slow = False

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.ReplyArrived: self._arrived,
            ev.AgentTranscribed: self._worded,
            ev.SoundJudged: self._sound_judged,
            ev.ToolCalled: self._called,
            ev.Interrupted: self._interrupted,
            ev.TurnEnded: self._turn_ended,
            sig.ModeTaken: self._mode_taken,
            sig.ModelAsked: self._asked,
            sig.FloorChanged: self._floor_changed,
            sig.LinkReady: self._link_ready,
            sig.LinkLost: self._link_lost,
            sig.ReplyBegan: self._reply_began,
            sig.ReplyHeard: self._reply_heard,
            sig.ReplyStopped: self._reply_stopped,
        }

    def wake_at(self) -> float | None:
        return None

    def _mode_taken(self, signal: sig.ModeTaken, now: float, out: Out) -> None:
        self._text_mode = signal.mode == "text"

    def _link_ready(self, signal: sig.LinkReady, now: float, out: Out) -> None:
        self._link = signal.link
        self._forget_turn()

    def _link_lost(self, signal: sig.LinkLost, now: float, out: Out) -> None:
        self._link = None
        self._newest = self._whole = 0  # what it was saying broke off for another reason
        self._in_a_row = 0

    def _forget_turn(self) -> None:
        self._excused = self._cut = self._sounded = self._judged = False
        self._forget_pace()

    # -------------------------------------------------------------------------------------------- is it an answer?

    def _asked(self, signal: sig.ModelAsked, now: float, out: Out) -> None:
        self._owed = True

    def _floor_changed(self, signal: sig.FloorChanged, now: float, out: Out) -> None:
        self._floor = signal.turn
        self._owed = self._owed or signal.turn == "waiting"

    def _called(self, event: ev.ToolCalled, now: float, out: Out) -> None:
        if event.link == self._link:
            self._excused = True
            self._forget_pace()  # it waits for the tool

    def _interrupted(self, event: ev.Interrupted, now: float, out: Out) -> None:
        if event.link == self._link:
            self._excused = self._cut = True

    def _worded(self, event: ev.AgentTranscribed, now: float, out: Out) -> None:
        if event.link == self._link and event.text.strip():
            self._sounded = True  # a turn without sound is legal: its words are shown

    def _sound_judged(self, event: ev.SoundJudged, now: float, out: Out) -> None:
        if event.link != self._link or self._judged or self._text_mode:
            return
        self._judged = True
        if len(self._unheard) == 1:  # before another one it must wait until that is heard
            out.tell(sig.CutDecided())
        self._without_answer(event.kind, at_once=True, out=out)

    def _turn_ended(self, event: ev.TurnEnded, now: float, out: Out) -> None:
        if event.link != self._link:
            return
        self._judge_pace(out)
        if self._sounded and not self._judged and not self._cut:  # one that was cut shows nothing, good or bad
            self._in_a_row = 0
            self._owed = False
        elif self._owed and not (self._sounded or self._excused or event.more):
            self._without_answer("empty_turn", at_once=False, out=out)
        if not self._excused and not event.more:
            self._whole = self._newest
            self._look_for_an_end(out)
        self._forget_turn()

    def _without_answer(self, why: str, *, at_once: bool, out: Out) -> None:
        self._in_a_row += 1
        count, link = self._in_a_row, self._link or 0
        out.do(Remark("noticed", why, link, count=count))
        if count >= SUSPECT_AT:
            self._in_a_row = 0
            out.do(Remark("suspected", why, link, count=count))
            out.tell(sig.LinkSuspected(why))
        elif at_once or count >= REMIND_AT:
            out.do(Remark("reminded", why, link, count=count))
            out.tell(sig.AnswerOverdue(True, why))

    # -------------------------------------------------------------------------------------------- is it whole?

    def _reply_began(self, signal: sig.ReplyBegan, now: float, out: Out) -> None:
        self._newest = signal.reply
        self._unheard.add(signal.reply)

    def _reply_stopped(self, signal: sig.ReplyStopped, now: float, out: Out) -> None:
        self._unheard.discard(signal.reply)

    def _reply_heard(self, signal: sig.ReplyHeard, now: float, out: Out) -> None:
        self._unheard.discard(signal.reply)
        self._heard = (signal.reply, signal.text)
        self._look_for_an_end(out)

    def _look_for_an_end(self, out: Out) -> None:
        """Once a reply was heard, and its turn ended of itself: either may come first."""
        reply, text = self._heard
        if reply != self._whole or not text or self._text_mode:
            return
        self._whole = 0
        went_on, self._went_on = self._went_on, False
        if ends_a_sentence(text):
            self._ended += 1
            return
        habit = self._ended >= HABIT and self._ended >= HABIT_SHARE * (self._ended + self._unended)
        self._unended += 1
        if habit and not went_on and not self._unheard and self._floor in ("agent", "open"):
            self._went_on = True
            out.do(Remark("reminded", "broken_off", self._link or 0))
            out.tell(sig.SentenceBroken())

    # -------------------------------------------------------------------------------------------- is it in time?

    def _arrived(self, event: ev.ReplyArrived, now: float, out: Out) -> None:
        if event.link != self._link or event.samples <= 0:
            return
        self._sounded = True
        if self._began_at is None:
            self._began_at = now
        self._late_s = max(self._late_s, now - self._began_at - self._samples / REPLY_HZ)
        self._samples += event.samples

    def _judge_pace(self, out: Out) -> None:
        if not self._samples:
            return
        if self._late_s < SLOW_S:
            self._slow = 0
            return
        self._slow += 1
        out.do(Remark("noticed", "slow", self._link or 0, round(self._late_s, 3), self._slow))
        if self._slow >= SLOW_TURNS and not self._told_slow:
            self._told_slow = True
            out.do(Notify("model_slow"))

    def _forget_pace(self) -> None:
        self._began_at = None
        self._samples = 0
        self._late_s = 0.0


def ends_a_sentence(text: str) -> bool:
    """Whether words end as a sentence does, in any language that has marks for it."""
    bare = text.rstrip(CLOSERS)
    return not bare or bare[-1] in ENDS

"""Replies on their way to the caller's ear: numbered, sent a little ahead, held, resumed, cut; heard is not generated.

A reply is opened by the first sound of a model's turn (or by its words, when the turn ends without sound) and closed by
the end of the turn. It is *heard* when the caller's machine has played it to its end. After a cut, whatever the model
still sends of that turn is dropped at the door; a fresh turn opens a fresh number. While the caller is away nothing is
sent and nothing is heard; what was sent and not heard goes again when they are back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Cut, FinishReply, Forget, Hold, Listen, Remark, Resume, Say, SayAgain
from vivavoce.conversation.machine import Handler, Out
from vivavoce.conversation.repeats import Repeats
from vivavoce.conversation.settings import ConversationSettings

REPLY_HZ = 24_000
# A model that was interrupted ends its turn within a moment; should that message be lost, the next turn must still be
# heard.
INTERRUPTED_TURN_ENDS_WITHIN_S = 3.0
# After a cut of ours the model may not have noticed and goes on generating; no reply of a live model is longer than
# this.
UNNOTICED_TURN_ENDS_WITHIN_S = 45.0
# Replies that wait to be heard; a model makes one at a time and now and then a second. A peer that makes more is not
# heard.
MAX_REPLIES = 32
# Numbers that are never used again after a take-over: the log may lack the newest replies of the server that is gone,
# and what a caller's machine has of those must not be taken for the replies of this one.
UNLOGGED_REPLIES = 1000


@dataclass(slots=True)
class Reply:
    """One utterance. Counts are samples at 24 kHz: played ≤ sent ≤ arrived."""

    number: int
    speaker: str
    arrived: int = 0
    sent: int = 0
    played: int = 0
    complete: bool = False
    silent: bool = False  # shown, not spoken: what is shown counts as heard
    filler: bool = False  # a prepared phrase: never a turn, cut by whatever comes
    last_words: bool = False  # a filler that nothing cuts
    lost: bool = False  # the rest of its sound went with the server that had it
    broken: bool = False  # the model heard the caller in the middle of it, and has not made the rest
    text: str = ""
    waiting: deque[tuple[int, int]] = field(default_factory=deque)  # (chunk, samples) not sent yet

    @property
    def heard_text(self) -> str:
        """Words that were heard, cut at a word: proportional to sound, since the order of words and sound is not
        promised.
        """
        if not self.text or (self.complete and self.played >= self.arrived):
            return self.text.strip()
        share = self.played / self.arrived if self.arrived else 0.0
        until = round(len(self.text) * share)
        head = self.text[:until]
        if until < len(self.text) and not self.text[until].isspace():
            head = head.rpartition(" ")[0]
        return head.strip()


class Playout:
    def __init__(self, settings: ConversationSettings, first_speaker: str) -> None:
        self._settings = settings
        self._link: int | None = None
        self._speaker = first_speaker
        self._text_mode = False
        self._last = 0
        self._replies: deque[Reply] = deque()  # in the order of hearing; the front one is being played
        self._open: Reply | None = None  # the one the model is still producing
        self._ending: Reply | None = None  # generated, but its turn has not ended: words may still come
        self._early_words = ""
        self._drop_until: float | None = None  # the rest of a cut turn
        self._repeats = Repeats()
        self._held = False
        self._spoken_over = False  # the caller spoke over what waits here: the model's next reply is its answer
        self._away = False
        self._audible = False
        self._stalled_at: float | None = None
        self._lost_through = 0  # replies up to this number were another server's, and the caller does not know yet

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.ReplyArrived: self._arrived,
            ev.AgentTranscribed: self._worded,
            ev.GenerationEnded: self._generation_ended,
            ev.TurnEnded: self._turn_ended,
            ev.Interrupted: self._interrupted,
            ev.SpeechStarted: self._caller_began,
            ev.CallerTyped: self._caller_began,
            ev.SpeechEnded: self._asked,
            ev.SoundResent: self._asked,
            ev.CallerDoubted: self._doubted,
            ev.Played: self._played,
            ev.TakenOver: self._taken_over,
            ev.Woke: self._woke,
            sig.CallerAway: self._caller_away,
            sig.CallerBack: self._caller_back,
            sig.ModeTaken: self._mode,
            sig.ModelAsked: self._asked,
            sig.FillerGranted: self._filler,
            sig.LinkReady: self._link_ready,
            sig.LinkLost: self._link_lost,
            sig.SpeakerTook: self._speaker_took,
            sig.ErrandSettled: self._errand_settled,
            sig.SpokenOver: self._was_spoken_over,
            sig.HoldDecided: self._hold,
            sig.ResumeDecided: self._resume,
            sig.CutDecided: self._cut,
        }

    def wake_at(self) -> float | None:
        return self._stalled_at

    # -------------------------------------------------------------------------------------------- who speaks, and how

    def _mode(self, signal: sig.ModeTaken, now: float, out: Out) -> None:
        self._text_mode = signal.mode == "text"
        if not self._text_mode or not self._replies:
            return
        if any(reply.sent for reply in self._replies):
            out.do(Cut(self._replies[-1].number))  # the sound of the old mode ends before the new one begins
        self._held = False
        self._stalled_at = None
        for reply in list(self._replies):
            reply.silent = True
        self._send(now, out)
        for reply in list(self._replies):
            self._hear_if_done(reply, now, out)

    def _link_ready(self, signal: sig.LinkReady, now: float, out: Out) -> None:
        self._link = signal.link
        self._drop_until = self._ending = None
        self._early_words = ""
        self._repeats.linked(resumed=signal.resumed)

    def _link_lost(self, signal: sig.LinkLost, now: float, out: Out) -> None:
        # generation in flight never continues on another link; what arrived can still be heard
        self._link = None
        self._close(now, out)

    def _speaker_took(self, signal: sig.SpeakerTook, now: float, out: Out) -> None:
        self._speaker = signal.speaker

    # -------------------------------------------------------------------------------------------- from the model

    def _asked(self, event: sig.ModelAsked | ev.SpeechEnded | ev.SoundResent, now: float, out: Out) -> None:
        if not (isinstance(event, sig.ModelAsked) and event.to_go_on):
            self._repeats.asked(now)

    def _repeated(self, event: ev.ReplyArrived, now: float, out: Out) -> bool:
        if self._repeats.sounded(now, known=event.repeated and self._open is None):
            self._early_words = ""
            out.do(Remark("repeated", "sound", event.link))
        return self._repeats.going

    def _arrived(self, event: ev.ReplyArrived, now: float, out: Out) -> None:
        flooded = self._open is None and len(self._replies) >= MAX_REPLIES
        stale = event.link != self._link or event.samples <= 0
        if stale or self._dropping(now) or flooded or self._repeated(event, now, out):
            out.do(Forget((event.chunk,)))
            return
        self._cut_filler(now, out)
        reply = self._open or self._begin(now, out)
        reply.arrived += event.samples
        reply.waiting.append((event.chunk, event.samples))
        self._send(now, out)

    def _worded(self, event: ev.AgentTranscribed, now: float, out: Out) -> None:
        if event.link != self._link or self._dropping(now) or self._repeats.going:
            return
        reply = self._open or self._ending
        if reply is None:
            self._early_words += event.text
            return
        reply.text += event.text
        self._repeats.said(reply.text)
        out.tell(sig.ReplyWorded(reply.number, reply.text))

    def _generation_ended(self, event: ev.GenerationEnded, now: float, out: Out) -> None:
        # the model tells the end of its turn only when it thinks it was heard; its length is known now
        if event.link == self._link:
            self._ending = self._open
            self._close(now, out)

    def _turn_ended(self, event: ev.TurnEnded, now: float, out: Out) -> None:
        if event.link != self._link:
            return
        self._ending = None
        self._repeats.turn_ended()
        if self._drop_until is not None:
            self._drop_until = None
            self._early_words = ""
            return
        if self._open is None and self._repeats.worded(self._early_words, now):
            self._early_words = ""
            out.do(Remark("repeated", "words", event.link))
        if self._open is None and self._early_words.strip():
            self._begin(now, out)  # a turn without sound is legal: its words are shown
        self._close(now, out)

    def _interrupted(self, event: ev.Interrupted, now: float, out: Out) -> None:
        if event.link == self._link and self._open is not None:
            # the floor decides the cut; whatever trickles in until the end of this turn is dropped in any case
            self._drop_until = now + INTERRUPTED_TURN_ENDS_WITHIN_S
            self._open.broken = True
            self._close(now, out)
        elif event.link == self._link and self._drop_until is not None:
            self._drop_until = min(self._drop_until, now + INTERRUPTED_TURN_ENDS_WITHIN_S)  # it has noticed the cut

    def _filler(self, signal: sig.FillerGranted, now: float, out: Out) -> None:
        if self._text_mode or (self._replies and not (signal.last_words or signal.waits)):
            out.do(Forget((signal.chunk,)))
            if signal.last_words:
                out.tell(sig.LastWordsHeard())  # they are on the screen
            return
        self._last += 1
        reply = Reply(self._last, self._speaker, arrived=signal.samples, complete=True)
        reply.filler, reply.last_words = True, signal.last_words
        reply.waiting.append((signal.chunk, signal.samples))
        self._replies.append(reply)
        out.do(FinishReply(reply.number, reply.arrived))
        self._send(now, out)

    def _caller_began(self, event: ev.SpeechStarted | ev.CallerTyped, now: float, out: Out) -> None:
        self._cut_filler(now, out)

    def _cut_filler(self, now: float, out: Out) -> None:
        if self._replies and self._replies[0].filler and not self._replies[0].last_words:
            self._cut_all(now, out)

    def _begin(self, now: float, out: Out) -> Reply:
        if self._spoken_over and any(not reply.filler for reply in self._replies):
            out.do(Remark("cut", "answered"))  # the model has heard them, and what it says now it says instead
            self._cut_all(now, out)
        self._spoken_over = False
        self._last += 1
        reply = Reply(self._last, self._speaker, silent=self._text_mode, text=self._early_words)
        self._early_words = ""
        self._replies.append(reply)
        self._open = reply
        out.tell(sig.ReplyBegan(reply.number, reply.speaker))
        if reply.text:
            self._repeats.said(reply.text)
            out.tell(sig.ReplyWorded(reply.number, reply.text))
        return reply

    def _close(self, now: float, out: Out) -> None:
        """No more sound will come for the open reply."""
        reply, self._open = self._open, None
        if reply is None:
            return
        reply.complete = True
        if not reply.silent:
            out.do(FinishReply(reply.number, reply.arrived))
        self._hear_if_done(reply, now, out)

    def _dropping(self, now: float) -> bool:
        if self._drop_until is not None and now >= self._drop_until:
            self._drop_until = None
        return self._drop_until is not None

    # -------------------------------------------------------------------------------------------- to the caller's ear

    def _send(self, now: float, out: Out) -> None:
        ahead = round(self._settings.ahead_s * REPLY_HZ)
        for reply in self._replies:
            while reply.waiting and (reply.silent or (not self._away and reply.sent - reply.played < ahead)):
                chunk, samples = reply.waiting.popleft()
                if reply.silent:
                    out.do(Forget((chunk,)))
                else:
                    out.do(Say(reply.number, reply.speaker, chunk, reply.sent, samples))
                    reply.sent += samples
            if reply.waiting:
                break
        if self._stalled_at is None:
            self._expect_progress(now)
        self._tell_audible(out)

    def _expect_progress(self, now: float) -> None:
        """A caller's machine that has sound reports how it goes on; one that is away does not."""
        self._stalled_at = now + self._settings.stalled_s if self._unheard() and not self._away else None

    def _played(self, event: ev.Played | sig.CallerBack, now: float, out: Out) -> None:
        reply = next((reply for reply in self._replies if reply.number == event.reply), None)
        if reply is None or min(event.samples, reply.sent) <= reply.played:
            return  # of a reply that is over, or nothing new, or what nobody can have heard
        while (
            self._replies[0] is not reply
        ):  # a later reply sounds: the earlier ones were heard, their last report was lost
            earlier = self._replies[0]
            earlier.played = earlier.sent
            self._finish(earlier, now, out)
        reply.played = min(event.samples, reply.sent)
        self._expect_progress(now)
        if not reply.filler:
            out.tell(sig.ReplySounded(reply.number, reply.played, event.at))
        self._send(now, out)
        self._hear_if_done(reply, now, out)

    def _hear_if_done(self, reply: Reply, now: float, out: Out) -> None:
        if reply.silent and self._away:
            return  # it is on no screen
        if reply.silent:
            reply.sent = reply.played = reply.arrived
        if reply.complete and reply.played >= reply.arrived:
            self._finish(reply, now, out)

    def _finish(self, reply: Reply, now: float, out: Out) -> None:
        if self._open is reply:
            self._open = None
            reply.complete = True
        self._replies.remove(reply)
        if reply.last_words:
            out.tell(sig.LastWordsHeard())
        if not reply.filler:
            out.tell(sig.ReplyHeard(reply.number, reply.speaker, reply.text.strip()))
            if all(other.filler for other in self._replies):
                self._held = False
                out.tell(sig.PlayoutEmptied())
                if reply.broken:
                    out.tell(sig.RestOwed())
        if not self._replies:
            self._stalled_at = None
        self._tell_audible(out)

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        if self._stalled_at is None or now < self._stalled_at:
            return
        if self._held:  # silence is what was asked for
            self._stalled_at = now + self._settings.stalled_s
            return
        out.do(Remark("cut", "stalled", seconds=self._settings.stalled_s))
        self._cut_all(now, out)

    # ------------------------------------------------------------------------------------ a caller who comes and goes

    def _caller_away(self, signal: sig.CallerAway, now: float, out: Out) -> None:
        self._cut_filler(now, out)  # "one moment" is nothing to come back for
        self._away = True
        self._stalled_at = None
        self._tell_audible(out)

    def _caller_back(self, signal: sig.CallerBack, now: float, out: Out) -> None:
        """What their machine says that it played is believed like any report: no more than was sent, no less than
        before.
        """
        self._played(signal, now, out)
        self._away = False
        self._cut_lost(out)
        for reply in list(self._replies):
            self._hear_if_done(reply, now, out)
        if self._replies and not self._replies[0].silent:
            # their machine may have missed either, or hold by itself, or have forgotten everything
            number = self._replies[0].number
            out.do(Hold(number) if self._held else Resume(number))
        for reply in self._replies:
            if reply.sent > reply.played:
                out.do(SayAgain(reply.number, reply.speaker, reply.played, reply.sent - reply.played))
            if reply.complete and not reply.silent:
                out.do(FinishReply(reply.number, reply.arrived))
        self._send(now, out)

    def _taken_over(self, event: ev.TakenOver, now: float, out: Out) -> None:
        """What waited to be heard is gone. How much was heard of it, the caller's machine tells when it is back."""
        self._last += UNLOGGED_REPLIES
        self._lost_through = self._last
        for reply in self._replies:
            reply.waiting.clear()
            reply.lost = not reply.silent  # what is read is all there

    def _cut_lost(self, out: Out) -> None:
        """What was heard of a lost reply is the turn; their machine drops what it still has of such numbers."""
        if not self._lost_through:
            return
        out.do(Cut(self._lost_through))
        self._lost_through = 0
        lost = [reply for reply in self._replies if reply.lost]
        for reply in lost:
            self._replies.remove(reply)
            if reply.last_words:
                out.tell(sig.LastWordsHeard())
            elif not reply.filler:
                out.tell(sig.ReplyStopped(reply.number, reply.speaker, reply.heard_text))
        if lost and all(reply.filler for reply in self._replies):
            self._held = False
            out.tell(sig.PlayoutEmptied())

    # -------------------------------------------------------------------------------------------- the floor's decisions

    def _doubted(self, event: ev.CallerDoubted, now: float, out: Out) -> None:
        if self._replies and self._replies[0].number == event.reply and not self._replies[0].silent:
            out.tell(sig.SpeechDoubted())

    def _was_spoken_over(self, signal: sig.SpokenOver, now: float, out: Out) -> None:
        self._spoken_over = True

    def _errand_settled(self, signal: sig.ErrandSettled, now: float, out: Out) -> None:
        if not self._held:
            self._spoken_over = False  # what comes next may be about the errand: what goes on being heard is not cut

    def _hold(self, signal: sig.HoldDecided, now: float, out: Out) -> None:
        if self._replies and not self._held and not self._replies[0].silent:
            self._held = True
            out.do(Hold(self._replies[0].number))
            self._tell_audible(out)

    def _resume(self, signal: sig.ResumeDecided, now: float, out: Out) -> None:
        if self._replies and self._held:
            self._held = False
            out.do(Resume(self._replies[0].number))
            self._expect_progress(now)
            self._tell_audible(out)

    def _cut(self, signal: sig.CutDecided, now: float, out: Out) -> None:
        self._cut_all(now, out)

    def _cut_all(self, now: float, out: Out) -> None:
        """Everything that has a number by now is over, heard or not."""
        self._held = False
        self._stalled_at = None
        if self._open is not None:
            self._open = None
            if self._drop_until is None:
                self._drop_until = now + UNNOTICED_TURN_ENDS_WITHIN_S
        if not self._replies:
            return
        stopped = list(self._replies)
        for reply in stopped:
            if reply.silent and not self._away:
                reply.complete, reply.played = True, reply.arrived
        self._replies.clear()
        if not all(reply.silent for reply in stopped):
            out.do(Cut(stopped[-1].number))
        unsaid = tuple(chunk for reply in stopped for chunk, _ in reply.waiting)
        if unsaid:
            out.do(Forget(unsaid))
        for reply in stopped:
            if reply.last_words:
                out.tell(sig.LastWordsHeard())
            elif not reply.filler:
                out.tell(sig.ReplyStopped(reply.number, reply.speaker, reply.heard_text))
        if not all(reply.filler for reply in stopped):
            out.tell(sig.PlayoutEmptied())
        self._tell_audible(out)

    def _unheard(self) -> bool:
        return any(reply.sent > reply.played for reply in self._replies if not reply.silent)

    def _tell_audible(self, out: Out) -> None:
        audible = not self._held and not self._away and self._unheard()
        if audible != self._audible:
            self._audible = audible
            out.do(Listen(audible))

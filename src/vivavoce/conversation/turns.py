"""The turns of the talk: who said what, from when to when, and whether an answer is owed.

Times of a turn are positions of the microphone clock, so that a word in the transcript is a second in the recording.
The caller's words come late and in pieces, without a promise of order; they belong to the turn that was being spoken,
not to the moment they arrive, and never to one that was typed. A link that is sent the sound of a turn again brings its
words again, which take the place of those that were there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Caption, RecordTurn, Remark
from vivavoce.conversation.machine import Handler, Out
from vivavoce.conversation.owed import Owed
from vivavoce.conversation.settings import ConversationSettings

CALLER_HZ = 16_000
REPLY_HZ = 24_000
# A pause to think is still the same turn; a noise without words that lies further back has nothing to do with what
# comes.
SAME_TURN_SAMPLES = 3 * CALLER_HZ
AGAIN_SAMPLES = CALLER_HZ // 2
"""Sound that goes again from so short after a turn began brings all its words: less than the clock may be off."""
MAX_TURN_CHARS = 20_000
"""A peer may send words for ever; a turn keeps this many characters of them (over ten minutes of talk)."""


@dataclass(slots=True)
class CallerTurn:
    number: int
    start: int
    end: int
    text: str = ""
    typed: bool = False
    over: bool = False
    answered: bool = False
    again: bool = False  # its words come once more, from the beginning


@dataclass(slots=True)
class AgentTurn:
    number: int
    speaker: str
    start: int
    end: int
    text: str = ""


class Turns:
    def __init__(self, settings: ConversationSettings) -> None:
        self._settings = settings
        self._count = 0
        self._caller: CallerTurn | None = None  # the newest
        self._spoken: CallerTurn | None = None  # the newest that was not typed
        self._agents: dict[int, AgentTurn] = {}  # by reply, while it is being heard
        self._link: int | None = None
        self._errands: set[int] = set()
        self._owed = Owed(settings)
        self._more = False  # the model promised to go on by itself
        self._doubted = False  # the link before was taken for dead, and nobody has spoken since
        self._waiting = False  # nobody speaks, and it is the model's turn
        self._began = False  # the model has spoken in this call
        self._interrupted = False  # it stopped for the caller, and has said nothing since
        self._typed_last = False
        self._away = False
        self._clock = (0, 0.0)  # the last known (microphone position, session time)

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.SpeechStarted: self._speech_started,
            ev.SpeechEnded: self._speech_ended,
            ev.CallerTyped: self._typed,
            ev.CallerTranscribed: self._transcribed,
            ev.SoundResent: self._resent,
            ev.TakenOver: self._taken_over,
            ev.ToolCalled: self._model_acted,
            ev.TurnEnded: self._turn_ended,
            ev.ModelIdle: self._model_idle,
            ev.Interrupted: self._was_interrupted,
            ev.Woke: self._woke,
            sig.CallerAway: self._caller_away,
            sig.CallerBack: self._caller_back,
            sig.LinkReady: self._link_ready,
            sig.LinkLost: self._link_lost,
            sig.ReplyBegan: self._reply_began,
            sig.ReplyWorded: self._reply_worded,
            sig.ReplySounded: self._reply_sounded,
            sig.ReplyHeard: self._reply_over,
            sig.ReplyStopped: self._reply_over,
            sig.SpeechDismissed: self._speech_dismissed,
            sig.FloorChanged: self._floor_changed,
            sig.ModelAsked: self._asked,
            sig.ErrandBegan: self._errand_began,
            sig.ErrandSettled: self._errand_settled,
        }

    def wake_at(self) -> float | None:
        return self._owed.due_at() if not self._errands and not self._away else None

    # -------------------------------------------------------------------------------------------- the caller's turns

    def _speech_started(self, event: ev.SpeechStarted, now: float, out: Out) -> None:
        self._clock = (event.at, now)
        turn = self._caller
        wordless = turn is not None and turn.over and not turn.text and event.at - turn.end > SAME_TURN_SAMPLES
        if turn is None or turn.answered or turn.typed or wordless:
            self._begin_caller(event.at, out)
        else:
            turn.over = False  # they went on: still the same turn
            turn.text = turn.text and turn.text.rstrip() + " "  # after a pause, words are words of their own
        self._owed.pause(now)
        self._typed_last = False

    def _speech_ended(self, event: ev.SpeechEnded, now: float, out: Out) -> None:
        self._clock = (event.at, now)
        turn = self._spoken
        if turn is not None and not turn.answered:
            turn.end = max(turn.start, event.at)
            turn.over = True
            self._record_caller(turn, out)

    def _speech_dismissed(self, signal: sig.SpeechDismissed, now: float, out: Out) -> None:
        if self._spoken is not None:
            self._spoken.answered = True  # an "mm-hm" is a turn of its own and asks for nothing

    def _typed(self, event: ev.CallerTyped, now: float, out: Out) -> None:
        turn = self._begin_caller(self._position(now), out, typed=True)
        turn.text = event.text[:MAX_TURN_CHARS]
        turn.over = True
        self._typed_last = True
        self._record_caller(turn, out)

    def _transcribed(self, event: ev.CallerTranscribed, now: float, out: Out) -> None:
        if event.link != self._link:
            return
        turn = self._spoken
        if turn is None or (turn.answered and turn.text and not self._agents):
            turn = self._begin_caller(self._position(now), out)  # the model heard what our gate did not
        turn.text = (("" if turn.again else turn.text) + event.text)[:MAX_TURN_CHARS]
        turn.again = False
        self._record_caller(turn, out)

    def _resent(self, event: ev.SoundResent, now: float, out: Out) -> None:
        turn = self._spoken
        if event.samples and event.link == self._link and turn is not None and not turn.answered:
            turn.again = self._position(now) - event.samples <= turn.start + AGAIN_SAMPLES

    def _taken_over(self, event: ev.TakenOver, now: float, out: Out) -> None:
        if self._spoken is not None and not self._spoken.answered:
            self._spoken.again = True  # its sound comes from the caller's own machine, perhaps behind the link

    def _begin_caller(self, at: int, out: Out, *, typed: bool = False) -> CallerTurn:
        self._count += 1
        turn = self._caller = CallerTurn(self._count, at, at, typed=typed)
        if not typed:
            self._spoken = turn
        out.tell(sig.TurnBegan(self._count, "caller"))
        return turn

    def _record_caller(self, turn: CallerTurn, out: Out) -> None:
        if not turn.text.strip():
            return
        text = turn.text.strip()
        start_ms, end_ms = _ms(turn.start), _ms(turn.end)
        out.do(Caption("caller", turn.number, text, turn.over))
        out.do(RecordTurn(turn.number, "caller", start_ms, end_ms, text, True))
        out.tell(sig.CallerSaid(turn.number, start_ms, end_ms, text))

    # -------------------------------------------------------------------------------------------- the agent's turns

    def _reply_began(self, signal: sig.ReplyBegan, now: float, out: Out) -> None:
        self._count += 1
        at = self._position(now)
        self._agents[signal.reply] = AgentTurn(self._count, signal.speaker, at, at)
        out.tell(sig.TurnBegan(self._count, signal.speaker))
        self._owed.answered()
        self._began = True
        self._doubted = False
        self._interrupted = self._typed_last = False
        for turn in filter(None, (self._caller, self._spoken)):
            turn.answered = True

    def _reply_worded(self, signal: sig.ReplyWorded, now: float, out: Out) -> None:
        if (turn := self._agents.get(signal.reply)) is not None:
            turn.text = signal.text[:MAX_TURN_CHARS]
            out.do(Caption(turn.speaker, turn.number, turn.text.strip()))

    def _reply_sounded(self, signal: sig.ReplySounded, now: float, out: Out) -> None:
        turn = self._agents.get(signal.reply)
        if turn is None:
            return
        at = max(signal.at, 0)
        self._clock = (at, now)
        if turn.end == turn.start:
            turn.start = max(0, at - signal.samples * CALLER_HZ // REPLY_HZ)
        turn.end = max(turn.start, at)

    def _reply_over(self, signal: sig.ReplyHeard | sig.ReplyStopped, now: float, out: Out) -> None:
        turn = self._agents.pop(signal.reply, None)
        if turn is None or not (signal.text or turn.end > turn.start):
            return
        whole = isinstance(signal, sig.ReplyHeard)
        out.do(Caption(turn.speaker, turn.number, signal.text, True))
        out.do(RecordTurn(turn.number, turn.speaker, _ms(turn.start), _ms(turn.end), signal.text, whole))
        out.tell(sig.AgentSaid(turn.number, turn.speaker, signal.text))

    # -------------------------------------------------------------------------------------------- is an answer owed?

    def _link_ready(self, signal: sig.LinkReady, now: float, out: Out) -> None:
        self._link = signal.link
        self._owed.reminded = 0
        self._more = False
        if self._waiting or (self._caller is not None and not self._caller.answered and self._caller.over):
            self._await_answer(now)

    def _link_lost(self, signal: sig.LinkLost, now: float, out: Out) -> None:
        self._link = None
        self._owed.settle()  # nobody is there to answer

    def _floor_changed(self, signal: sig.FloorChanged, now: float, out: Out) -> None:
        self._waiting = signal.turn == "waiting"
        if self._waiting or (signal.turn == "open" and self._more):
            self._await_answer(now)
        elif signal.turn in ("caller", "held"):
            self._owed.pause(now)

    def _caller_away(self, signal: sig.CallerAway, now: float, out: Out) -> None:
        self._away = True  # nobody waits

    def _caller_back(self, signal: sig.CallerBack, now: float, out: Out) -> None:
        self._away = False
        self._owed.begin_anew(now)

    def _asked(self, signal: sig.ModelAsked, now: float, out: Out) -> None:
        self._await_answer(now)

    def _model_acted(self, event: ev.ToolCalled, now: float, out: Out) -> None:
        self._owed.begin_anew(now)

    def _turn_ended(self, event: ev.TurnEnded, now: float, out: Out) -> None:
        if event.link != self._link:
            return
        if event.more and not self._agents:
            self._await_answer(now)
        elif not event.more:
            self._nothing_follows()
        self._more = event.more

    def _was_interrupted(self, event: ev.Interrupted, now: float, out: Out) -> None:
        if event.link == self._link:
            self._interrupted = True

    def _model_idle(self, event: ev.ModelIdle, now: float, out: Out) -> None:
        if event.link == self._link:
            self._nothing_follows()

    def _nothing_follows(self) -> None:
        """What the model promised of itself is not awaited any more; what it owes the caller still is."""
        if self._more and (self._caller is None or self._caller.answered):
            self._owed.settle()
        self._more = False

    def _await_answer(self, now: float) -> None:
        if self._link is not None:  # while there is none, nobody can answer; whoever comes is told what is owed
            self._owed.ask(now)

    def _errand_began(self, signal: sig.ErrandBegan, now: float, out: Out) -> None:
        self._errands.add(signal.errand)

    def _errand_settled(self, signal: sig.ErrandSettled, now: float, out: Out) -> None:
        if signal.errand in self._errands:
            self._errands.discard(signal.errand)
            self._owed.begin_anew(now)

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        due = self.wake_at()
        if due is None or now < due:
            return
        waited_s = round(self._owed.waited_s(now), 3)
        more = self._owed.remind(now)
        count, why = self._owed.reminded, self._silence()
        nudge = more and not (self._doubted and count > 1)  # who is as mute as the one before is not asked as often
        self._doubted = self._doubted or not nudge
        out.do(Remark("reminded" if nudge else "suspected", why, self._link or 0, waited_s, count))
        out.tell(sig.AnswerOverdue(nudge, why))

    def _silence(self) -> str:
        """Which of the silences that live models are known for this is."""
        if self._typed_last:
            return "text_ignored"
        if not self._began:
            return "mute_start"
        return "after_interrupted" if self._interrupted else "no_answer"

    def _position(self, now: float) -> int:
        at, then = self._clock
        return at + max(0, round((now - then) * CALLER_HZ))


def _ms(position: int) -> int:
    return position * 1000 // CALLER_HZ

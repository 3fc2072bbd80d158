"""Who has the floor.

The table below is the whole rule; a pair that is not in it changes nothing, since anybody may speak at any time.
Entering a state has an action, written beside the table. Speech over the agent is answered in two steps: *hold* at once
(silence, nothing thrown away), then *cut* or *resume*. A cough is over soon, and the reply goes on. What lasts longer,
or was heard by the model as well, stays held until it is known whether it was meant (`backchannel`). A *doubt* of the
caller's machine, which hears it first and is no judge, holds too, and passes unless the gate or the model agrees. Who
says that they are *done* has meant what they said, however short it was.
`diagram()` draws the table for the docs.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import EndTurn, Remark, ShowFloor
from vivavoce.conversation.machine import Handler, Out, earliest
from vivavoce.conversation.settings import ConversationSettings


class Turn(StrEnum):
    OPEN = "open"
    """Nobody speaks and nobody owes an answer."""
    CALLER = "caller"
    WAITING = "waiting"
    """The caller has finished; the agent owes an answer."""
    AGENT = "agent"
    HELD = "held"
    """The agent was speaking and is silent, because the caller began to."""
    OVER = "over"
    """Likewise, and it is no cough: somebody speaks over the agent."""
    WEIGHED = "weighed"
    """They have stopped; nobody knows yet whether it was meant."""
    DOUBTED = "doubted"
    """Likewise, but only the caller's machine says so."""


NEXT: dict[tuple[Turn, type], Turn] = {
    (Turn.OPEN, ev.SpeechStarted): Turn.CALLER,
    (Turn.OPEN, ev.CallerTyped): Turn.WAITING,
    (Turn.OPEN, sig.ReplyBegan): Turn.AGENT,
    (Turn.OPEN, sig.RestOwed): Turn.WAITING,  # it was no interruption to us, but the model has to go on
    (Turn.CALLER, ev.SpeechEnded): Turn.WAITING,
    (Turn.CALLER, ev.CallerTyped): Turn.WAITING,
    (Turn.CALLER, sig.ReplyBegan): Turn.AGENT,  # the model heard the end of the turn before our gate did
    (Turn.WAITING, ev.SpeechStarted): Turn.CALLER,  # they went on: the first half was no turn
    (Turn.WAITING, sig.ReplyBegan): Turn.AGENT,
    (Turn.WAITING, sig.AnswerOverdue): Turn.OPEN,
    (Turn.WAITING, sig.StillSpeaking): Turn.CALLER,  # the model was interrupted and our gate hears it too
    (Turn.AGENT, ev.SpeechStarted): Turn.HELD,
    (Turn.AGENT, ev.Interrupted): Turn.WEIGHED,  # the model heard what our gate did not, or took for a cough
    (Turn.AGENT, sig.SpeechMeant): Turn.WAITING,
    (Turn.AGENT, ev.CallerTyped): Turn.WAITING,
    (Turn.AGENT, sig.PlayoutEmptied): Turn.OPEN,
    (Turn.AGENT, sig.SpeechDoubted): Turn.DOUBTED,
    (Turn.DOUBTED, ev.SpeechStarted): Turn.HELD,  # our gate hears it too
    (Turn.DOUBTED, sig.DoubtPassed): Turn.AGENT,
    (Turn.DOUBTED, ev.Interrupted): Turn.WEIGHED,
    (Turn.DOUBTED, sig.SpeechMeant): Turn.WAITING,
    (Turn.DOUBTED, ev.CallerTyped): Turn.WAITING,
    (Turn.DOUBTED, sig.PlayoutEmptied): Turn.OPEN,
    (Turn.DOUBTED, sig.CallerAway): Turn.AGENT,
    (Turn.HELD, ev.SpeechEnded): Turn.AGENT,  # a cough: go on where we were
    (Turn.HELD, sig.SpeechConfirmed): Turn.OVER,
    (Turn.HELD, ev.CallerDone): Turn.CALLER,  # that was no cough; that it is over is heard next
    (Turn.HELD, ev.Interrupted): Turn.OVER,
    (Turn.HELD, ev.CallerTyped): Turn.WAITING,
    (Turn.HELD, sig.PlayoutEmptied): Turn.CALLER,  # the last words were out before the hold arrived
    (Turn.HELD, sig.CallerAway): Turn.AGENT,  # who is gone does not go on speaking; the rest waits for them
    (Turn.OVER, ev.SpeechEnded): Turn.WEIGHED,
    (Turn.OVER, sig.SpeechMeant): Turn.CALLER,
    (Turn.OVER, ev.CallerDone): Turn.CALLER,
    (Turn.OVER, ev.CallerTyped): Turn.WAITING,
    (Turn.OVER, sig.PlayoutEmptied): Turn.CALLER,  # likewise, or the model has answered
    (Turn.OVER, sig.CallerAway): Turn.AGENT,
    (Turn.WEIGHED, ev.SpeechStarted): Turn.OVER,  # there is more to come
    (Turn.WEIGHED, sig.SpeechMeant): Turn.WAITING,
    (Turn.WEIGHED, sig.SpeechDismissed): Turn.AGENT,  # "mm-hm": go on where we were
    (Turn.WEIGHED, ev.CallerDone): Turn.WAITING,
    (Turn.WEIGHED, ev.CallerTyped): Turn.WAITING,
    (Turn.WEIGHED, sig.PlayoutEmptied): Turn.WAITING,
    (Turn.WEIGHED, sig.CallerAway): Turn.AGENT,
}

SHOWN: dict[Turn, Literal["open", "caller", "waiting", "agent", "held"]] = {
    Turn.OPEN: "open",
    Turn.CALLER: "caller",
    Turn.WAITING: "waiting",
    Turn.AGENT: "agent",
    Turn.HELD: "held",
    Turn.OVER: "held",
    Turn.WEIGHED: "held",
    Turn.DOUBTED: "held",
}
"""As everybody else sees it."""

# What a change of the floor does to the reply that is being heard.
_HOLD, _RESUME, _CUT = sig.HoldDecided(), sig.ResumeDecided(), sig.CutDecided()
ACTIONS: dict[tuple[Turn, Turn], sig.Signal] = {
    (Turn.AGENT, Turn.HELD): _HOLD,
    (Turn.AGENT, Turn.DOUBTED): _HOLD,
    (Turn.AGENT, Turn.WEIGHED): _HOLD,
    (Turn.AGENT, Turn.WAITING): _CUT,
    (Turn.HELD, Turn.AGENT): _RESUME,
    (Turn.HELD, Turn.CALLER): _CUT,
    (Turn.HELD, Turn.WAITING): _CUT,
    (Turn.OVER, Turn.AGENT): _RESUME,
    (Turn.OVER, Turn.CALLER): _CUT,
    (Turn.OVER, Turn.WAITING): _CUT,
    (Turn.WEIGHED, Turn.AGENT): _RESUME,
    (Turn.WEIGHED, Turn.WAITING): _CUT,
    (Turn.DOUBTED, Turn.AGENT): _RESUME,
    (Turn.DOUBTED, Turn.WAITING): _CUT,
}
_WORDS: dict[sig.Signal, str] = {_HOLD: "held", _RESUME: "resumed", _CUT: "cut"}
_WHYS: dict[tuple[str, type], str] = {
    ("held", ev.SpeechStarted): "speech",
    ("held", sig.SpeechDoubted): "doubt",
    ("held", ev.Interrupted): "model",
    ("resumed", ev.SpeechEnded): "cough",
    ("resumed", sig.DoubtPassed): "doubt_passed",
    ("resumed", sig.CallerAway): "away",
    ("cut", ev.CallerTyped): "typed",
    ("cut", ev.CallerDone): "done",
}
"""Why, by what brought it about; what was meant and what not says so itself."""
_WEIGHING = frozenset({Turn.OVER, Turn.WEIGHED})


class Floor:
    def __init__(self, settings: ConversationSettings) -> None:
        self._settings = settings
        self._turn = Turn.OPEN
        self._speaker = ""  # of the reply that is being heard
        self._link: int | None = None
        self._cut_at: float | None = None
        self._resume_at: float | None = None
        self._gate_hears = False
        self._voice = True
        self._away = False
        self._still_since = 0.0  # the reply stands still

    def handlers(self) -> Mapping[type, Handler]:
        listened: dict[type, Handler] = {kind: self._move for _, kind in NEXT}
        listened[sig.ReplyBegan] = self._reply_began
        listened[sig.LinkReady] = self._link_ready
        listened[ev.Interrupted] = self._interrupted
        listened[ev.SpeechStarted] = self._speech
        listened[ev.SpeechEnded] = self._speech
        listened[ev.CallerDone] = self._done
        listened[sig.ModeTaken] = self._mode_taken
        listened[sig.CallerAway] = self._caller_away
        listened[sig.CallerBack] = self._caller_back
        listened[ev.Woke] = self._woke
        return listened

    def wake_at(self) -> float | None:
        return earliest(self._cut_at, self._resume_at)

    def _move(self, event: object, now: float, out: Out) -> None:
        before, after = self._turn, NEXT.get((self._turn, type(event)))
        if after is None:
            return
        self._turn = after
        self._cut_at = now + self._settings.confirm_speech_s if after is Turn.HELD else None
        self._resume_at = now + self._settings.doubt_s if after is Turn.DOUBTED else None
        self._act(before, event, now, out)
        if after in _WEIGHING and before not in _WEIGHING:
            out.tell(sig.SpokenOver())
        turn = SHOWN[after]
        if turn != SHOWN[before]:
            holder = {"caller": "caller", "held": "caller", "agent": self._speaker}.get(turn, "")
            out.do(ShowFloor(turn, holder))
            out.tell(sig.FloorChanged(turn, holder))

    def _act(self, before: Turn, event: object, now: float, out: Out) -> None:
        action = action_of(before, type(event), self._turn)
        if action is None:
            return
        out.tell(action)
        if action is _HOLD:
            self._still_since = now
        what = _WORDS[action]
        why = event.why if isinstance(event, sig.SpeechMeant | sig.SpeechDismissed) else _WHYS[what, type(event)]
        still_s = 0.0 if before is Turn.AGENT else round(now - self._still_since, 3)
        out.do(Remark(what, why, seconds=still_s))

    def _reply_began(self, signal: sig.ReplyBegan, now: float, out: Out) -> None:
        self._speaker = signal.speaker
        self._move(signal, now, out)

    def _speech(self, event: ev.SpeechStarted | ev.SpeechEnded, now: float, out: Out) -> None:
        self._gate_hears = isinstance(event, ev.SpeechStarted)
        self._move(event, now, out)

    def _done(self, event: ev.CallerDone, now: float, out: Out) -> None:
        if self._voice and self._turn not in (Turn.AGENT, Turn.DOUBTED):
            out.do(EndTurn())
        self._move(event, now, out)

    def _mode_taken(self, signal: sig.ModeTaken, now: float, out: Out) -> None:
        self._voice = signal.mode == "voice"

    def _link_ready(self, signal: sig.LinkReady, now: float, out: Out) -> None:
        self._link = signal.link

    def _caller_away(self, signal: sig.CallerAway, now: float, out: Out) -> None:
        self._away = True
        self._move(signal, now, out)

    def _caller_back(self, signal: sig.CallerBack, now: float, out: Out) -> None:
        self._away = False

    def _interrupted(self, event: ev.Interrupted, now: float, out: Out) -> None:
        if event.link != self._link:
            return
        if self._turn in (Turn.AGENT, Turn.DOUBTED) and (self._gate_hears or self._away or not self._voice):
            # the agent began while they were speaking, so this is their turn; or nobody is there to be weighed
            self._move(sig.SpeechMeant("model"), now, out)
            if self._gate_hears:
                self._move(sig.StillSpeaking(), now, out)
        else:
            self._move(event, now, out)

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        if self._cut_at is not None and now >= self._cut_at:
            self._cut_at = None
            self._move(sig.SpeechConfirmed(), now, out)
        if self._resume_at is not None and now >= self._resume_at:
            self._resume_at = None
            self._move(sig.DoubtPassed(), now, out)


def action_of(before: Turn, kind: type, after: Turn) -> sig.Signal | None:
    """What becomes of the reply; of one that is over, nothing can."""
    return ACTIONS.get((before, after)) if kind is not sig.PlayoutEmptied else None


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {Turn.OPEN.value}"]
    for (turn, kind), after in NEXT.items():
        action = action_of(turn, kind, after)
        does = f" / {type(action).__name__.removesuffix('Decided').lower()}" if action is not None else ""
        lines.append(f"    {turn.value} --> {after.value}: {kind.__name__}{does}")
    return "\n".join(lines) + "\n"

"""What happened in a call, gathered from its log into spans and marks on one time axis. Pure; seconds on the session
clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from vivavoce.audio.pcm import AGENT_HZ
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.telling import told
from vivavoce.findings import wording
from vivavoce.findings.callers_machine import CallersMachine
from vivavoce.findings.latency import Answer, Dial, Gap, Interruption, Measured, Outage, ToolRun
from vivavoce.findings.stopwatch import END_S, Stopwatch

Kind = Literal[
    "notice", "fact", "shown", "typed", "doubt", "hold", "resume", "cut", "lost", "away", "gap", "handle", "end",
    "other",
]  # fmt: skip

_DRAWN = frozenset({"held", "resumed", "cut", "link_up", "link_lost", "redialled"})
"""Remarks on what has its own mark or span."""
_DROPS = {"fatal": "refused", "quota": "no quota left", "dead_handle": "handle not taken", "transient": "dropped"}


class Span(msgspec.Struct, frozen=True):
    start_s: float
    end_s: float
    kind: str
    """What it is, as the style sheet names it."""
    text: str
    """A word or two to stand in it."""
    says: str
    """All there is to say of it."""


class Mark(msgspec.Struct, frozen=True):
    at_s: float
    kind: Kind
    says: str


class Reply(msgspec.Struct):
    """One utterance of the agent on its way: it arrives, is sent, is heard."""

    number: int
    speaker: str
    filler: bool
    arrived_s: float
    arrived_until_s: float
    sent_until_s: float
    heard_s: float | None = None
    heard_until_s: float | None = None
    samples: int = 0
    """That were sent, at 24 kHz."""
    heard: int = 0
    whole: int | None = None
    """Its length when the model had made all of it."""
    cut_s: float | None = None

    @property
    def unheard_s(self) -> float:
        """Sound that was there and was not heard."""
        return max(0, (self.whole or self.samples) - self.heard) / AGENT_HZ


class Lanes:
    """Takes the steps of a call in order, then `close`; after that its fields hold what there is."""

    def __init__(self) -> None:
        self.floor: list[Span] = []
        self.gate: list[Span] = []
        self.audible: list[tuple[float, bool]] = [(0.0, False)]
        """Whether the agent could be heard at the caller's, from when on: the gate is stricter then."""
        self.replies: dict[int, Reply] = {}
        self.tools: list[Span] = []
        self.links: list[Span] = []
        self.marks: list[Mark] = []
        self.answers: list[Answer] = []
        self.interruptions: list[Interruption] = []
        self.gaps: list[Gap] = []
        self.runs: list[ToolRun] = []
        self.machine = CallersMachine()
        self.voice = False
        """Whether anything was said aloud."""
        self.steps = 0
        self.end_s = 0.0
        self._stopwatch = Stopwatch()
        self._floor: tuple[str, str, float] | None = None
        self._spoke_s: float | None = None
        self._spoke_level = 0.0
        self._up: dict[int, tuple[float, str]] = {}
        self._speakers: dict[int, str] = {}
        self._chunks: dict[int, float] = {}

    @property
    def offset_s(self) -> float:
        """Session time at which the recording begins."""
        return max(0.0, self._stopwatch.offset_s or 0.0)

    def take(self, event: ev.Event, effects: Sequence[fx.Effect], now: float) -> None:
        self.steps += 1
        self.end_s = max(self.end_s, now)
        for measured in self._stopwatch.step(event, effects, now):
            self._measured(measured)
        self.machine.take(event, now, self.offset_s)
        match event:
            case ev.ReplyArrived(chunk=chunk):
                self._chunks[chunk] = now
            case ev.Played(reply=number, samples=samples):
                self._heard(number, samples, now)
            case ev.SpeechStarted(level=level):
                self.voice = True
                self._spoke_s, self._spoke_level = now, level
            case ev.SpeechEnded() if self._spoke_s is not None:
                self._closed(now)
            case ev.CallerTyped():
                self._mark(now, "typed", "the caller typed")
            case ev.ModeChanged(mode=mode):
                self._mark(now, "other", f"the caller changed to {mode}")
            case ev.PaceChanged(pace=pace):
                takes = "takes their time" if pace == "interview" else "wants short pauses"
                self._mark(now, "other", f"the caller {takes}")
            case ev.CallerDone():
                self._mark(now, "other", "the caller says that they are done")
            case ev.ConsentDecided(decision=decision):
                self._mark(now, "other", f"consent to the recording {decision}")
            case ev.CallerDoubted(reply=reply):
                self._mark(now, "doubt", f"the caller's machine hears somebody over reply {reply} and has silenced it")
            case ev.EchoChanged(state=state, gate=gate):
                self._mark(now, "other", f"the caller's machine keeps the echo out: {state}; the gate is now {gate}")
            case ev.CallerDropped():
                self._mark(now, "away", "the caller's socket was lost")
            case ev.CallerReturned():
                self._mark(now, "other", "the caller is back")
            case ev.LinkOpened(link=link):
                self._up[link] = (now, self._speakers.get(link, ""))
            case ev.LinkDropped(link=link, kind=kind):
                self._down(link, now, _DROPS.get(kind, kind))
            case ev.GoAwayReceived(left_s=left_s):
                self._mark(now, "handle", f"the live model says that it leaves in {left_s:.0f} s")
            case ev.HandleIssued(resumable=True):
                self._mark(now, "handle", "a handle to resume with")
            case ev.Interrupted():
                self._mark(now, "other", "the live model heard the caller over its reply")
        for effect in effects:
            self._effect(event, effect, now)

    def _effect(self, event: ev.Event, effect: fx.Effect, now: float) -> None:
        match effect:
            case fx.Say():
                self._said(effect, now, isinstance(event, ev.FillerArrived))
            case fx.Forget(chunks=chunks):
                for chunk in chunks:
                    self._chunks.pop(chunk, None)
            case fx.FinishReply(reply=number, samples=samples) if (reply := self.replies.get(number)) is not None:
                reply.whole = samples
            case fx.ShowFloor(turn=turn, holder=holder):
                self._took_floor(turn, holder, now)
            case fx.Listen(agent_audible=audible):
                self.audible.append((now, audible))
            case fx.Hold(reply=number):
                self._mark(now, "hold", f"hold: reply {number} stands still")
            case fx.Resume(reply=number):
                self._mark(now, "resume", f"resume: reply {number} goes on")
            case fx.Cut(reply=number):
                self._cut(number, now)
            case fx.Notify(code=code):
                self._mark(now, "notice", f"the caller is told: {code.replace('_', ' ')}")
            case fx.Note(field=field, state=state):
                self._mark(now, "fact", f"{wording.label(field)}: {state}")
            case fx.Show(what=what, title=title):
                self._mark(now, "shown", f"on the screen: {wording.clean(title or what)}")
            case fx.Dial(link=link, speaker=speaker):
                self._speakers[link] = speaker
            case fx.HangUp(link=link):
                self._down(link, now, "closed by us")
            case fx.Remark(what=what) if what not in _DRAWN:
                self._mark(now, "notice" if what == "reminded" else "other", told(effect))
            case fx.Escalate():
                self._mark(now, "notice", "the caller asks for a person")
            case fx.End(reason=reason):
                self._mark(now, "end", f"the call ends: {reason.replace('_', ' ')}")

    def close(self, end_s: float) -> None:
        """The log is over: what is still open ends here."""
        self.end_s = max(self.end_s, end_s)
        self._took_floor("", "", self.end_s)
        if self._spoke_s is not None:
            self._closed(self.end_s + END_S)
        for link in list(self._up):
            self._down(link, self.end_s, "open to the end")
        self.machine.close(self.end_s)

    def _mark(self, at_s: float, kind: Kind, says: str) -> None:
        self.marks.append(Mark(at_s, kind, says))

    def _took_floor(self, turn: str, holder: str, now: float) -> None:
        if self._floor is not None and now > self._floor[2]:
            before, who, since = self._floor
            says = {"open": "nobody speaks", "waiting": "the agent owes an answer", "held": "the agent is held"}
            name = wording.label(who)
            self.floor.append(Span(since, now, before, name, says.get(before, f"{name} has the floor")))
        self._floor = (turn, holder, now) if turn else None

    def _closed(self, now: float) -> None:
        assert self._spoke_s is not None, "speech ends once it has begun"
        end_s = max(self._spoke_s, now - END_S)
        says = f"the gate hears the caller, first at a level of {self._spoke_level:.3f}"
        self.gate.append(Span(self._spoke_s, end_s, "speech", "", says))
        self._spoke_s = None

    def _said(self, say: fx.Say, now: float, filler: bool) -> None:
        self.voice = True
        arrived = self._chunks.pop(say.chunk, now)
        reply = self.replies.get(say.reply)
        if reply is None:
            reply = self.replies[say.reply] = Reply(say.reply, say.speaker, filler, arrived, arrived, now)
        reply.arrived_until_s = max(reply.arrived_until_s, arrived)
        reply.sent_until_s = now
        reply.samples = max(reply.samples, say.position + say.samples)

    def _heard(self, number: int, samples: int, now: float) -> None:
        reply = self.replies.get(number)
        if reply is None or samples <= reply.heard or reply.cut_s is not None:
            return
        if reply.heard_s is None:
            reply.heard_s = max(reply.arrived_s, now - samples / AGENT_HZ)
        reply.heard, reply.heard_until_s = min(samples, reply.samples), now

    def _cut(self, number: int, now: float) -> None:
        for reply in self.replies.values():
            over = reply.cut_s is not None or (reply.whole is not None and reply.heard >= reply.whole)
            if reply.number <= number and not over:
                reply.cut_s = now
                self._mark(now, "cut", f"cut: {reply.unheard_s:.1f} s of reply {reply.number} were not heard")

    def _down(self, link: int, now: float, why: str) -> None:
        if (found := self._up.pop(link, None)) is not None:
            since, speaker = found
            name = wording.label(speaker)
            self.links.append(Span(since, now, "up", f"{link} {name}", f"link {link}, voice of {name}: {why}"))

    def _measured(self, measured: Measured) -> None:
        match measured:
            case Answer():
                self.answers.append(measured)
            case Interruption():
                self.interruptions.append(measured)
            case Gap(seconds=seconds):
                self.gaps.append(measured)
                self._mark(measured.at, "gap", f"stutter: the reply stood still for {1000 * seconds:.0f} ms")
            case ToolRun(name=name, outcome=outcome):
                took_ms = 1000 * (measured.ended_at - measured.began_at)
                says = f"{name} took {took_ms:.0f} ms: {outcome}"
                self.tools.append(Span(measured.began_at, measured.ended_at, outcome, name, says))
                self.runs.append(measured)
            case Dial(link=link, outcome=outcome):
                took_ms = 1000 * (measured.ended_at - measured.began_at)
                how = "resumed" if measured.resumed else "fresh"
                done = "open" if outcome == "open" else _DROPS.get(outcome, outcome.replace("_", " "))
                says = f"dialling link {link} ({how}) took {took_ms:.0f} ms: {done}"
                self.links.append(
                    Span(measured.began_at, measured.ended_at, "dial" if outcome == "open" else "failed", "", says)
                )
            case Outage(link=link, kind=kind):
                self._mark(measured.at, "lost", f"link {link} was lost: {_DROPS.get(kind, kind)}")

"""How long each step of an answer takes, and what the waiting is for.

A stopwatch is told the steps of a conversation, live or from its log, and tells what came to an end with each. Metrics,
traces and the timeline of a call all count with it, so that they never disagree.

An answer is owed from the moment the caller's voice stopped. The gate is sure of that half a second later, and the live
model waits for a silence of its own; both are part of what the caller waits for, and so of the answer. What a caller
hears, and when, is known from the reports of the caller's machine, which count on the microphone's clock; the smallest
difference between the two clocks that was seen is taken for their offset, the rest for the way a report took.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from vivavoce.audio.gates import END_SAMPLES
from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.findings.latency import After, Answer, Dial, Gap, Interruption, Measured, Outage, ToolRun

END_S = END_SAMPLES / CALLER_HZ
GAP_S = 0.06
"""A reply that stood still for longer was heard to stutter. Reports count whole frames of 20 to 32 ms, so less may be
rounding."""


class _Reply(msgspec.Struct):
    number: int
    speaker: str
    after: After
    asked_at: float | None
    """None while the caller has not stopped: the model heard the end of the turn before the gate did."""
    arrived_at: float
    sent_at: float
    link_s: float
    tools_s: float
    nudges: int


class Stopwatch:
    def __init__(self) -> None:
        self.offset_s: float | None = None
        """Session time at which the microphone's clock began; None before anything told."""
        self._asked: tuple[After, float] | None = None
        self._link_s = self._tools_s = 0.0
        self._nudges = 0
        self._speaking = False
        self._done = False  # they have said that this turn of theirs is over
        self._audible = False
        self._speaker = ""
        self._quiet_since = 0.0
        self._arrived: dict[int, float] = {}  # chunks that wait to be sent
        self._open: _Reply | None = None  # begun and not yet heard
        self._newest = 0
        self._held: tuple[int, float] | None = None
        self._over_at: float | None = None  # when who spoke over the agent had stopped, while it is still held
        self._heard: dict[int, tuple[int, int]] = {}  # by reply: samples and position of the last report
        self._heard_at = 0.0
        self._dials: dict[int, tuple[fx.Dial, float]] = {}
        self._up: set[int] = set()
        self._down_since: float | None = 0.0
        self._runs: dict[int, tuple[str, float]] = {}
        self._busy_since: float | None = None

    def step(self, event: ev.Event, effects: Sequence[fx.Effect], now: float) -> list[Measured]:
        """Take a step of the conversation; what came to an end with it."""
        done: list[Measured] = []
        match event:
            case ev.ReplyArrived(chunk=chunk):
                self._arrived[chunk] = now
            case ev.Played():
                self._played(event, now, done)
            case ev.CallerJoined():
                self._ask("opening", now)
            case ev.CallerDropped():
                self._asked = self._open = None  # nobody waits any more
            case ev.CallerReturned():
                self._quiet_since = now  # what they did not hear meanwhile is no stutter
            case ev.SpeechStarted():
                self._speaking, self._done = True, False
                self._over_at = None
            case ev.CallerDone():
                self._done = self._speaking
                if self._asked is not None and self._asked[0] == "speech":
                    self._asked = ("done", self._asked[1])
            case ev.SpeechEnded():
                self._speaking = False
                self._over_at = now - END_S if self._held is not None else None
                if self._open is not None and self._open.asked_at is None:
                    self._open.asked_at = min(now - END_S, self._open.arrived_at)
            case ev.LinkOpened(link=link):
                self._opened(link, now, done)
            case ev.LinkDropped(link=link, kind=kind):
                self._dropped(link, kind, now, done)
            case ev.ErrandReturned(errand=errand, response=response):
                self._returned(errand, "error" if "error" in response else "ok", now, done)
            case ev.Woke() if self._asked is not None:
                self._nudges += any(isinstance(effect, fx.Inject) for effect in effects)
        for effect in effects:
            self._effect(event, effect, effects, now, done)
        return done

    def _effect(
        self, event: ev.Event, effect: fx.Effect, effects: Sequence[fx.Effect], now: float, done: list[Measured]
    ) -> None:
        match effect:
            case fx.Say(reply=reply, speaker=speaker, chunk=chunk):
                arrived = self._arrived.pop(chunk, now)
                if reply > self._newest:
                    self._newest = reply
                    if not isinstance(event, ev.FillerArrived):
                        self._begun(reply, speaker, arrived, now)
            case fx.Forget(chunks=chunks):
                for chunk in chunks:
                    self._arrived.pop(chunk, None)
            case fx.Listen(agent_audible=audible):
                if self._audible and not audible:
                    self._quiet_since = now
                    if self._asked is None:
                        self._link_s = self._tools_s = 0.0
                self._audible = audible
            case fx.ShowFloor(turn="waiting"):
                match event:
                    case ev.SpeechEnded() if self._done:
                        self._ask("done", now)
                    case ev.SpeechEnded():
                        self._ask("speech", now - END_S)
                    case ev.CallerTyped():
                        self._ask("typed", now)
            case fx.ShowFloor(turn="caller"):
                self._asked = None
                cut = any(isinstance(other, fx.Cut) for other in effects)
                self._release("cut" if cut else "over", now, done)
            case fx.Caption(who=who) if who != "caller" and self._asked is not None:
                # nothing of it was said aloud: it is there to be read
                self._begun(0, who, now, now)
                self._finish(None, done)
            case fx.Hold(reply=reply):
                self._held = (reply, now)
            case fx.Resume():
                self._release("resumed", now, done)
                self._over_at = None
            case fx.Cut():
                self._release("cut", now, done)
                self._finish(None, done)
                if self._over_at is not None and self._asked is None:
                    self._ask("speech", self._over_at)  # they were meant, and had been waiting since then
                self._over_at = None
            case fx.Dial(link=link):
                self._dials[link] = (effect, now)
            case fx.HangUp(link=link):
                self._hung_up(link, now, done)
            case fx.Run(errand=errand, name=name):
                self._busy_since = now if not self._runs else self._busy_since
                self._runs[errand] = (name, now)
            case fx.Abandon(errand=errand):
                self._returned(errand, "abandoned", now, done)

    # -------------------------------------------------------------------------------------------- answers

    @property
    def _waiting_since(self) -> float:
        return self._asked[1] if self._asked is not None else self._quiet_since

    def _ask(self, after: After, at: float) -> None:
        self._asked = (after, at)
        self._link_s = self._tools_s = 0.0
        self._nudges = 0

    def _begun(self, number: int, speaker: str, arrived: float, now: float) -> None:
        before, self._speaker = self._speaker, speaker
        after: After
        asked_at: float | None
        if self._asked is not None:
            after, asked_at = self._asked
        elif self._speaking:
            after, asked_at = "speech", None
        elif before not in ("", speaker) and not self._audible:
            after, asked_at = "hand_over", self._quiet_since
        else:
            return  # the speaker goes on: nobody waited
        since = asked_at if asked_at is not None else arrived  # then nothing of the waiting is known yet
        link_s = self._link_s + _overlap(self._down_since, since, arrived)
        tools_s = self._tools_s + _overlap(self._busy_since, since, arrived)
        self._open = _Reply(number, speaker, after, asked_at, arrived, now, link_s, tools_s, self._nudges)
        self._asked = None
        self._link_s = self._tools_s = 0.0
        self._nudges = 0

    def _finish(self, played_at: float | None, done: list[Measured]) -> None:
        reply, self._open = self._open, None
        if reply is None or reply.asked_at is None:
            return
        done.append(
            Answer(
                reply=reply.number,
                speaker=reply.speaker,
                after=reply.after,
                asked_at=reply.asked_at,
                arrived_at=reply.arrived_at,
                sent_at=reply.sent_at,
                played_at=played_at,
                link_s=reply.link_s,
                tools_s=reply.tools_s,
                nudges=reply.nudges,
            )
        )

    # -------------------------------------------------------------------------------------------- what is heard

    def _played(self, event: ev.Played, now: float, done: list[Measured]) -> None:
        offset = now - event.at / CALLER_HZ
        self.offset_s = offset if self.offset_s is None else min(self.offset_s, offset)
        at = self.offset_s + event.at / CALLER_HZ
        before = self._heard.get(event.reply)
        self._heard = {event.reply: (event.samples, event.at)}  # replies are heard one after the other
        if before is not None and event.samples > before[0]:
            stood_s = (event.at - before[1]) / CALLER_HZ - (event.samples - before[0]) / AGENT_HZ
            if stood_s > GAP_S and self._held is None and self._quiet_since < at - stood_s:
                done.append(Gap(reply=event.reply, at=at, seconds=stood_s))
        if before is None or event.samples > before[0]:
            self._heard_at = at
        if self._open is not None and self._open.number == event.reply and self._open.asked_at is not None:
            self._finish(max(self._open.sent_at, at - event.samples / AGENT_HZ), done)

    def _release(self, outcome: Literal["cut", "resumed", "over"], now: float, done: list[Measured]) -> None:
        if self._held is None:
            return
        (reply, held_at), self._held = self._held, None
        self._quiet_since = now  # the standing still was asked for
        silent_at = min(max(held_at, self._heard_at), now)
        done.append(Interruption(reply=reply, held_at=held_at, silent_at=silent_at, ended_at=now, outcome=outcome))

    # -------------------------------------------------------------------------------------------- links and tools

    def _opened(self, link: int, now: float, done: list[Measured]) -> None:
        self._up.add(link)
        self._dialled(link, "open", now, done)
        self._link_s += _overlap(self._down_since, self._waiting_since, now)
        self._down_since = None

    def _dropped(self, link: int, kind: str, now: float, done: list[Measured]) -> None:
        if link in self._up:
            self._up.discard(link)
            done.append(Outage(link=link, at=now, kind=kind))
            self._down_since = now if self._down_since is None else self._down_since
        else:
            self._dialled(link, kind, now, done)

    def _hung_up(self, link: int, now: float, done: list[Measured]) -> None:
        if link in self._up:
            self._up.discard(link)
            self._down_since = now if self._down_since is None else self._down_since
        else:
            self._dialled(link, "given_up", now, done)

    def _dialled(self, link: int, outcome: str, now: float, done: list[Measured]) -> None:
        if (found := self._dials.pop(link, None)) is not None:
            dial, began_at = found
            done.append(
                Dial(
                    link=link,
                    speaker=dial.speaker,
                    began_at=began_at,
                    ended_at=now,
                    resumed=dial.handle is not None,
                    outcome=outcome,
                )
            )

    def _returned(
        self, errand: int, outcome: Literal["ok", "error", "abandoned"], now: float, done: list[Measured]
    ) -> None:
        if (run := self._runs.pop(errand, None)) is None:
            return
        done.append(ToolRun(name=run[0], began_at=run[1], ended_at=now, outcome=outcome))
        if not self._runs:
            self._tools_s += _overlap(self._busy_since, self._waiting_since, now)
            self._busy_since = None


def _overlap(since: float | None, start: float, end: float) -> float:
    """How much of start..end lies after `since`."""
    return 0.0 if since is None else max(0.0, end - max(since, start))

"""The story of a call, from its log: in lines that a person can read, what happened, when, and why.

Sound, reports and levels are left out: `findings.lanes` draws them. A turn stands where its first word was understood,
with the words it ended up with. The log is taken as it is; nothing is run again, so a log of another version tells its
story as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from vivavoce.agents.briefing import read_briefing
from vivavoce.agents.problems import shorten
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import Entry, decode_effects, decode_event
from vivavoce.conversation.telling import told

Who = Literal["caller", "agent", "model", "tool", "server"]
NOTE = "note"
"""A call of this tool is told by the facts that come of it."""
WORDS_CHARS = 100
"""So much of a turn is told."""
_DECIDED: dict[type[fx.Effect], str] = {fx.Hold: "held", fx.Resume: "resumed", fx.Cut: "cut"}
"""What has a remark that tells more of it."""


class Line(msgspec.Struct):
    """
    Attributes:
        at_s: seconds on the session clock; `seq` is the step of the log.
        who: whose doing it is; `server` is ours.
    """

    at_s: float
    seq: int
    who: Who
    says: str


def story(entries: Iterable[Entry]) -> list[Line]:
    """
    Raises:
        WireError: an entry is not one of ours.
    """
    teller = Teller()
    for entry in entries:
        teller.take(entry.seq, entry.at, decode_event(entry.event), decode_effects(entry.effects))
    return teller.lines


class Teller:
    """Takes the steps of a call in order; its lines are the story so far."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._seq = 0
        self._now = 0.0
        self._turns: dict[int, Line] = {}
        self._dialled: dict[int, float] = {}
        self._runs: dict[int, tuple[str, float]] = {}
        self._away_at = 0.0

    def take(self, seq: int, now: float, event: ev.Event, effects: Sequence[fx.Effect]) -> None:
        self._seq, self._now = seq, now
        self._happened(event)
        remarks = {effect.what for effect in effects if isinstance(effect, fx.Remark)}
        for effect in effects:
            if _DECIDED.get(type(effect)) not in remarks:
                self._done(effect)

    def _say(self, who: Who, says: str) -> Line:
        line = Line(round(self._now, 3), self._seq, who, says)
        self.lines.append(line)
        return line

    # -------------------------------------------------------------------------------------------- what happened

    def _happened(self, event: ev.Event) -> None:
        match event:
            case ev.CallerJoined(mode=mode, lang=lang):
                self._say("caller", f"joins by {mode}, in {lang}")
            case ev.CallerDropped(code=code):
                self._away_at = self._now
                self._say("caller", f"is gone: their socket is lost ({code})")
            case ev.CallerReturned(mode=mode):
                self._say("caller", f"is back after {self._now - self._away_at:.1f} s, by {mode}")
            case ev.CallerLeft(code=code):
                self._say("caller", f"is given up ({code})")
            case ev.CallerHungUp():
                self._say("caller", "hangs up")
            case ev.CallerDone():
                self._say("caller", "says that they are done")
            case ev.ModeChanged(mode=mode):
                self._say("caller", f"changes to {mode}")
            case ev.PaceChanged(pace=pace):
                self._say("caller", "takes their time" if pace == "interview" else "wants short pauses")
            case ev.FactCorrected(field=field):
                self._say("caller", f"sets {field} by hand")
            case ev.ConsentDecided(decision=decision):
                self._say("caller", f"consent to the recording: {decision}")
            case ev.EchoChanged(state=state, gate=gate):
                self._say("caller", f"their machine keeps the echo out: {state}; the gate is now {gate}")
            case ev.CallerDisturbed(faults=faults):
                disturbed = ", ".join(f"{what} x{count}" for what, _, _, count in faults)
                self._say("caller", f"their sound was disturbed: {disturbed}")
            case ev.ToolCalled(name=name) if name != NOTE:
                self._say("model", f"calls {name}")
            case ev.ToolsCancelled(ids=ids):
                self._say("model", f"takes back {len(ids)} of its calls")
            case ev.ErrandReturned(errand=errand, response=response):
                self._returned(errand, "fails" if "error" in response else "answers")
            case ev.LinkOpened(link=link):
                since = self._dialled.get(link, self._now)
                self._say("model", f"link {link} is open, {self._now - since:.2f} s after it was dialled")
            case ev.LinkDropped(link=link, code=code, kind=kind):
                self._say("model", f"link {link} drops: {code}, {kind.replace('_', ' ')}")
            case ev.GoAwayReceived(link=link, left_s=left_s):
                self._say("model", f"link {link} will be closed in {left_s:.0f} s")
            case ev.Interrupted():
                self._say("model", "heard the caller, and breaks off")
            case ev.TurnEnded(reason=reason) if reason:
                self._say("model", f"ends its turn: {shorten(reason)}")
            case ev.ServerStopping() | ev.DrainOrdered():
                self._say("server", "is to stop")
            case ev.ErasureOrdered():
                self._say("server", "the call is to be erased")
            case ev.SwitchesChanged(text_only=text_only, tools_off=tools_off):
                off = [*(["voice"] if text_only else []), *tools_off]
                self._say("server", f"switched off by now: {', '.join(off) or 'nothing'}")

    def _returned(self, errand: int, how: str) -> None:
        name, since = self._runs.pop(errand, (f"errand {errand}", self._now))
        self._say("tool", f"{name} {how} after {self._now - since:.1f} s")

    # -------------------------------------------------------------------------------------------- what came of it

    def _done(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Remark():
                self._say("server", told(effect))
            case fx.RecordTurn():
                self._turn(effect)
            case fx.Hold(reply=reply):
                self._say("server", f"reply {reply} stands still")
            case fx.Resume(reply=reply):
                self._say("server", f"reply {reply} goes on")
            case fx.Cut(reply=reply):
                self._say("server", f"what was not heard up to reply {reply} is thrown away")
            case fx.Note(field=field, state=state):
                self._say("server", f"{field} is {state}")
            case fx.Show(what=what):
                self._say("server", f"shows a {shorten(what)}")
            case fx.Notify(code=code):
                self._say("server", f"tells the caller: {code.replace('_', ' ')}")
            case fx.UseMode(mode=mode, locked=locked):
                self._say("server", f"goes on by {mode}" + (", whatever the caller wishes" if locked else ""))
            case fx.Fill(phrase=phrase):
                self._say("server", f'has "{phrase.replace("_", " ")}" said')
            case fx.Dial(link=link, speaker=speaker, handle=handle, after_s=after_s):
                self._dialled[link] = self._now
                how = "anew" if handle is None else f"to resume handle {handle}"
                wait = f", in {after_s:.1f} s" if after_s else ""
                self._say("server", f"dials link {link} for {speaker}, {how}{wait}")
            case fx.HangUp(link=link):
                self._say("server", f"closes link {link}")
            case fx.Inject(text=text):
                briefing = read_briefing(text)
                what = "what was typed or found" if briefing is None else briefing.reason.replace("_", " ")
                self._say("server", f"tells the model: {what}")
            case fx.Run(errand=errand, name=name):
                self._runs[errand] = (name, self._now)
                self._say("tool", f"{name} runs")
            case fx.Abandon(errand=errand):
                self._returned(errand, "is given up")
            case fx.Escalate():
                self._say("caller", "asks for a person")
            case fx.Record(on=on, erase=erase):
                rest = ", and erases what there is" if erase else ""
                self._say("server", "records" if on else f"stops recording{rest}")
            case fx.End(reason=reason):
                self._say("server", f"ends the call: {reason.replace('_', ' ')}")

    def _turn(self, effect: fx.RecordTurn) -> None:
        """Words come in pieces: the line of a turn stands where it first was, and grows."""
        line = self._turns.get(effect.turn)
        if line is None:
            line = self._turns[effect.turn] = self._say("caller" if effect.who == "caller" else "agent", "")
        by = "" if effect.who == "caller" else f"{effect.who}: "
        rest = "" if effect.complete else " (and no further)"
        line.says = f"{by}“{shorten(effect.text, WORDS_CHARS)}”{rest}"

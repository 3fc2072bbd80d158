"""What the caller hears of a model that is not there for now: a prepared phrase, once for each such time.

It waits for what is being heard, and is nothing to be heard any more when the model is back before it begins. How a
call that cannot go on takes its leave is `closing`'s.
"""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Fill, Forget
from vivavoce.conversation.machine import Handler, Out

MODEL_WAITS = "model_waits"
VOICE_LOST = "voice_lost"


class Apology:
    def __init__(self) -> None:
        self._asked = ""  # the phrase that is being brought

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.FillerArrived: self._arrived,
            sig.LinkBusy: self._link_busy,
            sig.VoiceLost: self._voice_lost,
            sig.LinkReady: self._too_late,
            sig.EndDecided: self._too_late,
        }

    def wake_at(self) -> float | None:
        return None

    def _link_busy(self, signal: sig.LinkBusy, now: float, out: Out) -> None:
        self._say(MODEL_WAITS, signal, out)

    def _voice_lost(self, signal: sig.VoiceLost, now: float, out: Out) -> None:
        self._say(VOICE_LOST, signal, out)

    def _say(self, phrase: str, signal: sig.LinkBusy | sig.VoiceLost, out: Out) -> None:
        if signal.first:
            self._asked = phrase
            out.do(Fill(signal.speaker, phrase))

    def _too_late(self, signal: sig.LinkReady | sig.EndDecided, now: float, out: Out) -> None:
        self._asked = ""  # the model is back, or the last words say it

    def _arrived(self, event: ev.FillerArrived, now: float, out: Out) -> None:
        if event.phrase not in (MODEL_WAITS, VOICE_LOST):
            return
        if event.phrase == self._asked and event.samples > 0:
            self._asked = ""
            out.tell(sig.FillerGranted(event.chunk, event.samples, last_words=False, waits=True))
        else:
            out.do(Forget((event.chunk,)))

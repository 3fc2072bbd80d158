"""When to say "one moment": a tool has run for a while, nobody speaks, and it has not been said in this turn."""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Fill, Forget
from vivavoce.conversation.machine import Handler, Out
from vivavoce.conversation.settings import ConversationSettings

ONE_MOMENT = "one_moment"


class Fillers:
    def __init__(self, settings: ConversationSettings, first_speaker: str) -> None:
        self._settings = settings
        self._speaker = first_speaker
        self._errands: set[int] = set()
        self._floor = "open"
        self._away = False
        self._said = False
        self._fill_at: float | None = None
        self._asked = False

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.FillerArrived: self._arrived,
            ev.Woke: self._woke,
            sig.CallerAway: self._caller_away,
            sig.CallerBack: self._caller_back,
            sig.ErrandBegan: self._began,
            sig.ErrandSettled: self._settled,
            sig.FloorChanged: self._floor_changed,
            sig.SpeakerTook: self._speaker_took,
        }

    def wake_at(self) -> float | None:
        return self._fill_at

    def _began(self, signal: sig.ErrandBegan, now: float, out: Out) -> None:
        self._errands.add(signal.errand)
        if self._settings.fillers and self._fill_at is None and not self._said and not self._away:
            self._fill_at = now + self._settings.filler_after_s

    def _settled(self, signal: sig.ErrandSettled, now: float, out: Out) -> None:
        self._errands.discard(signal.errand)
        if not self._errands:
            self._fill_at = None
            self._asked = False

    def _floor_changed(self, signal: sig.FloorChanged, now: float, out: Out) -> None:
        self._floor = signal.turn
        if signal.turn == "caller":
            self._said = False  # a new turn may have its own filler
        self._fill_if_free(now)

    def _fill_if_free(self, now: float) -> None:
        if self._settings.fillers and self._errands and not self._said and self._fill_at is None and self._free():
            self._fill_at = now + self._settings.filler_after_s

    def _caller_away(self, signal: sig.CallerAway, now: float, out: Out) -> None:
        self._away = True
        self._fill_at = None

    def _caller_back(self, signal: sig.CallerBack, now: float, out: Out) -> None:
        self._away = False
        self._fill_if_free(now)

    def _speaker_took(self, signal: sig.SpeakerTook, now: float, out: Out) -> None:
        self._speaker = signal.speaker

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        if self._fill_at is None or now < self._fill_at:
            return
        self._fill_at = None
        if self._errands and self._free():
            self._said = self._asked = True
            out.do(Fill(self._speaker, ONE_MOMENT))

    def _arrived(self, event: ev.FillerArrived, now: float, out: Out) -> None:
        if event.phrase != ONE_MOMENT:
            return
        if self._asked and self._errands and self._free() and event.samples > 0:
            self._asked = False
            out.tell(sig.FillerGranted(event.chunk, event.samples, last_words=False))
        else:
            out.do(Forget((event.chunk,)))

    def _free(self) -> bool:
        return self._floor in ("open", "waiting") and not self._away

"""Which speaker is on, and how the word passes from one to the next: one voice per link.

A hand-over is asked for by tool and answered at once; the speaker finishes the sentence, the caller hears it out, then
the link is switched to the new voice. Until that link is up the old speaker stays the speaker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.machine import Handler, Out
from vivavoce.conversation.settings import ConversationSettings


class Cast:
    def __init__(self, settings: ConversationSettings, speakers: Sequence[str]) -> None:
        self._settings = settings
        self._speakers = tuple(speakers)
        self._active = self._speakers[0]
        self._next: str | None = None
        self._switching = False  # the lifeline has been asked
        self._turn_over = False
        self._agent_has_floor = False
        self._leave_at: float | None = None

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.TurnEnded: self._turn_ended,
            ev.Woke: self._woke,
            sig.HandOverAsked: self._asked,
            sig.FloorChanged: self._floor_changed,
            sig.LinkReady: self._link_ready,
        }

    def wake_at(self) -> float | None:
        return self._leave_at

    def _asked(self, signal: sig.HandOverAsked, now: float, out: Out) -> None:
        if self._next is not None:
            problem = f"already handing over to {self._next}"
        elif signal.to == self._active:
            problem = f"you are {self._active}"
        elif signal.to not in self._speakers:
            near = get_close_matches(signal.to, self._speakers, n=1)
            others = ", ".join(name for name in self._speakers if name != self._active)
            problem = f"want one of {others}, got {signal.to[:60]!r}" + (f"; did you mean {near[0]}" if near else "")
        else:
            self._next = signal.to
            self._turn_over = False
            self._leave_at = now + self._settings.leave_within_s
            out.tell(sig.ErrandDone(signal.errand, {"output": f"{signal.to} takes over when you have finished"}))
            return
        out.tell(sig.ErrandDone(signal.errand, {"error": problem}))

    def _turn_ended(self, event: ev.TurnEnded, now: float, out: Out) -> None:
        if self._next is not None:
            self._turn_over = True
            self._switch_if_quiet(out)

    def _floor_changed(self, signal: sig.FloorChanged, now: float, out: Out) -> None:
        self._agent_has_floor = signal.turn in ("agent", "held")
        self._switch_if_quiet(out)

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        if self._leave_at is None or now < self._leave_at:
            return
        if self._agent_has_floor:  # a long goodbye is still being heard: never cut it
            self._leave_at = now + self._settings.leave_within_s
            return
        self._turn_over = True
        self._switch_if_quiet(out)

    def _switch_if_quiet(self, out: Out) -> None:
        if self._next is not None and self._turn_over and not self._agent_has_floor and not self._switching:
            self._switching = True
            self._leave_at = None
            out.tell(sig.SwitchWanted(self._next))

    def _link_ready(self, signal: sig.LinkReady, now: float, out: Out) -> None:
        if signal.speaker == self._active:
            return
        previous, self._active = self._active, signal.speaker
        self._next = None
        self._switching = False
        self._leave_at = None
        out.tell(sig.SpeakerTook(self._active, previous))

"""Voice or text: the caller chooses and may choose again (V11), unless an operator or a booking allows text only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import Notify, UseMode
from vivavoce.conversation.machine import Handler, Out
from vivavoce.conversation.settings import ConversationSettings

Mode = Literal["voice", "text"]


class Medium:
    def __init__(self, settings: ConversationSettings) -> None:
        self._always_text = settings.text_only
        self._wished: Mode = "voice"
        self._mode: Mode = "voice"
        self._locked = False
        self._joined = False

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.CallerJoined: self._chose,
            ev.ModeChanged: self._chose,
            ev.CallerReturned: self._returned,
            ev.SwitchesChanged: self._switched,
        }

    def wake_at(self) -> float | None:
        return None

    def _chose(self, event: ev.CallerJoined | ev.CallerReturned | ev.ModeChanged, now: float, out: Out) -> None:
        self._wished = event.mode
        if not self._joined:
            self._joined = True
            self._locked = self._locked or self._always_text
        if self._locked and event.mode == "voice":
            out.do(Notify("text_only"))
        self._take(self._locked, out)

    def _returned(self, event: ev.CallerReturned, now: float, out: Out) -> None:
        if event.mode != self._wished:
            self._chose(event, now, out)

    def _switched(self, event: ev.SwitchesChanged, now: float, out: Out) -> None:
        was, locked = self._locked, event.text_only or self._always_text
        if not self._joined:  # nobody is there to be told
            self._locked = locked
            return
        if locked != was and self._wished == "voice":
            out.do(Notify("text_only" if locked else "voice_again"))
        self._take(locked, out)

    def _take(self, locked: bool, out: Out) -> None:
        mode: Mode = "text" if locked else self._wished
        if mode != self._mode:
            out.tell(sig.ModeTaken(mode))
        if (mode, locked) != (self._mode, self._locked):
            out.do(UseMode(mode, locked))
        self._mode, self._locked = mode, locked

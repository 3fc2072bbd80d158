"""Voice or text: the caller chooses and may choose again (V11), unless an operator or a booking allows text only.

Without a link to the model the call goes on by text, too: what is typed is kept and facts can be set by hand. What
waits to be heard is heard all the same. Voice comes back with the model's first words, and not with the link: one that
comes up and says nothing would take it away again.
"""

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
        self._cut_off = False
        self._missing = False  # the caller was told that there is nobody to speak with for now
        self._used: tuple[Mode, bool] = ("voice", False)
        self._joined = False

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.CallerJoined: self._chose,
            ev.ModeChanged: self._chose,
            ev.CallerReturned: self._returned,
            ev.SwitchesChanged: self._switched,
            sig.VoiceLost: self._voice_lost,
            sig.LinkBusy: self._link_busy,
            sig.LinkReady: self._link_ready,
            sig.ReplyBegan: self._reply_began,
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
        elif self._cut_off and event.mode == "voice":
            out.do(Notify("voice_lost"))
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

    def _link_busy(self, signal: sig.LinkBusy, now: float, out: Out) -> None:
        self._missing = True
        out.do(Notify("model_waits"))

    def _voice_lost(self, signal: sig.VoiceLost, now: float, out: Out) -> None:
        self._cut_off = self._missing = True
        out.do(Notify("voice_lost"))
        self._take(self._locked, out)

    def _link_ready(self, signal: sig.LinkReady, now: float, out: Out) -> None:
        if not self._cut_off:
            self._back(out)

    def _reply_began(self, signal: sig.ReplyBegan, now: float, out: Out) -> None:
        self._back(out)

    def _back(self, out: Out) -> None:
        missing, self._cut_off, self._missing = self._missing, False, False
        if missing:
            out.do(Notify("voice_again" if self._mode == "voice" else "line_again"))
        self._take(self._locked, out)

    def _take(self, locked: bool, out: Out) -> None:
        mode: Mode = "text" if locked else self._wished
        used: Mode = "text" if self._cut_off else mode
        if mode != self._mode:
            out.tell(sig.ModeTaken(mode))
        if (used, locked) != self._used:
            out.do(UseMode(used, locked))
        self._mode, self._locked, self._used = mode, locked, (used, locked)

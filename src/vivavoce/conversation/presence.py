"""Whether the caller is there. A call outlives its caller's socket: for a while it goes on without them.

Meanwhile replies wait, nobody is reminded, asked or put off with a filler, and nothing is expected of the caller's
machine; tools, the link to the model and the limit of the call's time go on. A caller who comes back goes on where they
were.
"""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import WelcomeBack
from vivavoce.conversation.machine import Handler, Out
from vivavoce.conversation.settings import ConversationSettings


class Presence:
    def __init__(self, settings: ConversationSettings) -> None:
        self._settings = settings
        self._joined = False
        self._return_by: float | None = None  # set while they are away

    def handlers(self) -> Mapping[type, Handler]:
        return {
            ev.CallerJoined: self._came,
            ev.CallerDropped: self._dropped,
            ev.CallerReturned: self._returned,
            ev.TakenOver: self._taken_over,
            ev.Woke: self._woke,
        }

    def wake_at(self) -> float | None:
        return self._return_by

    def _came(self, event: ev.CallerJoined, now: float, out: Out) -> None:
        self._joined = True

    def _dropped(self, event: ev.CallerDropped, now: float, out: Out) -> None:
        if self._joined and self._return_by is None:
            self._lose(now, out)

    def _taken_over(self, event: ev.TakenOver, now: float, out: Out) -> None:
        """Their socket went with the server that had it. Who was away already gets the whole time again: it is their
        coming back that made another server take the call.
        """
        if self._return_by is not None:
            self._return_by = now + self._settings.return_within_s
        elif self._joined:
            self._lose(now, out)

    def _lose(self, now: float, out: Out) -> None:
        if self._settings.return_within_s <= 0.0:
            out.tell(sig.CallerGone())
            return
        self._return_by = now + self._settings.return_within_s
        out.tell(sig.CallerAway())

    def _returned(self, event: ev.CallerReturned, now: float, out: Out) -> None:
        if self._return_by is None:
            return
        self._return_by = None
        out.do(WelcomeBack())
        out.tell(sig.CallerBack(event.reply, event.samples, event.at))

    def _woke(self, event: ev.Woke, now: float, out: Out) -> None:
        if self._return_by is not None and now >= self._return_by:
            self._return_by = None
            out.tell(sig.CallerGone())

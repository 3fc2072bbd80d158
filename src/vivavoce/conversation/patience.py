"""How long a pause of the caller may be: they choose, and may choose again.

Gate and fallbacks of ours follow at once. Most live models take the length of a pause only when a link is opened, so
the link is replaced at the next quiet moment (`lifeline`).
"""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.conversation import events as ev
from vivavoce.conversation import signals as sig
from vivavoce.conversation.effects import UsePace
from vivavoce.conversation.machine import Handler, Out


class Patience:
    def __init__(self) -> None:
        self._pace = ""

    def handlers(self) -> Mapping[type, Handler]:
        return {ev.CallerJoined: self._joined, ev.CallerReturned: self._chose, ev.PaceChanged: self._chose}

    def wake_at(self) -> float | None:
        return None

    def _joined(self, event: ev.CallerJoined, now: float, out: Out) -> None:
        self._pace = event.pace  # the first link is opened with it

    def _chose(self, event: ev.CallerReturned | ev.PaceChanged, now: float, out: Out) -> None:
        if event.pace and event.pace != self._pace:
            self._pace = event.pace
            out.do(UsePace(event.pace))
            out.tell(sig.PaceTaken())

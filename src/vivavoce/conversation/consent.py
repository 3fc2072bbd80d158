"""Whether the sound of the call is kept: the agent file says if the caller is asked, the caller decides, and may decide
otherwise later.
"""

from __future__ import annotations

from collections.abc import Mapping

from vivavoce.conversation import events as ev
from vivavoce.conversation.effects import Record
from vivavoce.conversation.machine import Handler, Out


class Consent:
    """
    Args:
        record: the agent file's word: "ask" (recorded once the caller agrees), "always" (told, not asked), "never".
    """

    def __init__(self, record: str) -> None:
        self._record = record
        self._on = False
        self._withdrawn = False

    def handlers(self) -> Mapping[type, Handler]:
        return {ev.CallerJoined: self._joined, ev.ConsentDecided: self._decided}

    def wake_at(self) -> float | None:
        return None

    def _joined(self, event: ev.CallerJoined, now: float, out: Out) -> None:
        if self._record == "always":
            self._turn(True, out)

    def _decided(self, event: ev.ConsentDecided, now: float, out: Out) -> None:
        if event.decision == "given":
            if self._record != "never" and not self._withdrawn:
                self._turn(True, out)
        elif event.decision == "withdrawn":
            self._on, self._withdrawn = False, True  # for the rest of this call: what was erased stays erased
            out.do(Record(on=False, erase=True))
        else:
            self._turn(False, out)

    def _turn(self, on: bool, out: Out) -> None:
        if on is not self._on:
            self._on = on
            out.do(Record(on))

"""Who watches a call without being able to change it: metrics, traces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev


class Observer(Protocol):
    """Cheap, never waits, never raises. It is told of steps, never of frames."""

    def stepped(self, event: ev.Event, effects: Sequence[fx.Effect], now: float) -> None:
        """An event was taken at `now`, seconds since the call began, and these were its effects."""
        ...

    def ended(self, reason: str, counts: Mapping[str, float]) -> None:
        """The last it is told.

        Args:
            counts: what the shells counted: frames by what the gate did with them, `mute_turns`, and 1 under the code
                of what could not be written down.
        """
        ...

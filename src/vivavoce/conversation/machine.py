"""What every machine of a conversation is: a few fields, a table of handlers, and perhaps a time to be woken.

Rules for all of them: no I/O, no clock, no chance; a peer may send anything at any time and never makes a handler
raise; what does not fit the present state changes nothing. Machines do not import each other: they answer with effects
and signals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from vivavoce.conversation.effects import Effect
from vivavoce.conversation.signals import Signal


class Out:
    """Where a handler leaves its effects (for the shells) and signals (for the other machines)."""

    __slots__ = ("effects", "signals")

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self.signals: list[Signal] = []

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)

    def tell(self, signal: Signal) -> None:
        self.signals.append(signal)


Handler = Callable[[Any, float, Out], None]
"""A handler of one kind of event or signal: (event, now in seconds, out)."""


class Machine(Protocol):
    def handlers(self) -> Mapping[type, Handler]:
        """Which events and signals it listens to."""
        ...

    def wake_at(self) -> float | None:
        """Session time at which it wants a `Woke`, or None."""
        ...


def earliest(*times: float | None) -> float | None:
    """The first of several deadlines, None when there is none."""
    due = [time for time in times if time is not None]
    return min(due) if due else None

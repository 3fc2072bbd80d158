"""What the connections of one server know of each other, as far as faults go."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from vivavoce.local.faults.messages import Outgoing
from vivavoce.local.faults.script import DeadHandles, RefuseResume
from vivavoce.local.tempo import Clock
from vivavoce.wire.gemini.wording import NOT_FOUND

MOST_HANDLES = 4096
"""Whose they are is remembered for so many, as many as the server keeps."""
MOST_SAID = 500
"""Messages of a turn that are remembered: a minute of sound."""


@dataclass(slots=True, eq=False)
class Link:
    """One connection."""

    number: int
    """From 1, over the life of the server."""
    ended_at: float | None = None
    """None while it lives."""
    said: list[Outgoing] = field(default_factory=list)
    """What was said in its newest turn, sound and words."""
    _turn_over: bool = False

    def remember(self, message: Outgoing) -> None:
        if message.kinds & {"audio", "text", "outputTranscription"}:
            if self._turn_over:
                self.said.clear()
            self._turn_over = False
            if len(self.said) < MOST_SAID:
                self.said.append(message)
        self._turn_over = self._turn_over or "turnComplete" in message.kinds


class Links:
    """All of them, and the handles they were given."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._owners: OrderedDict[str, Link] = OrderedDict()
        self._dead: float = 0
        self._held: RefuseResume | None = None

    def owns(self, link: Link, handle: str) -> None:
        """A connection was given this handle."""
        self._owners[handle] = link
        while len(self._owners) > MOST_HANDLES:
            self._owners.popitem(last=False)

    def owner(self, handle: str) -> Link | None:
        """The connection that was given a handle."""
        return self._owners.get(handle)

    def arm(self, fault: DeadHandles | RefuseResume) -> None:
        if isinstance(fault, DeadHandles):
            self._dead = float("inf") if fault.times is None else self._dead + fault.times
        else:
            self._held = fault

    def refusal(self, handle: str) -> tuple[int, str] | None:
        """Code and reason for a client that wants to resume from this handle; None when it may."""
        if self._dead > 0:
            self._dead -= 1
            return 1008, NOT_FOUND
        owner = self._owners.get(handle)
        if self._held is None or owner is None:
            return None
        if owner.ended_at is None or self._clock.now() < owner.ended_at + self._held.for_s:
            return self._held.code, self._held.reason
        return None

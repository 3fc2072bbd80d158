"""Where the time of a call goes: what can be measured of answers, interruptions, tools, links and sound. Times are
seconds on the session clock.
"""

from __future__ import annotations

from typing import Literal

import msgspec

After = Literal["opening", "speech", "done", "typed", "hand_over"]
STAGES = ("turn_end", "link", "tools", "model", "send", "play")
"""What an answer waits for, in order: the silence that ends a turn, a link, tools, the model itself, our own sending,
and the way to the caller's ear."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The first sound (in text mode: the first words) of a reply that was owed."""

    reply: int
    """0 for one that was only shown."""
    speaker: str
    after: After
    asked_at: float
    """When the caller's voice stopped, they said that they are done, their text came, they joined, or the speaker
    before had been heard out.
    """
    arrived_at: float
    """When the first sound came from the model."""
    sent_at: float
    played_at: float | None
    """When the caller began to hear it; None for one that was shown, or cut before it was heard."""
    link_s: float
    """Of the waiting: without a link."""
    tools_s: float
    nudges: int
    """How often the model had to be reminded."""

    @property
    def total_s(self) -> float:
        return (self.sent_at if self.played_at is None else self.played_at) - self.asked_at

    def stages(self, turn_end_s: float = 0.0) -> dict[str, float]:
        """Seconds of each of STAGES; they add up to the whole.

        Args:
            turn_end_s: the silence after which the model takes a spoken turn to be over.
        """
        left = max(0.0, self.arrived_at - self.asked_at)
        parts = dict.fromkeys(STAGES, 0.0)
        for stage, seconds in (
            ("turn_end", turn_end_s if self.after == "speech" else 0.0),
            ("link", self.link_s),
            ("tools", self.tools_s),
        ):
            parts[stage] = min(left, seconds)
            left -= parts[stage]
        parts["model"] = left
        parts["send"] = max(0.0, self.sent_at - max(self.arrived_at, self.asked_at))
        if self.played_at is not None:
            parts["play"] = max(0.0, self.played_at - max(self.sent_at, self.asked_at))
        return parts


class Interruption(msgspec.Struct, frozen=True, kw_only=True):
    """The caller spoke over the agent, which was held at once."""

    reply: int
    held_at: float
    """When the gate was sure and the hold was sent; the voice began 96 to 190 ms before."""
    silent_at: float
    """When the last of it was heard."""
    ended_at: float
    outcome: Literal["cut", "resumed", "over"]
    """`over`: nothing was left to cut."""


class ToolRun(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    began_at: float
    ended_at: float
    outcome: Literal["ok", "error", "abandoned"]


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    link: int
    speaker: str
    began_at: float
    ended_at: float
    resumed: bool
    """With a handle of an earlier link."""
    outcome: str
    """ "open", "given_up", or the class of the close: fatal, quota, dead_handle, transient."""


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """An open link was lost unasked."""

    link: int
    at: float
    kind: str


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A reply stood still while it was being heard: its sound came too late, or the caller's machine was busy."""

    reply: int
    at: float
    seconds: float


Measured = Answer | Interruption | ToolRun | Dial | Outage | Gap

"""What a talk tells its client, whatever protocol the client speaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vivavoce.local.calling import Pending
from vivavoce.local.meter import Usage


class Outlet(Protocol):
    """A client as the talk sees it. Every method sends at once, in order, and raises `PeerGone` when nobody is there.

    A turn is `turn_began`, then `thought`, `said`, `sound` and `calls` in any order, then either `generated` and
    `turn_ended`, or `interrupted` (also after `generated`) and `turn_ended`. Turns do not overlap. What is about the
    caller (`speech_began`, `speech_ended`, `heard`) and `resumable` may come at any time.
    """

    async def speech_began(self, at_ms: float) -> None:
        """The caller began to speak, at this place of the caller's sound. Not told of a client that marks speech
        itself."""
        ...

    async def speech_ended(self, at_ms: float) -> None:
        """The caller stopped, at this place of the caller's sound."""
        ...

    async def heard(self, text: str, *, last: bool) -> None:
        """What the caller said, recognised: once per utterance, in order, empty when nothing could be made of it.
        `last` unless the speech was too long for one utterance and went on in the next."""
        ...

    async def turn_began(self) -> None:
        """The model begins a turn: nothing of it has been sent."""
        ...

    async def thought(self, text: str) -> None:
        """A summary of what the model thinks, never to be spoken."""
        ...

    async def said(self, text: str) -> None:
        """Words whose sound follows, or which stand for themselves where the answers are text; with their own leading
        space after the first sentence of a turn."""
        ...

    async def sound(self, pcm: bytes) -> None:
        """Sound of the turn: PCM16 LE mono, 24 kHz, whole samples."""
        ...

    async def calls(self, pending: Sequence[Pending]) -> None:
        """Tools the model calls, together."""
        ...

    async def calls_cancelled(self, pending: Sequence[Pending]) -> None:
        """Calls whose answer is not wanted any more."""
        ...

    async def generated(self) -> None:
        """Everything of the turn has been sent; it may still be playing."""
        ...

    async def interrupted(self) -> None:
        """The turn was cut; no more sound of it follows."""
        ...

    async def turn_ended(self, usage: Usage, *, cut: bool, more: bool) -> None:
        """The turn is over. `more`: another one is expected without input, because a tool runs or an answer waits."""
        ...

    async def idle(self) -> None:
        """A turn had announced more, and nothing more follows after all."""
        ...

    async def resumable(self, handle: str | None) -> None:
        """A handle to come back with; None while the state cannot be resumed."""
        ...

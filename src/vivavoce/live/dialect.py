"""What a link needs of a live model's protocol: bytes for what we say to it, events for what it says.

A dialect is made anew for every connection and does no I/O. Everything above it speaks of sound, text and answers, so
that a second live model is a second dialect and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from vivavoce.conversation import events as ev
from vivavoce.wire.gemini.closes import CloseClass

PIECE_BYTES = 48_000
"""A second at 24 kHz; models' own chunks are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a connection is opened with, in no model's words yet."""

    model: str
    """As the backend names it, with its path where it has one."""
    instruction: str = ""
    voice: str = ""
    """As the agent file has it: a name, or words that describe one."""
    cast: int = 0
    """The speaker's place among the agent's speakers: who has no voice of a known name gets one by it."""
    tools: Sequence[Mapping[str, Any]] = ()
    """Declarations: name, description, parameters (OpenAPI-like schema with types in capitals) and behavior, BLOCKING
    or NON_BLOCKING."""
    silence_ms: int = 1000
    """Pause that ends the caller's turn."""
    onset_ms: int | None = None
    """Speech that must be heard before it counts as such; None for the model's own."""
    handle: str | None = field(default=None, repr=False)
    """The secret of a resumption handle; None for a fresh start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where a dialect puts what events only name by number."""

    link: int
    """The link's number in the conversation."""
    keep_chunk: Callable[[bytes], int]
    """Stores PCM16 LE mono at 24 kHz, returns its number."""
    keep_handle: Callable[[str], int]
    """Stores the secret of a handle, returns its number."""
    position: Callable[[], int]
    """How far the caller's audio has been sent, samples of the microphone clock."""

    def sound(self, pcm: bytes) -> list[ev.Event]:
        """The events of sound that arrived, stored in pieces: a message of a model may be far larger than one to a
        caller's machine.
        """
        pieces = (pcm[at : at + PIECE_BYTES] for at in range(0, len(pcm), PIECE_BYTES))
        return [ev.ReplyArrived(self.link, self.keep_chunk(piece), len(piece) // 2) for piece in pieces]


class Dialect(Protocol):
    """One connection's language."""

    @property
    def ready(self) -> bool:
        """Whether the model has taken what it was told first. Until then nothing else is sent."""
        ...

    def opening(self) -> Sequence[bytes]:
        """What to send once connected."""
        ...

    def audio(self, pcm: bytes) -> bytes:
        """A message with the caller's sound: PCM16 LE mono, 16 kHz, whole samples. Empty when nothing is due yet."""
        ...

    def text(self, text: str) -> Sequence[bytes]:
        """Messages for a typed turn, answered like speech."""
        ...

    def answer(self, call: str, name: str, response: dict[str, Any], scheduling: str | None) -> Sequence[bytes]:
        """Messages with a tool's answer.

        Args:
            scheduling: INTERRUPT, WHEN_IDLE or SILENT; None for the model's own default. What the model does not know
                is left out.
        """
        ...

    def turn_over(self) -> Sequence[bytes]:
        """Messages that end the caller's turn now, without the pause that would."""
        ...

    def patience(self, silence_ms: int) -> Sequence[bytes]:
        """Messages that make the pause that ends a turn another one; empty where only a new connection does."""
        ...

    def microphone_off(self) -> Sequence[bytes]:
        """Messages for a microphone that was switched off; empty where the model wants none."""
        ...

    def read(self, data: bytes) -> list[ev.Event]:
        """Events of one message, in the order they happened. What is read before the model is ready gives none.

        Raises:
            WireError: it cannot be understood; the link drops it and counts it.
            LinkError: with it the model ends the connection; code and reason say how.
        """
        ...

    def due(self) -> Sequence[bytes]:
        """Messages the protocol wants in reply to what was read, taken out."""
        ...

    def classify(self, code: int, reason: str) -> CloseClass:
        """What a close means for the one who has to decide whether to dial again."""
        ...

    def remedy(self, code: int, reason: str) -> str:
        """What the one who runs the server can do about a close, as a sentence; empty when there is nothing to do."""
        ...


MakeDialect = Callable[[Opening, Shelf], Dialect]

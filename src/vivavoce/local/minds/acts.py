"""What a brain may do: say, call a tool, think, be silent for a while. The talk carries it out in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from vivavoce.wire.gemini.messages import FunctionDeclaration


@dataclass(frozen=True, slots=True)
class Say:
    """Speak these sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """Call a tool the client declared. A blocking call holds back what follows until it is answered.

    Calls that stand beside each other are one message; what each answer brings follows when all are answered.
    """

    name: str
    args: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Think:
    """A summary of what the model thinks before it speaks: for clients that asked for thoughts, lost on the others."""

    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing for so long; then what follows. On the talk's clock."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stream:
    """Acts that come as they are thought of, by a brain that takes its time. Closed when the turn is cut."""

    acts: AsyncIterator[Act]


Act = Say | Call | Think | Pause | Stream


class Mind(Protocol):
    """What a session asks of a brain. Every method is quick, pure and never raises for anything a peer sent."""

    def hear(self, text: str) -> list[Act]:
        """The caller spoke; empty when it could not be understood."""
        ...

    def read(self, text: str) -> list[Act]:
        """A typed turn: the caller's words, or a briefing from the application. Empty means "go on"."""
        ...

    def returned(self, call: Call, response: dict[str, Any], *, silent: bool = False) -> list[Act]:
        """A tool answered; silent answers are known and not spoken of."""
        ...

    def cut(self, heard_ms: float) -> None:
        """The caller cut the reply off after `heard_ms` of it; a blocking call it waited for is void."""
        ...

    def save(self) -> bytes:
        """Everything the next session needs to go on from here."""
        ...


@runtime_checkable
class Historian(Protocol):
    """A brain that also takes in what was said before it was there. Others know only what they are asked."""

    def remember(self, text: str, *, own: bool) -> None:
        """Words of an earlier talk: the model's own, or the caller's."""
        ...


@runtime_checkable
class TurnKeeper(Protocol):
    """A brain that keeps what it said, and cuts out what was not heard. One input may have several turns."""

    def ended(self) -> None:
        """The turn is over: a cut is of it, until something is said in the next."""
        ...


class MakeMind(Protocol):
    """Makes a brain for a session: from nothing, or from what an earlier one saved."""

    def __call__(
        self, instruction: str, tools: Sequence[FunctionDeclaration], *, saved: bytes | None, seed: int
    ) -> Mind: ...

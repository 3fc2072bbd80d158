"""What a brain may do: say a sentence or call a tool. The session carries it out in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from vivavoce.wire.gemini.messages import FunctionDeclaration


@dataclass(frozen=True, slots=True)
class Say:
    """Speak these sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """Call a tool the client declared. A blocking call holds back what follows until it is answered."""

    name: str
    args: dict[str, Any] = field(default_factory=dict)


Act = Say | Call


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


class MakeMind(Protocol):
    """Makes a brain for a session: from nothing, or from what an earlier one saved."""

    def __call__(
        self, instruction: str, tools: Sequence[FunctionDeclaration], *, saved: bytes | None, seed: int
    ) -> Mind: ...

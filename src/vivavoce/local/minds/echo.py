"""The simplest brain: it says that it is a stand-in, and repeats what it understood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vivavoce.local.minds.acts import Act, Call, Mind, Say
from vivavoce.local.minds.wording import line
from vivavoce.wire.gemini.messages import FunctionDeclaration


def echo(instruction: str, tools: Sequence[FunctionDeclaration], *, saved: bytes | None, seed: int) -> Mind:
    """The same for every session: instruction, tools and what was before change nothing."""
    return Echo()


class Echo:
    """What there is without an agent file, and the brain `echo`."""

    def hear(self, text: str) -> list[Act]:
        """Repeat it."""
        return [Say(line("no_file", 0, text=text) if text.strip() else line("no_file_unheard", 0))]

    def read(self, text: str) -> list[Act]:
        """Repeat it."""
        return self.hear(text)

    def returned(self, call: Call, response: dict[str, Any], *, silent: bool = False) -> list[Act]:
        """It calls nothing."""
        return []

    def cut(self, heard_ms: float) -> None:
        """It has nothing to lose."""

    def save(self) -> bytes:
        """It has nothing to keep."""
        return b""

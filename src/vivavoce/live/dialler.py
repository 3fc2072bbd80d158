"""Opens links for one call: knows the backend, the agent and the tools, so that the call need not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vivavoce.agents import AgentSpec
from vivavoce.live.backend import BackendSettings, choose
from vivavoce.live.link import Link
from vivavoce.live.setup import make_setup
from vivavoce.wire.gemini.messages import ServerMessage


class LiveDialler:
    """
    Args:
        declarations: of the runnable tools, by name.
        silence_ms: pause that ends the caller's turn.
    """

    def __init__(
        self,
        backend: BackendSettings,
        spec: AgentSpec,
        *,
        declarations: Mapping[str, dict[str, Any]],
        silence_ms: int,
    ) -> None:
        self._backend = backend
        self._target = choose(backend)
        self._spec = spec
        self._declarations = declarations
        self._silence_ms = silence_ms

    async def dial(
        self,
        speaker: str,
        handle: str | None,
        on_message: Callable[[ServerMessage], None],
        on_close: Callable[[int, str], None],
    ) -> Link:
        """A ready link with this speaker's voice and prompt. Raises LinkError."""
        setup = make_setup(
            self._spec,
            speaker,
            model=self._target.model,
            handle=handle,
            declarations=self._declarations,
            silence_ms=self._silence_ms,
            prebuilt_voices=self._backend.kind != "local",
        )
        return await Link.open(self._target, setup, on_message, on_close)

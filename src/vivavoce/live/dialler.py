"""Opens links for one call: knows the backend, the agent and the tools, so that the call need not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vivavoce.agents import PROSE, AgentSpec, Prose
from vivavoce.agents.prompt import system_instruction, tool_declarations
from vivavoce.conversation import events as ev
from vivavoce.errors import LinkError
from vivavoce.live.backend import Backend
from vivavoce.live.dialect import Opening, Shelf
from vivavoce.live.failures import without
from vivavoce.live.link import Link
from vivavoce.live.state import State


class LiveDialler:
    """
    Args:
        declarations: of the runnable tools, by name.
        silence_ms: pause that ends the caller's turn; may be changed, for the links that are dialled after that.
        onset_ms: likewise speech that must be heard before it counts; None for the model's own.
        prose: the prompt.
        state: is told how dials end.
    """

    def __init__(
        self,
        backend: Backend,
        spec: AgentSpec,
        *,
        declarations: Mapping[str, dict[str, Any]],
        silence_ms: int,
        state: State,
        onset_ms: int | None = None,
        prose: Prose = PROSE,
    ) -> None:
        self._backend = backend
        self._spec = spec
        self._declarations = declarations
        self.silence_ms = silence_ms
        self.onset_ms = onset_ms
        self._prose = prose
        self._state = state

    async def dial(
        self,
        speaker: str,
        handle: str | None,
        shelf: Shelf,
        on_event: Callable[[ev.Event], None],
        on_close: Callable[[LinkError], None],
    ) -> Link:
        """A ready link with this speaker's voice and prompt. Raises LinkError."""
        opening = make_opening(
            self._backend.model,
            self._spec,
            speaker,
            declarations=self._declarations,
            silence_ms=self.silence_ms,
            onset_ms=self.onset_ms,
            handle=handle,
            prose=self._prose,
        )

        secrets = [handle or ""]

        def closed(error: LinkError) -> None:
            self._state.dropped(without(error, secrets))
            on_close(error)

        try:
            target = await self._backend.target()
            secrets += target.secrets()
            link = await Link.open(target, self._backend.dialects(opening, shelf), on_event, closed)
        except LinkError as error:
            self._state.failed(without(error, secrets))
            raise
        self._state.opened()
        return link


def make_opening(
    model: str,
    spec: AgentSpec,
    speaker: str,
    *,
    declarations: Mapping[str, dict[str, Any]],
    silence_ms: int,
    onset_ms: int | None = None,
    handle: str | None = None,
    prose: Prose = PROSE,
) -> Opening:
    """What a connection of this agent's speaker is opened with."""
    return Opening(
        model=model,
        instruction=system_instruction(spec, speaker, prose),
        voice=spec.speakers[speaker].voice,
        cast=list(spec.speakers).index(speaker),
        tools=tool_declarations(spec, speaker, declarations, prose),
        silence_ms=silence_ms,
        onset_ms=onset_ms,
        handle=handle,
    )

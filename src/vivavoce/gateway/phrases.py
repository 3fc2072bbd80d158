"""Prepared sentences: brought when the conversation wants one said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from vivavoce.agents import AgentSpec
from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev


class Phrases(Protocol):
    """Prepared sentences in a speaker's voice, PCM16 LE mono at 24 kHz; None when there is no voice."""

    async def sound(self, phrase: str, voice: str) -> bytes | None: ...


class Prompter:
    """
    Args:
        keep_chunk: stores sound, returns its number.
        post: takes the events.
        own: takes the tasks, which end with the call.
    """

    def __init__(
        self,
        spec: AgentSpec,
        phrases: Phrases,
        keep_chunk: Callable[[bytes], int],
        post: Callable[[ev.Event], None],
        own: Callable[[asyncio.Task[None]], None],
    ) -> None:
        self._spec = spec
        self._phrases = phrases
        self._keep_chunk = keep_chunk
        self._post = post
        self._own = own

    def fill(self, effect: fx.Fill) -> None:
        async def bring() -> None:
            speaker = self._spec.speakers[effect.speaker or self._spec.first_speaker]
            pcm = await self._phrases.sound(effect.phrase, speaker.voice)
            if pcm:
                self._post(ev.FillerArrived(effect.phrase, self._keep_chunk(pcm), len(pcm) // 2))

        self._own(asyncio.create_task(bring(), name=f"phrase-{effect.phrase}"))

"""Prepared sentences in the speakers' own voices, made before they are needed (V8)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Protocol

from vivavoce.agents import AgentSpec
from vivavoce.gateway.notices import SPOKEN


class Voice(Protocol):
    def speak(self, text: str, voice: str) -> AsyncIterator[bytes]: ...


class PreparedPhrases:
    """
    Args:
        mouth: the local one, or None: then there is no voice but the model's own.
        phrases: which sentences are made; by default all.
    """

    def __init__(self, mouth: Voice | None, phrases: Collection[str] = tuple(SPOKEN)) -> None:
        self._mouth = mouth
        self._phrases = phrases
        self._sounds: dict[tuple[str, str], bytes] = {}
        self._making = asyncio.Lock()

    async def prepare(self, spec: AgentSpec) -> None:
        """Make every phrase for every speaker of this agent."""
        for speaker in spec.speakers.values():
            for phrase in self._phrases:
                await self.sound(phrase, speaker.voice)

    async def sound(self, phrase: str, voice: str) -> bytes | None:
        """PCM16 LE mono at 24 kHz, None when there is no voice or no such phrase."""
        if self._mouth is None or phrase not in self._phrases:
            return None
        key = (phrase, voice)
        if key in self._sounds:
            return self._sounds[key] or None
        async with self._making:
            if key not in self._sounds:
                self._sounds[key] = b"".join([chunk async for chunk in self._mouth.speak(SPOKEN[phrase], voice)])
        return self._sounds[key] or None

"""What one client says: its sound, cut into utterances, made into words, until the caller has finished."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from vivavoce.local.manner import Manner
from vivavoce.local.microphone import LEAD_MS, Detector, Heard, Microphone, SpeechBegan, Utterance
from vivavoce.local.outlet import Outlet
from vivavoce.local.parts import Hearing, Parts
from vivavoce.local.replies import Spawn

MOST_UTTERANCES = 16
"""Utterances the ear has not come to; when full, the oldest is dropped. Two is already a very slow ear."""
MOST_BYTES = 8 * 1024 * 1024
"""Sound of these utterances, four minutes of it; beyond that the oldest is dropped too."""


class Listener(Protocol):
    """Who wants to know."""

    async def speech_began(self) -> None:
        """The caller begins to speak."""
        ...

    async def finished(self, text: str) -> None:
        """Everything the caller said since the last time, now that they have stopped; empty when nothing was
        understood."""
        ...


class Listening:
    """A microphone and the ear behind it. Utterances become words one by one, in order."""

    def __init__(self, manner: Manner, parts: Parts, outlet: Outlet, listener: Listener, spawn: Spawn) -> None:
        self._manner = manner
        self._parts = parts
        self._outlet = outlet
        self._listener = listener
        self._spawn = spawn
        self._microphone = Microphone(
            None if manner.manual else self._make_detector,
            silence_ms=manner.silence_ms,
            keeps_all=manner.whole_input,
        )
        self._utterances: deque[tuple[Utterance, Hearing | None]] = deque()
        self._hearing: Hearing | None = None  # of the utterance that goes on
        self._ear: asyncio.Task[None] | None = None
        self._heard: list[str] = []
        self._begun: deque[float] = deque()  # where speech began that nobody has answered yet

    @property
    def busy(self) -> bool:
        """Whether the caller is speaking or being understood."""
        return self.speaking or (self._ear is not None and not self._ear.done())

    @property
    def speaking(self) -> bool:
        return self._microphone.speaking

    @property
    def milliseconds(self) -> float:
        """Sound that came in."""
        return self._microphone.milliseconds

    @property
    def settled_ms(self) -> float:
        """Up to here the sound that came in is done with: what was said until then is being answered."""
        return self._begun[0] if self._begun else self._microphone.milliseconds

    def settle(self, until_ms: float) -> None:
        """What was said until then is being answered."""
        while self._begun and self._begun[0] < until_ms:
            self._begun.popleft()

    async def sound(self, pcm: bytes, rate_hz: int) -> float:
        """Take in sound, and say how many milliseconds of it were listened to.

        Raises:
            WireError: not whole samples, or a rate we do not take.
        """
        before = self._microphone.kept_ms
        await self._take(self._microphone.chunk(pcm, rate_hz))
        if fresh := self._microphone.settled():  # recognised while the caller speaks: little is left to do at the end
            if self._hearing is None:
                self._hearing = self._parts.ears.utterance()
            self._hearing.feed(fresh)
        return self._microphone.kept_ms - before

    async def begin(self) -> None:
        """The client says that speech begins.

        Raises:
            WireError: speech is detected here, or has already begun.
        """
        await self._take(self._microphone.begin())

    async def end(self) -> None:
        """The client says that speech has ended.

        Raises:
            WireError: speech is detected here, or has not begun.
        """
        await self._take(self._microphone.end())

    async def switched_off(self) -> None:
        """The client's microphone is off.

        Raises:
            WireError: the client marks speech itself.
        """
        await self._take(self._microphone.switched_off())

    def forget(self) -> None:
        """Throw away the utterance that goes on."""
        if self.speaking and self._begun:
            self._begun.pop()
        self._microphone.forget()
        if self._hearing is not None:
            self._hearing.cancel()
            self._hearing = None

    def close(self) -> None:
        """Nothing more is heard."""
        for hearing in (self._hearing, *(hearing for _, hearing in self._utterances)):
            if hearing is not None:
                hearing.cancel()

    # ------------------------------------------------------------------------------------

    async def _take(self, heard: list[Heard]) -> None:
        for sound in heard:
            if isinstance(sound, SpeechBegan):
                self._begun.append(max(0.0, self._microphone.milliseconds - LEAD_MS))
                if not self._manner.manual:
                    await self._outlet.speech_began(max(0.0, sound.at_ms - self._manner.prefix_ms))
                await self._listener.speech_began()
                continue
            if sound.last and not self._manner.manual:
                await self._outlet.speech_ended(sound.until_ms)
            self._queue(sound)

    def _queue(self, utterance: Utterance) -> None:
        self._utterances.append((utterance, self._hearing))
        self._hearing = None
        while len(self._utterances) > MOST_UTTERANCES or self._queued_bytes() > MOST_BYTES:
            _, late = self._utterances.popleft()
            if late is not None:
                late.cancel()
        if self._ear is None or self._ear.done():
            self._ear = self._spawn(self._understand())

    def _queued_bytes(self) -> int:
        return sum(len(utterance.pcm) for utterance, _ in self._utterances)

    async def _understand(self) -> None:
        """Turn utterances into words, and hand them over once the caller has finished."""
        while self._utterances:
            utterance, hearing = self._utterances.popleft()
            text = await self._text_of(utterance, hearing)
            if text:
                self._heard.append(text)
            await self._outlet.heard(text)
            if utterance.last and not self._utterances and not self.speaking:
                said = " ".join(self._heard)
                self._heard.clear()
                await self._listener.finished(said)

    async def _text_of(self, utterance: Utterance, hearing: Hearing | None) -> str:
        if not utterance.pcm:
            return ""
        if hearing is None:
            return (await self._parts.ears.recognise(utterance.pcm)).strip()
        hearing.feed(utterance.pcm[utterance.settled :])
        text = await hearing.finish()
        if hearing.lost:  # the recogniser failed, but the sound is here
            text = await self._parts.ears.recognise(utterance.pcm)
        return text.strip()

    def _make_detector(self) -> Detector:
        return self._parts.make_detector(
            prefix_padding_ms=self._manner.prefix_ms,
            silence_ms=self._manner.silence_ms,
            sensitivity=self._manner.sensitivity,
        )

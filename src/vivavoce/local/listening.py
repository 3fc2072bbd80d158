"""What one client says: its sound, cut into utterances, made into words, until the caller has finished."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from vivavoce.local.manner import Manner
from vivavoce.local.microphone import Detector, Heard, Microphone, SpeechBegan, Utterance
from vivavoce.local.outlet import Outlet
from vivavoce.local.parts import Hearing, Parts
from vivavoce.local.replies import Spawn

MOST_UTTERANCES = 16
"""Utterances the ear has not come to; when full, the oldest is dropped. Two is already a very slow ear."""
MOST_BYTES = 8 * 1024 * 1024
"""Sound of these utterances, four minutes of it; beyond that the oldest is dropped too."""
PIECE_BYTES = 8_000
"""Of a longer piece of sound so much is looked at before others have their turn: a detector takes a millisecond or so
for 1,024 bytes, and a message may hold a thousand times as much."""
MOST_BEGUN = 1_000
"""Beginnings of speech that nobody has answered; beyond that the oldest is forgotten."""


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
        self._microphone = self._make_microphone(at_ms=0.0)
        self._utterances: deque[tuple[Utterance, Hearing | None]] = deque()
        self._hearing: Hearing | None = None  # of the utterance that goes on
        self._ear: asyncio.Task[None] | None = None
        self._dropped: deque[bool] = deque()  # utterances the ear will not come to: whether each was the last
        self._heard: list[str] = []
        self._finished = False  # the caller had finished with what was heard last
        self._begun: deque[float] = deque(maxlen=MOST_BEGUN)  # where speech began that nobody has answered yet

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
        listened_ms = 0.0
        for at in range(0, len(pcm), PIECE_BYTES):
            if at:
                await asyncio.sleep(0)
            listened_ms += await self._piece(pcm[at : at + PIECE_BYTES], rate_hz)
        return listened_ms

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
        """Throw away the utterance that goes on. What was said before it is handed over."""
        if self.speaking and self._begun:
            self._begun.pop()
        self._microphone.forget()
        if self._hearing is not None:
            self._hearing.cancel()
            self._hearing = None
        if self._finished:
            self._wake()

    def change(self, manner: Manner) -> None:
        """Listen in another manner. The utterance that goes on is thrown away, those before it are understood."""
        self.forget()
        self._manner = manner
        self._microphone = self._make_microphone(at_ms=self._microphone.milliseconds)

    def close(self) -> None:
        """Nothing more is heard."""
        for hearing in (self._hearing, *(hearing for _, hearing in self._utterances)):
            if hearing is not None:
                hearing.cancel()
        self._microphone.close()

    # ------------------------------------------------------------------------------------

    async def _piece(self, pcm: bytes, rate_hz: int) -> float:
        microphone = self._microphone  # what comes of it may change the way of listening
        before_ms = microphone.kept_ms
        await self._take(microphone.chunk(pcm, rate_hz))
        if fresh := self._microphone.settled():  # recognised while the caller speaks: little is left to do at the end
            if self._hearing is None:
                self._hearing = self._parts.ears.utterance()
            self._hearing.feed(fresh)
        return microphone.kept_ms - before_ms

    async def _take(self, heard: list[Heard]) -> None:
        for sound in heard:
            if isinstance(sound, SpeechBegan):
                self._begun.append(max(0.0, sound.at_ms - self._lead_ms))
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
            dropped, late = self._utterances.popleft()
            self._dropped.append(dropped.last)
            if late is not None:
                late.cancel()
        self._wake()

    def _wake(self) -> None:
        if self._ear is None or self._ear.done():
            self._ear = self._spawn(self._understand())

    def _queued_bytes(self) -> int:
        return sum(len(utterance.pcm) for utterance, _ in self._utterances)

    async def _understand(self) -> None:
        """Turn utterances into words, and hand them over once the caller has finished."""
        await self._hand_over()
        while self._utterances:
            while self._dropped:  # they came before those that are left
                await self._outlet.heard("", last=self._dropped.popleft())
            utterance, hearing = self._utterances.popleft()
            text = await self._text_of(utterance, hearing)
            if text:
                self._heard.append(text)
            await self._outlet.heard(text, last=utterance.last)
            self._finished = utterance.last
            await self._hand_over()

    async def _hand_over(self) -> None:
        if not self._finished or self._utterances or self.speaking:
            return
        said = " ".join(self._heard)
        self._heard.clear()
        self._finished = False
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

    @property
    def _lead_ms(self) -> int:
        """Sound of an utterance from before its start was certain."""
        return self._manner.prefix_ms + self._manner.lead_ms

    def _make_microphone(self, *, at_ms: float) -> Microphone:
        return Microphone(
            None if self._manner.manual else self._make_detector,
            silence_ms=self._manner.silence_ms,
            lead_ms=self._lead_ms,
            keeps_all=self._manner.whole_input,
            at_ms=at_ms,
        )

    def _make_detector(self) -> Detector:
        return self._parts.make_detector(
            prefix_padding_ms=self._manner.prefix_ms,
            silence_ms=self._manner.silence_ms,
            sensitivity=self._manner.sensitivity,
        )

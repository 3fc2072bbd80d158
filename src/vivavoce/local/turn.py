"""One turn of the model: a reply carried out act by act, until it is over or cut.

Order on the wire: tool calls and audio with its transcript as they come, `generationComplete`, a pause while the audio
would be playing, `turnComplete` with usage. A cut turn ends in `interrupted` and `turnComplete` instead, and sends no
audio after the former (reference: gemini-live 4.2).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Protocol

from vivavoce.local.calling import Calls
from vivavoce.local.minds.acts import Act, Call, Mind, Say
from vivavoce.local.tempo import Clock, Playback, Tempo
from vivavoce.wire.gemini.codec import encode, encode_audio_out
from vivavoce.wire.gemini.messages import FunctionCall, ServerContent, ServerMessage, ToolCall, Transcription

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")


class Voice(Protocol):
    """A mouth: 24 kHz PCM16 mono of a text as it is made; closing the iterator stops it."""

    def speak(self, text: str, voice: str) -> AsyncIterator[bytes]: ...


class Turn:
    """A reply on its way out."""

    def __init__(
        self,
        send: Callable[[bytes], Awaitable[None]],
        *,
        mind: Mind,
        mouth: Voice,
        voice: str,
        calls: Calls,
        tempo: Tempo,
        clock: Clock,
        transcribe: bool,
    ) -> None:
        self._send = send
        self._mind = mind
        self._mouth = mouth
        self._voice = voice
        self._calls = calls
        self._tempo = tempo
        self._transcribe = transcribe
        self._sentences = 0
        self._playback = Playback(tempo, clock)

    @property
    def spoken_ms(self) -> float:
        """Audio sent so far."""
        return self._playback.sent_ms

    @property
    def heard_ms(self) -> float:
        """Audio that can have been heard so far."""
        return self._playback.heard_ms

    async def report(self, acts: list[Act]) -> list[Act]:
        """Make the calls that stand first and wait for no answer; what is left is for `carry_out`."""
        rest = deque(acts)
        while rest and isinstance(act := rest[0], Call) and not self._calls.blocks(act):
            await self._ask(act)
            rest.popleft()
        return list(rest)

    async def carry_out(self, acts: list[Act]) -> None:
        """Say and call, in order, and return when the audio would have been heard."""
        todo = deque(acts)
        while todo:
            act = todo.popleft()
            if isinstance(act, Say):
                for sentence in _SENTENCE_END.split(act.text.strip()):
                    await self._say(sentence)
            else:
                todo.extendleft(reversed(await self._ask(act)))
        await self._send(encode(ServerMessage(server_content=ServerContent(generation_complete=True))))
        await self._playback.played()

    async def _ask(self, call: Call) -> list[Act]:
        pending = self._calls.issue(call)
        wire = FunctionCall(id=pending.id, name=call.name, args=call.args)
        await self._send(encode(ServerMessage(tool_call=ToolCall(function_calls=[wire]))))
        if pending.answer is None:
            return []
        return self._mind.returned(call, await pending.answer)

    async def _say(self, sentence: str) -> None:
        if not sentence:
            return
        said = sentence if self._sentences == 0 else " " + sentence
        self._sentences += 1
        size = self._tempo.chunk_bytes
        ready = bytearray()
        announced = False
        async with aclosing(_closable(self._mouth.speak(sentence, self._voice))) as sound:
            async for piece in sound:
                ready += piece
                if not announced:
                    announced = True
                    await self._announce(said)
                while len(ready) >= size:
                    await self._chunk(bytes(ready[:size]))
                    del ready[:size]
        if not announced:
            await self._announce(said)
        if len(ready) >= 2:
            await self._chunk(bytes(ready[: len(ready) // 2 * 2]))

    async def _announce(self, text: str) -> None:
        if self._transcribe:
            content = ServerContent(output_transcription=Transcription(text=text))
            await self._send(encode(ServerMessage(server_content=content)))

    async def _chunk(self, pcm: bytes) -> None:
        await self._playback.admit(len(pcm))
        await self._send(encode_audio_out(pcm))


async def _closable(sound: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The same sound, closed together with this iterator when the source can be closed at all."""
    try:
        async for piece in sound:
            yield piece
    finally:
        close = getattr(sound, "aclose", None)
        if close is not None:
            await close()

"""One turn of the model: a reply carried out act by act, until it is over or cut.

Calls, words and sound go out as they come; then a pause while the sound would be playing (reference: gemini-live 4.2).
What ends a turn, and what a cut one sends, is for the one who made it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, Protocol, TypeVar

from vivavoce.local.calling import Pending
from vivavoce.local.manner import Manner
from vivavoce.local.minds.acts import Act, Call, Pause, Say, Stream, Think
from vivavoce.local.outlet import Outlet
from vivavoce.local.tempo import Clock, Playback, Tempo

log = logging.getLogger(__name__)

SORRY = "Sorry, I lost my thread there. Could you say that again?"
"""Said when a brain fails in the middle of what it had to say."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")

T = TypeVar("T")


class Voice(Protocol):
    """A mouth: 24 kHz PCM16 mono of a text as it is made; closing the iterator stops it."""

    def speak(self, text: str, voice: str) -> AsyncIterator[bytes]: ...


class Caller(Protocol):
    """Who makes a turn's tool calls."""

    def blocks(self, call: Call) -> bool:
        """Whether a call holds the reply."""
        ...

    async def ask(self, calls: Sequence[Call]) -> list[Pending]:
        """Send calls that are made together."""
        ...

    def returned(self, call: Call, response: dict[str, Any], *, silent: bool = False) -> list[Act]:
        """What to do now that a call was answered."""
        ...


class Turn:
    """A reply on its way out."""

    def __init__(
        self, outlet: Outlet, manner: Manner, caller: Caller, *, mouth: Voice, tempo: Tempo, clock: Clock
    ) -> None:
        self._outlet = outlet
        self._manner = manner
        self._caller = caller
        self._mouth = mouth
        self._clock = clock
        self._playback = Playback(tempo, clock)
        self._chunks = 0
        self._sentences = 0
        self.written = ""
        """What was sent as text instead of sound."""
        self.thoughts = ""

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
        calls = _adjacent(rest)
        if any(map(self._caller.blocks, calls)):
            return acts
        if calls:
            await self._caller.ask(calls)
        return list(rest)

    async def carry_out(self, acts: list[Act]) -> None:
        """Say and call, in order, and return when the audio would have been heard."""
        await self._carry(acts)
        await self._outlet.generated()
        await self._playback.played()

    async def _carry(self, acts: Sequence[Act]) -> None:
        todo = deque(acts)
        while todo:
            if calls := _adjacent(todo):
                todo.extendleft(reversed(await self._call(calls)))
                continue
            match todo.popleft():
                case Say(text):
                    for sentence in _SENTENCE_END.split(text.strip()):
                        await self._say(sentence)
                case Think(text):
                    self.thoughts += text
                    await self._outlet.thought(text)
                case Pause(seconds):
                    await self._clock.sleep_until(self._clock.now() + seconds)
                case Stream(stream):
                    await self._follow(stream)

    async def _follow(self, stream: AsyncIterator[Act]) -> None:
        """Carry out what a brain thinks of, as it comes; one that fails says so instead of falling silent."""
        calls: list[Act] = []
        over = False
        async with aclosing(_closable(stream)) as coming:
            while not over:
                try:
                    act = await anext(coming, None)
                except Exception as error:  # noqa: BLE001  a brain's fault is no reason to lose the talk
                    log.warning("a brain failed while it spoke: %s", type(error).__name__)
                    act, over = Say(SORRY), True
                if isinstance(act, Call):  # perhaps the next one belongs to it
                    calls.append(act)
                    continue
                over = over or act is None
                await self._carry([*calls, act] if act is not None else calls)
                calls.clear()

    async def _call(self, calls: Sequence[Call]) -> list[Act]:
        """Call tools together, and wait until every one that blocks is answered."""
        waiting = [pending for pending in await self._caller.ask(calls) if pending.answer is not None]
        answers: list[dict[str, Any]] = []
        try:
            for pending in waiting:
                assert pending.answer is not None, "those without were left out"
                answers.append(await pending.answer)
        except asyncio.CancelledError:
            for pending in waiting:  # cut: what came in time is known all the same, the tool has done its work
                if pending.answer is not None and pending.answer.done() and not pending.answer.cancelled():
                    self._caller.returned(pending.call, pending.answer.result(), silent=True)
            raise
        together = zip(waiting, answers, strict=True)
        return [act for pending, answer in together for act in self._caller.returned(pending.call, answer)]

    async def _say(self, sentence: str) -> None:
        if not sentence:
            return
        said = sentence if self._sentences == 0 else " " + sentence
        self._sentences += 1
        if not self._manner.spoken:
            self.written += said
            await self._outlet.said(said)
            return
        ready = bytearray()
        announced = False
        async with aclosing(_closable(self._mouth.speak(sentence, self._manner.voice))) as sound:
            async for piece in sound:
                ready += piece
                if not announced:
                    announced = True
                    await self._outlet.said(said)
                while len(ready) >= (size := self._chunk_bytes()):
                    await self._send(bytes(ready[:size]))
                    del ready[:size]
        if not announced:
            await self._outlet.said(said)
        if len(ready) >= 2:
            await self._send(bytes(ready[: len(ready) // 2 * 2]))

    def _chunk_bytes(self) -> int:
        first, others = self._manner.chunk_bytes
        return others if self._chunks else first

    async def _send(self, pcm: bytes) -> None:
        await self._playback.admit(len(pcm))
        self._chunks += 1
        await self._outlet.sound(pcm)


def _adjacent(acts: deque[Act]) -> list[Call]:
    """The calls that stand first, taken out: they are made together."""
    calls: list[Call] = []
    while acts and isinstance(act := acts[0], Call):
        calls.append(act)
        acts.popleft()
    return calls


async def _closable(source: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """The same items, closed together with this iterator when the source can be closed at all."""
    try:
        async for item in source:
            yield item
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()

"""One turn of the model: a reply carried out act by act, until it is over or cut.

Calls, words and sound go out as they come; then a pause while the sound would be playing (reference: gemini-live 4.2).
What ends a turn, and what a cut one sends, is for the one who made it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing
from typing import Any, Protocol, TypeVar

from vivavoce.local.calling import Pending
from vivavoce.local.manner import Manner
from vivavoce.local.minds.acts import Act, Call, Pause, Say, Stream, Think
from vivavoce.local.outlet import Outlet
from vivavoce.local.tempo import Clock, Playback, Tempo

log = logging.getLogger(__name__)

SORRY = "Sorry, I lost my thread there. Could you say that again?"
"""Said when a brain fails in the middle of what it had to say."""

LONGEST = 10_000
"""Characters told at a time: of a sentence without an end, or of a thought. A message must stay below 1 MiB."""

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

    async def carry_out(self, acts: list[Act]) -> list[Act]:
        """Say and call, in order, and return when the audio would have been heard: what is left for another turn."""
        rest = await self._carry(acts)
        await self._outlet.generated()
        await self._playback.played()
        return rest or []

    async def _carry(self, acts: Sequence[Act]) -> list[Act] | None:
        """None when all was carried out; otherwise the turn ends here, and this is left."""
        todo = deque(acts)
        while todo:
            if calls := _adjacent(todo):
                waited, answered = await self._call(calls)
                todo.extendleft(reversed(answered))
                if waited and self._manner.ends_at_answer:
                    return list(todo)
                continue
            match todo.popleft():
                case Say(text):
                    while self._manner.words_first and todo and isinstance(more := todo[0], Say):
                        text += f" {more.text}"
                        todo.popleft()
                    sentences = _SENTENCE_END.split(text.strip())
                    await self._say([piece.rstrip() for sentence in sentences for piece in _pieces(sentence)])
                case Think(text):
                    self.thoughts += text
                    for piece in _pieces(text):
                        await self._outlet.thought(piece)
                case Pause(seconds):
                    await self._clock.sleep_until(self._clock.now() + seconds)
                case Stream(stream):
                    rest = await self._follow(stream)
                    if rest is not None:
                        return [*rest, *todo]
        return None

    async def _follow(self, stream: AsyncIterator[Act]) -> list[Act] | None:
        """Carry out what a brain thinks of, as it comes; one that fails says so instead of falling silent."""
        held: list[Act] = []
        over = False
        async with AsyncExitStack() as opened:
            coming = await opened.enter_async_context(aclosing(_closable(stream)))
            while not over:
                try:
                    act = await anext(coming, None)
                except Exception as error:  # noqa: BLE001  a brain's fault is no reason to lose the talk
                    log.warning("a brain failed while it spoke: %s", type(error).__name__)
                    act, over = Say(SORRY), True
                over = over or act is None
                ready, held = self._sorted(held, act)
                if over:
                    ready, held = [*ready, *held], []
                rest = await self._carry(ready)
                if rest is not None:
                    opened.pop_all()  # another turn closes it
                    return [*rest, *held, *([] if over else [Stream(coming)])]
        return None

    def _sorted(self, held: list[Act], act: Act | None) -> tuple[list[Act], list[Act]]:
        """What is to be carried out now, and what is held because the next act may belong to it."""
        joins = isinstance(act, Call) or (self._manner.words_first and isinstance(act, Say))
        if act is None or not joins:
            return ([*held, act] if act is not None else held), []
        if held and isinstance(held[-1], Call) and not isinstance(act, Call):
            return held, [act]
        return [], [*held, act]

    async def _call(self, calls: Sequence[Call]) -> tuple[bool, list[Act]]:
        """Call tools together, and wait until every one that blocks is answered. Whether any did, and what follows."""
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
        follows = [act for pending, answer in together for act in self._caller.returned(pending.call, answer)]
        return bool(waiting), follows

    async def _say(self, sentences: Sequence[str]) -> None:
        words = [f" {each}" if self._sentences + place else each for place, each in enumerate(sentences)]
        self._sentences += len(words)
        if not self._manner.spoken:
            self.written += "".join(words)
        if self._manner.words_first or not self._manner.spoken:
            for each in words:
                await self._outlet.said(each)
            words = [""] * len(words)
        if self._manner.spoken:
            for sentence, each in zip(sentences, words, strict=True):
                await self._speak(sentence, each)

    async def _speak(self, sentence: str, words: str) -> None:
        """Sound of a sentence. Its words, unless they were told already, go before it."""
        ready = bytearray()
        async with aclosing(_closable(self._mouth.speak(sentence, self._manner.voice))) as sound:
            async for piece in sound:
                ready += piece
                words = await self._announced(words)
                while len(ready) >= (size := self._chunk_bytes()):
                    await self._send(bytes(ready[:size]))
                    del ready[:size]
        await self._announced(words)
        if len(ready) >= 2:
            await self._send(bytes(ready[: len(ready) // 2 * 2]))

    async def _announced(self, words: str) -> str:
        """What is left to be told of these words: nothing."""
        if words:
            await self._outlet.said(words)
        return ""

    def _chunk_bytes(self) -> int:
        first, others = self._manner.chunk_bytes
        return others if self._chunks else first

    async def _send(self, pcm: bytes) -> None:
        await self._playback.admit(len(pcm))
        self._chunks += 1
        await self._outlet.sound(pcm)


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces that are not too long, cut behind a space where there is one; nothing of an empty one."""
    while len(text) > LONGEST:
        at = text.rfind(" ", 1, LONGEST) + 1 or LONGEST
        yield text[:at]
        text = text[at:]
    if text:
        yield text


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

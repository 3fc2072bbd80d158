"""The ears of the embedded live model: the caller's sound to words, in worker processes.

pocketsphinx hears, in English only, unless a directory with a better model is named: see `engines.py`.

An utterance is streamed while the caller talks, so that little is left to do when they stop:

    async with ears.utterance(caller="a") as utterance:
        utterance.feed(pcm)                   # as often as sound comes
        text = await utterance.finish()

A worker hears one utterance at a time; while all are busy, further utterances wait in line with their sound kept. What
cannot be recognised is the empty text, never an error: a call goes on with a question.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from vivavoce.audio.pcm import CALLER_HZ
from vivavoce.errors import AudioShapeError
from vivavoce.local.ears.engines import POCKETSPHINX, Engine, engine_in
from vivavoce.local.ears.listener import Lesson, Listener
from vivavoce.local.ears.pronounce import pronounce
from vivavoce.local.ears.vocabulary import vocabulary

log = logging.getLogger(__name__)

LONGEST_S = 120
"""Sound of one utterance past that is left aside, so that nobody fills the memory."""
IDLE_S = 20.0
"""An utterance that neither gets sound nor ends for so long has been forgotten, and its worker is freed."""
MOST_CALLERS = 256
"""Voices remembered; the one unheard for longest is forgotten."""


class Ears:
    """Recognisers for any number of callers. Make them with `await Ears.start(words)`; they belong to one event loop.

    Attributes:
        failures: utterances that came out empty because a worker ended or hung.
        missing: words of the agent file that cannot be heard, for want of a pronunciation.
    """

    def __init__(self, engine: Engine, callers: int) -> None:
        """Use `start`."""
        self.failures = 0
        self.missing: tuple[str, ...] = ()
        self._of = engine
        self._listeners = [Listener(engine) for _ in range(max(1, -(-callers // engine.callers)))]
        self._free: list[Listener] = []
        self._waiting: deque[Utterance] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._means: OrderedDict[str, str] = OrderedDict()

    @classmethod
    async def start(
        cls,
        words: Iterable[str] = (),
        *,
        callers: int = POCKETSPHINX.callers,
        model_dir: str | Path | None = None,
    ) -> Ears:
        """Ears for so many callers at a time, helped by these words.

        Args:
            words: words, names or sentences of the agent file: what the caller is asked and may answer.
            callers: one worker (of pocketsphinx about 130 MB) is started for every two, or for every eight where
                it gets whole utterances and holds a model of its own.
            model_dir: a directory with a model of faster-whisper, sherpa-onnx, vosk or moonshine; None for
                pocketsphinx, which also hears when the other does not start. `engine` says who hears.

        Raises:
            InputError: `model_dir` is no directory (a name would mean a download), or its files are of no known model.
            MissingError: the package that reads the model is not installed.
        """
        chosen = [] if model_dir is None else [await asyncio.to_thread(engine_in, model_dir)]
        lesson = Lesson(*vocabulary(words))
        for engine in [*chosen, POCKETSPHINX]:
            ears = cls(engine, callers)
            await ears._teach(lesson)
            if ears._free:
                return ears
            log.warning("no recogniser of %s is to be had", engine.name)
        log.warning("callers have to type")
        return ears

    async def _teach(self, lesson: Lesson) -> None:
        await asyncio.gather(*(listener.start(lesson) for listener in self._listeners))
        spoken = await pronounce(self._listeners[0].missing)
        if spoken:
            lesson = lesson.with_sounds(spoken)
            await asyncio.gather(*(listener.start(lesson) for listener in self._listeners))
        self.missing = self._listeners[0].missing
        self._free = [listener for listener in self._listeners if listener.alive]

    @property
    def engine(self) -> str:
        """ "pocketsphinx", "faster-whisper" …, or "none" when nothing hears and callers have to type."""
        return self._of.name if any(listener.alive for listener in self._listeners) else "none"

    @property
    def along(self) -> bool:
        """Utterances are decoded while the caller talks, not when they are whole."""
        return self._of.along

    def utterance(self, caller: str = "") -> Utterance:
        """A new utterance.

        Args:
            caller: whose it is; the same name lets the recogniser keep what it knows of this voice and microphone.
        """
        return Utterance(self, caller)

    async def recognise(self, pcm16k: bytes, caller: str = "") -> str:
        """Text of a whole utterance, PCM16 LE mono 16 kHz; empty when nothing could be made of it.

        A recogniser that ended or hung costs time, not words: the sound is here, and another one hears it once more.

        Raises:
            AudioShapeError: half a sample is left over.
        """
        text = ""
        for _ in range(2):
            async with self.utterance(caller) as utterance:
                utterance.feed(pcm16k)
                text = await utterance.finish()
            if not utterance.lost or self.engine == "none":
                break
        return text

    async def close(self) -> None:
        """End the workers. Utterances still open come out empty."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for listener in self._listeners:
            await listener.close()
        self._free.clear()
        self._give_up()

    def _enter(self, utterance: Utterance) -> None:
        """An utterance has sound: hear it, now or in its turn."""
        self._waiting.append(utterance)
        self._dispatch()

    def _dispatch(self) -> None:
        while self._waiting and self._free:
            utterance, listener = self._waiting.popleft(), self._free.pop()
            listener.begin(self._means.get(utterance.caller, ""))
            utterance._attach(listener)
            if utterance.finished:
                self._answer(utterance, listener)
        if self.engine == "none":
            self._give_up()

    def _give_up(self) -> None:
        while self._waiting:
            self._waiting.popleft()._resolve("")

    def _leave(self, utterance: Utterance, listener: Listener | None) -> None:
        """An utterance was cancelled before its end."""
        if listener is not None:
            listener.cancel()
            self._free.append(listener)
            self._dispatch()
        elif utterance in self._waiting:
            self._waiting.remove(utterance)

    def _answer(self, utterance: Utterance, listener: Listener) -> None:
        """All sound has been given: wait for the text, then hear somebody else."""
        task = asyncio.create_task(self._answered(utterance, listener))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: utterance._resolve(""))  # cancelled before its first step it resolves nothing

    async def _answered(self, utterance: Utterance, listener: Listener) -> None:
        answer = await listener.finish(utterance.seconds)
        if answer is not None:
            self._remember(utterance.caller, answer.mean)
            utterance._resolve(answer.text)
        elif listener.alive:
            self.failures += 1
            utterance.lost = True
            log.warning("a recogniser ended or hung; %d failures so far", self.failures)
            utterance._resolve("")
            await listener.restart()
        if listener.alive:
            self._free.append(listener)
        self._dispatch()

    def _remember(self, caller: str, mean: str) -> None:
        if not caller or not mean:
            return
        self._means[caller] = mean
        self._means.move_to_end(caller)
        if len(self._means) > MOST_CALLERS:
            self._means.popitem(last=False)


class Utterance:
    """What one caller says, from the first sound to the last. Leaving the block without `finish` cancels it."""

    def __init__(self, ears: Ears, caller: str) -> None:
        """Use `Ears.utterance`."""
        self.caller = caller
        self.finished = False
        self.lost = False
        """It has no text because a recogniser ended or hung."""
        self._ears = ears
        self._listener: Listener | None = None
        self._backlog = bytearray()
        self._bytes = 0
        self._text: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._watch: asyncio.TimerHandle | None = None
        self._fed_at = 0.0

    @property
    def seconds(self) -> float:
        """Sound so far."""
        return self._bytes / 2 / CALLER_HZ

    def feed(self, pcm: bytes) -> None:
        """Take in sound, PCM16 LE mono 16 kHz, of any length. Never waits; after the end it does nothing.

        Raises:
            AudioShapeError: half a sample is left over.
        """
        if len(pcm) % 2:
            raise AudioShapeError(f"want an even number of bytes of PCM16, got {len(pcm)}")
        if self.finished or self._text.done() or not pcm or self.seconds >= LONGEST_S:
            return
        first = self._bytes == 0
        pcm = pcm[: LONGEST_S * CALLER_HZ * 2 - self._bytes]
        self._bytes += len(pcm)
        self._fed_at = asyncio.get_running_loop().time()
        if self._listener is not None:
            self._listener.hear(pcm)
        else:
            self._backlog += pcm
        if first:
            self._guard()
            if self._ears.along:
                self._ears._enter(self)

    async def finish(self) -> str:
        """No more sound comes: the text, as the engine writes it. Cancelling this cancels the utterance."""
        if self._bytes == 0:
            self._resolve("")
        elif not self.finished:
            self.finished = True
            if not self._ears.along:
                self._ears._enter(self)
            elif self._listener is not None:
                self._ears._answer(self, self._listener)
        try:
            return await asyncio.shield(self._text)
        finally:
            self.cancel()

    def cancel(self) -> None:
        """Forget the utterance; whoever waits for its text gets an empty one. After the end it does nothing."""
        if self._text.done():
            return
        if not self.finished:
            self._ears._leave(self, self._listener)
        elif self._listener is None:
            self._ears._leave(self, None)
        self.finished = True
        self._resolve("")

    async def __aenter__(self) -> Utterance:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()

    def _attach(self, listener: Listener) -> None:
        self._listener = listener
        listener.hear(bytes(self._backlog))
        self._backlog.clear()

    def _resolve(self, text: str) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if not self._text.done():
            self._text.set_result(text)

    def _guard(self) -> None:
        loop = asyncio.get_running_loop()
        left_s = self._fed_at + IDLE_S - loop.time()
        if self.finished:
            return
        if left_s <= 0:
            self.cancel()
        else:
            self._watch = loop.call_later(left_s, self._guard)

"""One recogniser in a worker process, taught and kept alive."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace

import msgspec

from vivavoce.local.ears.engines import POCKETSPHINX, Engine
from vivavoce.local.worker import Worker, WorkerGone

log = logging.getLogger(__name__)

MOST_FAILED_STARTS = 3
"""Then it is given up: what does not start three times is not installed, or the machine has no room."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a recogniser is taught: a language model as ARPA text, the agent's words, and sounds for unknown ones."""

    arpa: str
    words: list[str]
    spoken: dict[str, str] = field(default_factory=dict)

    def with_sounds(self, spoken: dict[str, str]) -> Lesson:
        """The same lesson with these pronunciations."""
        return replace(self, spoken=spoken)


class Answer(msgspec.Struct, frozen=True):
    """Text of an utterance and the caller's cepstral mean: what voice and microphone do to the sound."""

    text: str
    mean: str


class _Learnt(msgspec.Struct, frozen=True):
    missing: list[str]


class Listener:
    """Hears one utterance at a time: `begin`, `hear` as often as wanted, then `finish` or `cancel`.

    Attributes:
        missing: words of the lesson it cannot hear, for want of a pronunciation.
        alive: it runs or may be started again; False once it is given up.
    """

    def __init__(self, engine: Engine = POCKETSPHINX) -> None:
        self._engine = engine
        self._worker = Worker(engine.program, engine.arguments)
        self._lesson = Lesson("", [])
        self.missing: tuple[str, ...] = ()
        self.alive = True

    async def start(self, lesson: Lesson) -> None:
        """Start it, or teach it anew. Whether that went well is in `alive`."""
        self._lesson = lesson
        if not self.alive:
            return
        try:
            await self._start()
        except (WorkerGone, msgspec.MsgspecError) as error:
            log.info("a recogniser (%s) did not start: %s", self._engine.name, error)
            await self._worker.kill()
            self.alive = False

    async def restart(self) -> None:
        """Start it again after it ended or hung. Whether that went well is in `alive`."""
        for _ in range(MOST_FAILED_STARTS):
            try:
                await self._start()
            except (WorkerGone, msgspec.MsgspecError) as error:
                log.warning("a recogniser did not start again: %s", error)
                await self._worker.kill()
            else:
                return
        self.alive = False

    def begin(self, mean: str) -> None:
        """An utterance begins; `mean` is of an earlier answer for the same caller, or empty."""
        self._worker.send(b"B", mean.encode())

    def hear(self, pcm: bytes) -> None:
        """Its sound goes on: PCM16 LE mono 16 kHz."""
        self._worker.send(b"P", pcm)

    def cancel(self) -> None:
        """The utterance is forgotten."""
        self._worker.send(b"C")

    async def finish(self, seconds: float) -> Answer | None:
        """The answer for so much sound; None when the worker ended or hung. It is dead then: see `restart`."""
        self._worker.send(b"F")
        try:
            _, payload = await self._worker.receive(
                self._engine.finish_within_s + self._engine.finish_within_per_s * seconds
            )
            return msgspec.json.decode(payload, type=Answer)
        except (WorkerGone, msgspec.MsgspecError):
            await self._worker.kill()
            return None

    async def close(self) -> None:
        """End it for good."""
        self.alive = False
        await self._worker.kill()

    async def _start(self) -> None:
        if not self._worker.running:
            await self._worker.start(self._engine.start_within_s)
        self._worker.send(b"L", msgspec.json.encode(self._lesson))
        _, payload = await self._worker.receive(self._engine.start_within_s)
        self.missing = tuple(msgspec.json.decode(payload, type=_Learnt).missing)

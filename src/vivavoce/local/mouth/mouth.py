"""The mouth of the embedded live model: text to 24 kHz sound, much faster than it is heard.

A text is made sentence by sentence and handed out in chunks; a sentence is made when the one before has been taken, so
closing the iterator stops the work too. Any number of speakers share one synthesiser: a sentence takes eSpeak NG 4 ms.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import numpy as np

from vivavoce.audio.levels import rms
from vivavoce.audio.pcm import AGENT_HZ, Pcm16, to_bytes
from vivavoce.audio.resample import resample
from vivavoce.errors import MissingError
from vivavoce.local.mouth.engines import engine_in
from vivavoce.local.mouth.sayable import pieces, sayable
from vivavoce.local.mouth.synthesisers import (
    EspeakCommand,
    EspeakWorker,
    FliteCommand,
    Silence,
    Synthesiser,
    SynthesisFailed,
)
from vivavoce.local.mouth.voices import Timbre, timbre

log = logging.getLogger(__name__)

CHUNK_SAMPLES = AGENT_HZ * 120 // 1000
LEVEL = 0.1
"""RMS of full scale, -20 dBFS, of the parts where there is voice: eSpeak NG's voices differ by 6 dB otherwise."""
PEAK = 0.9
"""Never louder than that, whatever the level: headroom for the coders on the way."""
MOST_GAIN = 8.0
BLOCK_SAMPLES = AGENT_HZ // 50
QUIET = 0.01
"""Blocks of 20 ms below that are pauses and do not count for the level."""


class Mouth:
    """A voice for every name. Make one with `await Mouth.start()`; it belongs to one event loop.

    Attributes:
        failures: sentences that came out as silence because the engine failed twice.
    """

    def __init__(self, synthesisers: Sequence[Synthesiser]) -> None:
        """Use `start`. Synthesisers are tried in this order; `Silence` always stands behind them."""
        self._choices = [*synthesisers, Silence()]
        self._engine: Synthesiser = self._choices[-1]
        self._lock = asyncio.Lock()
        self._making: set[asyncio.Task[Pcm16]] = set()
        self.failures = 0

    @classmethod
    async def start(
        cls, synthesisers: Sequence[Synthesiser] | None = None, *, model_dir: str | Path | None = None
    ) -> Mouth:
        """A mouth with the first synthesiser that is to be had.

        Args:
            synthesisers: None for the usual order: Piper if `model_dir` is given, eSpeak NG's library, its command,
                flite.
            model_dir: a directory with voices of Piper.

        Raises:
            InputError: `model_dir` is no directory (a name would mean a download), or holds no voice of Piper.
            MissingError: Piper is not installed.
        """
        chosen = [] if model_dir is None else [await asyncio.to_thread(engine_in, model_dir)]
        usual: list[Synthesiser] = [*chosen, EspeakWorker(), EspeakCommand(), FliteCommand()]
        mouth = cls(usual if synthesisers is None else synthesisers)
        await mouth._next_engine()
        return mouth

    @property
    def engine(self) -> str:
        """What speaks now; "none" when nothing does."""
        return self._engine.name

    async def speak(self, text: str, voice: str, language: str = "en") -> AsyncGenerator[bytes, None]:
        """The text as PCM16 LE mono 24 kHz, in chunks of 120 ms; the last of a sentence may be shorter.

        Never raises: a sentence that cannot be made comes as silence of its length. Close the iterator to interrupt.

        Args:
            text: any text; markup is dropped, not interpreted.
            voice: a name as in the agent file, or a prebuilt name of the live service.
            language: a BCP 47 tag; a language the engine does not have is spoken as English.
        """
        sound_of = timbre(voice)
        for piece in pieces(sayable(text)):
            sound = await self._made(piece, sound_of, language)
            for at in range(0, len(sound), CHUNK_SAMPLES):
                yield to_bytes(sound[at : at + CHUNK_SAMPLES])

    async def close(self) -> None:
        """End the synthesiser. Texts still being spoken go on as silence."""
        async with self._lock:
            await self._engine.close()
            self._choices = [Silence()]
            self._engine = self._choices[0]

    async def _made(self, text: str, voice: Timbre, language: str) -> Pcm16:
        # shielded: a sentence cut in its making would leave half an answer in the worker's pipe for the next speaker
        task = asyncio.create_task(self._make(text, voice, language))
        self._making.add(task)
        task.add_done_callback(self._making.discard)
        return await asyncio.shield(task)

    async def _make(self, text: str, voice: Timbre, language: str) -> Pcm16:
        async with self._lock:
            for _ in range(2):
                try:
                    pcm, rate_hz = await self._engine.synthesise(text, voice, language)
                    return level(resample(pcm, rate_hz, AGENT_HZ))
                except SynthesisFailed as error:
                    log.warning("%s failed: %s", self._engine.name, error)
                    await self._restart()
            self.failures += 1
            pcm, _ = await Silence().synthesise(text, voice, language)
            return pcm

    async def _restart(self) -> None:
        """The same engine again; when it does not come up, the next one."""
        try:
            await self._engine.close()
            await self._engine.start()
        except MissingError:
            self._choices.remove(self._engine)
            await self._next_engine()

    async def _next_engine(self) -> None:
        for choice in list(self._choices):
            try:
                await choice.start()
            except MissingError as error:
                log.info("not used as a voice: %s", error)
                self._choices.remove(choice)
            else:
                self._engine = choice
                return


def level(pcm: Pcm16) -> Pcm16:
    """The same sound with its voiced parts at `LEVEL` and no sample over `PEAK` of full scale."""
    blocks = [pcm[at : at + BLOCK_SAMPLES] for at in range(0, len(pcm), BLOCK_SAMPLES)]
    voiced = [block for block in blocks if rms(block) >= QUIET]
    if not voiced:
        return pcm
    loudest = float(np.abs(pcm.astype(np.int32)).max()) / 32_768
    gain = min(LEVEL / rms(np.concatenate(voiced)), PEAK / loudest, MOST_GAIN)
    louder: Pcm16 = np.rint(pcm * gain).astype(np.int16)
    return louder

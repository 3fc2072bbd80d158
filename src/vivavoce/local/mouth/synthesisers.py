"""Programs that turn text into sound, best first; each is a process or several, none is loaded into the server.

All of them: `start` finds out whether it is there, `synthesise` makes one piece whole (4 ms a sentence with the
worker, 20 to 100 ms with a program per sentence), `close` ends what runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import shutil
import tempfile
import wave
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np

from vivavoce.audio.pcm import AGENT_HZ, Pcm16, from_bytes
from vivavoce.errors import MissingError, VivaError
from vivavoce.local.mouth.voices import Timbre, espeak_voices
from vivavoce.local.starting import started
from vivavoce.local.worker import PROGRAMS, Worker, WorkerGone

WITHIN_S = 5.0
"""A piece takes 4 to 100 ms; on a machine that is busy with everything else ten times that. Then it hangs."""
CHARS_PER_S = 15.0
"""English speech at about 170 words a minute: how long the silence is that stands for a text."""


class SynthesisFailed(VivaError):
    """This piece could not be made; another one may."""


class Synthesiser(Protocol):
    """Makes sound of text."""

    name: str

    async def start(self) -> None:
        """Be ready. Raises MissingError when this engine is not to be had here."""

    async def synthesise(self, text: str, voice: Timbre, language: str) -> tuple[Pcm16, int]:
        """The whole sound and its sample rate. Raises SynthesisFailed. Not to be cancelled: see `Mouth`."""

    async def close(self) -> None:
        """End what runs."""


class _Rate(msgspec.Struct, frozen=True):
    rate_hz: int


class _End(msgspec.Struct, frozen=True):
    error: str = ""
    rate_hz: int = 0


async def ask(worker: Worker, order: dict[str, object], *, within_s: float) -> tuple[Pcm16, int]:
    """What a worker makes of an order: its sound, and the sample rate if it says one at the end, else 0.

    Raises:
        SynthesisFailed: it refused, ended, or took longer than `within_s` for one piece of sound.
    """
    sound = bytearray()
    try:
        worker.send(b"S", msgspec.json.encode(order))
        while True:
            kind, payload = await worker.receive(within_s)
            if kind == b"E":
                break
            sound += payload
        end = msgspec.json.decode(payload, type=_End)
    except (WorkerGone, msgspec.MsgspecError) as gone:
        raise SynthesisFailed("the worker ended") from gone
    if end.error:
        raise SynthesisFailed(f"the worker refused a text: {end.error}")
    return from_bytes(bytes(sound)), end.rate_hz


class EspeakWorker:
    """eSpeak NG's library in a worker process. One engine per library, so one text at a time."""

    name = "espeak-ng worker"

    def __init__(self) -> None:
        self._worker = Worker(PROGRAMS / "espeak.py")
        self._rate_hz = 0

    async def start(self) -> None:
        try:
            self._rate_hz = msgspec.json.decode(await self._worker.start(), type=_Rate).rate_hz
        except (WorkerGone, msgspec.MsgspecError) as error:
            raise MissingError(
                "eSpeak NG's library did not start", remedy="Install the extra `vivavoce[local]`."
            ) from error

    async def synthesise(self, text: str, voice: Timbre, language: str) -> tuple[Pcm16, int]:
        order = {
            "text": text,
            "voices": espeak_voices(voice.variant, language),
            "rate": voice.rate,
            "pitch": voice.pitch,
            "range": voice.spread,
        }
        try:
            if not self._worker.running:
                self._rate_hz = msgspec.json.decode(await self._worker.start(), type=_Rate).rate_hz
        except (WorkerGone, msgspec.MsgspecError) as gone:
            raise SynthesisFailed("the worker of eSpeak NG ended") from gone
        sound, _ = await ask(self._worker, order, within_s=WITHIN_S)
        return sound, self._rate_hz

    async def close(self) -> None:
        await self._worker.kill()


class EspeakCommand:
    """The program `espeak-ng`, once per piece."""

    name = "espeak-ng command"

    async def start(self) -> None:
        if shutil.which("espeak-ng") is None:
            raise MissingError("there is no program espeak-ng", remedy="Install the package espeak-ng.")

    async def synthesise(self, text: str, voice: Timbre, language: str) -> tuple[Pcm16, int]:
        settings = ["-s", str(voice.rate), "-p", str(voice.pitch)]  # -P (pitch range) came with 1.52
        for name in espeak_voices(voice.variant, language):
            with contextlib.suppress(SynthesisFailed):
                return _of_wav(await _run(["espeak-ng", "-v", name, *settings, "--stdin", "--stdout"], text))
        raise SynthesisFailed("espeak-ng knows none of the voices")

    async def close(self) -> None:
        """Nothing runs between pieces."""


class FliteCommand:
    """The program `flite`, once per piece; English only."""

    name = "flite command"

    async def start(self) -> None:
        if shutil.which("flite") is None:
            raise MissingError("there is no program flite", remedy="Install the package flite.")

    async def synthesise(self, text: str, voice: Timbre, language: str) -> tuple[Pcm16, int]:
        stretch = f"duration_stretch={170 / max(voice.rate, 1):.2f}"
        with tempfile.TemporaryDirectory(prefix="vivavoce-") as folder:
            into = Path(folder) / "sound.wav"
            await _run(["flite", "-voice", voice.flite, "--setf", stretch, "-t", text, "-o", str(into)], "")
            try:
                return _of_wav(await asyncio.to_thread(into.read_bytes))
            except OSError as error:
                raise SynthesisFailed("flite wrote no sound") from error

    async def close(self) -> None:
        """Nothing runs between pieces."""


class Silence:
    """No voice at all: silence as long as the text would be, so that a call keeps its pace and captions carry it."""

    name = "none"

    async def start(self) -> None:
        """Always there."""

    async def synthesise(self, text: str, voice: Timbre, language: str) -> tuple[Pcm16, int]:
        return np.zeros(round(len(text) / CHARS_PER_S * AGENT_HZ), np.int16), AGENT_HZ

    async def close(self) -> None:
        """Nothing runs."""


async def _run(command: list[str], text: str) -> bytes:
    """Run a program to its end and return what it wrote. Raises SynthesisFailed."""
    process = await started(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(WITHIN_S):
            out, _ = await process.communicate(text.encode("utf-8", "replace"))
    except TimeoutError:
        raise SynthesisFailed(f"want {command[0]} to end within {WITHIN_S:g} s, it did not") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise SynthesisFailed(f"want {command[0]} to end with 0, got {process.returncode}")
    return out


def _of_wav(data: bytes) -> tuple[Pcm16, int]:
    """Samples and rate of a WAV file; the length in its header may be wrong, as programs that write to a pipe leave
    it."""
    try:
        with wave.open(io.BytesIO(data)) as sound:
            if sound.getsampwidth() != 2 or sound.getnchannels() != 1:
                raise SynthesisFailed(f"want 16 bits mono, got {8 * sound.getsampwidth()} bits")
            frames = sound.readframes(sound.getnframes())
            return from_bytes(frames[: len(frames) // 2 * 2]), sound.getframerate()
    except (wave.Error, EOFError) as error:
        raise SynthesisFailed("want a WAV file, got something else") from error

"""The voice of a guest: flite as a program, because its sound is one that offline recognisers understand.

Each line is one short run of the program (a few hundredths of a second); text goes in and sound comes out through files
of a directory that is removed at once.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from pathlib import Path
from typing import Protocol

import numpy as np

from vivavoce.audio.levels import rms
from vivavoce.audio.pcm import CALLER_HZ, Pcm16
from vivavoce.audio.resample import resample
from vivavoce.errors import InputError, MissingError
from vivavoce.guests.guest import VOICES
from vivavoce.guests.wav import read_wav
from vivavoce.local.starting import started

LEVEL = 0.08
"""RMS of speech at the microphone, 0..1: a person a hand's breadth from a headset reads 0.06 to 0.1, well over the
gates' 0.03."""

TIMEOUT_S = 20.0
MAX_LINE_CHARS = 600


class Voice(Protocol):
    """Turns a line into sound at 16 kHz."""

    async def speak(self, text: str) -> Pcm16: ...


def available() -> str | None:
    """Name of the synthetic voice that guests would speak with, or None when there is none on this machine."""
    return "flite" if shutil.which("flite") else None


class FliteVoice:
    """A voice of the flite program. Lines are remembered: a guest says "hello?" in the same way each time."""

    def __init__(self, name: str = "slt") -> None:
        """Raises: InputError for an unknown voice, MissingError where flite is not installed."""
        program = shutil.which("flite")
        if name not in VOICES:
            raise InputError(f"want one of the voices {', '.join(VOICES)}, got {name[:40]!r}")
        if program is None:
            raise MissingError("want flite, got no program of that name", remedy="Install it: apt-get install flite")
        self.name = name
        self._program = program
        self._made: dict[str, Pcm16] = {}

    async def speak(self, text: str) -> Pcm16:
        """Sound of a line at 16 kHz, shape (n,), at the level of a person speaking; empty when there is nothing to say.

        Raises:
            MissingError: the program failed or did not end in time.
        """
        line = plain(text)
        if not line:
            return np.zeros(0, np.int16)
        if line not in self._made:
            with tempfile.TemporaryDirectory(prefix="guest-") as folder:
                self._made[line] = await self._synthesise(line, Path(folder))
        return self._made[line]

    async def _synthesise(self, line: str, folder: Path) -> Pcm16:
        said, sound = folder / "line.txt", folder / "line.wav"
        said.write_text(line, encoding="ascii")
        process = await started(
            self._program, "-voice", self.name, "-f", str(said), "-o", str(sound),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(TIMEOUT_S):
                code = await process.wait()
        except TimeoutError:
            raise MissingError(f"want flite to end within {TIMEOUT_S:.0f} s, got none", remedy=_REMEDY) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if code != 0 or not sound.exists():
            raise MissingError(f"want sound from flite, got exit code {code}", remedy=_REMEDY)
        pcm, rate_hz = read_wav(sound.read_bytes())
        return at_level(resample(pcm, rate_hz, CALLER_HZ), LEVEL)


_REMEDY = "Try it by hand: flite -voice slt -t hello -o hello.wav"


def plain(text: str) -> str:
    """The words and the punctuation that flite speaks; everything else (markup, control characters) becomes a space."""
    return " ".join(re.sub(r"[^A-Za-z0-9.,?!'$%-]+", " ", text.replace("’", "'")).split())[:MAX_LINE_CHARS]


def at_level(pcm: Pcm16, level: float) -> Pcm16:
    """The sound scaled to an RMS of `level`, counted where it is not silent; peaks are clipped at full scale."""
    loud = pcm[np.abs(pcm.astype(np.int32)) > 64]  # -54 dBFS: pauses between words do not make the rest louder
    now = rms(loud)
    if now == 0.0:
        return pcm
    return np.rint(pcm.astype(np.float64) * (level / now)).clip(-32_768, 32_767).astype(np.int16)

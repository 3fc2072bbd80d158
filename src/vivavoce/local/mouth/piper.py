"""Piper's voices in a worker process: natural speech from a directory of `NAME.onnx` with `NAME.onnx.json` beside it.

Every name gets one of the speakers there are, always the same; the name of a voice file, such as `en_US-joe-medium`, is
that voice. A voice of one speaker serves all names, told apart by their pace alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from vivavoce.audio.pcm import Pcm16
from vivavoce.errors import InputError, MissingError
from vivavoce.local.mouth.synthesisers import SynthesisFailed, ask
from vivavoce.local.mouth.voices import Timbre, plain_name
from vivavoce.local.worker import PROGRAMS, Worker, WorkerGone

START_WITHIN_S = 60.0
WITHIN_S = 30.0
"""A sentence takes a medium voice about a fifth of its length; another voice of the directory may have to load first.
"""
USUAL_RATE = 170
"""Words a minute at which a voice speaks at its own pace."""
PACE = (0.75, 1.35)
"""Stretched further a voice sounds broken."""


class _Language(msgspec.Struct, frozen=True):
    code: str = ""


class _Espeak(msgspec.Struct, frozen=True):
    voice: str = ""


class _Settings(msgspec.Struct, frozen=True):
    """What we read of a voice's settings file."""

    phoneme_id_map: dict[str, list[int]]
    """Not used here; a file without it is no voice of Piper."""
    num_speakers: int = 1
    speaker_id_map: dict[str, int] = {}
    language: _Language = _Language()
    espeak: _Espeak = _Espeak()


@dataclass(frozen=True, slots=True)
class Speaker:
    """One voice to speak with.

    Attributes:
        model: its file.
        name: as `plain_name` writes it, "en-us-joe-medium", with the speaker's own name where there are several.
        language: the primary tag, "en".
        number: of the speaker in the file; None where there is one.
    """

    model: Path
    name: str
    language: str
    number: int | None = None


def read_speakers(directory: Path) -> list[Speaker]:
    """All speakers of a directory, by name.

    Raises:
        InputError: there is none, or a settings file does not hold.
    """
    found = [speaker for model in sorted(directory.glob("*.onnx")) for speaker in _speakers_of(model)]
    if not found:
        raise InputError(f"want a directory with NAME.onnx and NAME.onnx.json, got {directory.name!r} without a pair")
    return found


def choose(speakers: Sequence[Speaker], voice: Timbre, language: str) -> Speaker:
    """The speaker for a voice: the one of that name, else always the same of those with the language, or of all."""
    for speaker in speakers:
        if speaker.name == voice.name:
            return speaker
    primary = language.replace("_", "-").partition("-")[0].lower()
    fitting = [speaker for speaker in speakers if speaker.language == primary] or list(speakers)
    return fitting[zlib.crc32(f"{voice.variant} {voice.pitch} {voice.flite}".encode()) % len(fitting)]


class PiperWorker:
    """Piper in a worker process; one text at a time."""

    name = "piper"

    def __init__(self, speakers: Sequence[Speaker]) -> None:
        self._speakers = list(speakers)
        # the first voice is loaded at the start: what does not hold is told then
        self._worker = Worker(PROGRAMS / "synthesiser.py", (str(self._speakers[0].model),))

    async def start(self) -> None:
        try:
            await self._worker.start(START_WITHIN_S)
        except WorkerGone as error:
            raise MissingError(f"Piper did not start: {error}", remedy="Check the voices' directory.") from error

    async def synthesise(self, text: str, voice: Timbre, language: str) -> tuple[Pcm16, int]:
        speaker = choose(self._speakers, voice, language)
        order: dict[str, object] = {
            "text": text,
            "model": str(speaker.model),
            "speaker": speaker.number,
            "slower": _slower(speaker, voice),
        }
        if not self._worker.running:
            raise SynthesisFailed("the worker of Piper ended")
        return await ask(self._worker, order, within_s=WITHIN_S)

    async def close(self) -> None:
        await self._worker.kill()


def _slower(speaker: Speaker, voice: Timbre) -> float:
    """The factor on the speaker's own pace; who was asked for by name keeps it."""
    if speaker.name == voice.name:
        return 1.0
    return min(max(USUAL_RATE / max(voice.rate, 1), PACE[0]), PACE[1])


def _speakers_of(model: Path) -> list[Speaker]:
    try:
        settings = msgspec.json.decode(model.with_name(model.name + ".json").read_bytes(), type=_Settings)
    except FileNotFoundError:
        return []
    except (OSError, msgspec.MsgspecError) as error:
        raise InputError(f"want the settings of a Piper voice in {model.name}.json, got something else") from error
    tag = settings.language.code or settings.espeak.voice or model.stem
    language = tag.replace("_", "-").partition("-")[0].lower()
    name = plain_name(model.stem)
    if settings.num_speakers < 2:
        return [Speaker(model, name, language)]
    names = {number: plain_name(f"{name} {own}") for own, number in settings.speaker_id_map.items()}
    return [Speaker(model, names.get(n, f"{name}-{n}"), language, n) for n in range(settings.num_speakers)]

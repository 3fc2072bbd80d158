"""A recording as a stereo file of a common kind: WAV, and FLAC and Opus where libsndfile is. What is here blocks."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from vivavoce.audio.pcm import AGENT_HZ
from vivavoce.audio.timeline import render_blocks
from vivavoce.errors import MissingError, StoreError
from vivavoce.store.recordings import export_wav, open_recording

SoundKind = Literal["wav", "flac", "opus"]
MEDIA_TYPES: dict[SoundKind, str] = {"wav": "audio/wav", "flac": "audio/flac", "opus": "audio/ogg"}
_REMEDY = "Install vivavoce[audio], or ask for WAV."


def has_encoders() -> bool:
    """Whether FLAC and Opus can be made here."""
    try:
        _soundfile()
    except MissingError:
        return False
    return True


def export_sound(folder: Path | str, call_id: str, path: Path, kind: SoundKind) -> None:
    """Write a recording as a stereo file: caller left, agent right, 24 kHz, with the true gaps (O1). It appears under
    its name when it is whole; of several who write it at once, the last one's stays. Ten seconds are held in memory.

    Raises:
        MissingError: this kind needs what is not installed.
        StoreError: there is no recording of this call, or a file cannot be read or written.
        InputError: the id could not be part of a file name.
    """
    write = _write_wav if kind == "wav" else _encoder(kind)
    part = path.with_name(f".{secrets.token_hex(4)}.{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(folder, call_id, part)
        part.replace(path)
    except OSError as error:
        raise StoreError(f"the recording of call {call_id} cannot be exported: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _write_wav(folder: Path | str, call_id: str, path: Path) -> None:
    export_wav(folder, call_id, path)


def _encoder(kind: SoundKind) -> Callable[[Path | str, str, Path], None]:
    soundfile = _soundfile()
    form = {"format": "FLAC", "subtype": "PCM_16"} if kind == "flac" else {"format": "OGG", "subtype": "OPUS"}

    def write(folder: Path | str, call_id: str, path: Path) -> None:
        try:
            with (
                open_recording(folder, call_id) as (segments, read),
                soundfile.SoundFile(path, "w", samplerate=AGENT_HZ, channels=2, **form) as out,
            ):
                for block in render_blocks(segments, read, AGENT_HZ):
                    out.write(block)
        except soundfile.LibsndfileError:
            raise StoreError(f"the recording of call {call_id} cannot be written as {kind}") from None

    return write


def _soundfile() -> Any:
    """
    Raises:
        MissingError: it is not installed, or finds no libsndfile.
    """
    try:
        import soundfile  # numpy and a C library: for those who ask for it
    except (ImportError, OSError):
        raise MissingError("FLAC and Opus need the package soundfile", remedy=_REMEDY) from None
    return soundfile

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

from vivavoce.audio.levels import rms
from vivavoce.errors import InputError, MissingError
from vivavoce.guests import voice as voices
from vivavoce.guests.guest import VOICES
from vivavoce.guests.voice import FliteVoice, at_level, available, plain

needs_flite = pytest.mark.skipif(available() is None, reason="flite is not installed")


def empty(folder: Path) -> bool:
    return not any(folder.iterdir())


def ended(pid_file: Path) -> bool:
    try:
        os.kill(int(pid_file.read_text()), 0)
    except ProcessLookupError:
        return True
    return False


@needs_flite
@pytest.mark.parametrize("name", VOICES)
async def test_speaks_at_the_level_of_a_person(name: str) -> None:
    pcm = await FliteVoice(name).speak("about nine out of ten")
    assert pcm.dtype == np.int16
    assert 0.8 < len(pcm) / 16_000 < 4
    assert 0.05 < rms(pcm) < 0.1


@needs_flite
async def test_a_line_is_made_once_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    voice = FliteVoice("kal16")
    assert await voice.speak("hello?") is await voice.speak("hello?")
    assert empty(tmp_path)


@needs_flite
@pytest.mark.parametrize("text", ["-voice nobody", "; rm -rf /", "$(reboot) `x`", "<speak>hello</speak>", "a\0b\nc"])
async def test_text_is_only_ever_spoken(text: str) -> None:
    assert len(await FliteVoice("kal16").speak(text))


@needs_flite
async def test_nothing_to_say_is_no_sound() -> None:
    assert len(await FliteVoice().speak(" <<>> ")) == 0


async def test_a_program_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/bin/false")
    with pytest.raises(MissingError, match="got exit code 1"):
        await FliteVoice().speak("hello")


async def test_a_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "flite"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    program.chmod(0o700)
    monkeypatch.setattr("shutil.which", lambda name: str(program))
    monkeypatch.setattr(voices, "TIMEOUT_S", 0.2)
    with pytest.raises(MissingError, match="want flite to end within"):
        async with asyncio.timeout(5):
            await FliteVoice().speak("hello")
    assert ended(tmp_path / "pid")


async def test_cancelling_ends_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "flite"
    program.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/tmp; mv {tmp_path}/tmp {tmp_path}/pid\nexec sleep 60\n")
    program.chmod(0o700)
    monkeypatch.setattr("shutil.which", lambda name: str(program))
    task = asyncio.create_task(FliteVoice().speak("hello"))
    async with asyncio.timeout(5):
        while not (tmp_path / "pid").exists():  # noqa: ASYNC110 - a file tells no one
            await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(task, return_exceptions=True)
    assert ended(tmp_path / "pid")


def test_without_flite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert available() is None
    with pytest.raises(MissingError, match="apt-get install flite"):
        FliteVoice()


def test_an_unknown_voice() -> None:
    with pytest.raises(InputError, match="want one of the voices slt"):
        FliteVoice("nobody")


def test_plain() -> None:
    assert plain("  it’s <b>5%</b>\x00\n; ok?  ") == "it's b 5% b ok?"
    assert len(plain("word " * 1_000)) <= voices.MAX_LINE_CHARS


def test_at_level_scales_what_is_not_silent() -> None:
    tone = np.rint(1_000 * np.sin(np.arange(1_600) / 5)).astype(np.int16)
    gap = np.zeros(16_000, np.int16)
    scaled = at_level(np.concatenate([gap, tone, gap]), 0.08)
    assert rms(scaled[16_000:17_600]) == pytest.approx(0.08, rel=0.05)
    assert at_level(gap, 0.08) is gap

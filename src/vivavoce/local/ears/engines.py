"""Which recogniser hears: pocketsphinx, or one for the model in a directory that the user names.

A directory is recognised by its files. Sources: the packages' own loaders, faster-whisper 1.2.1 (`WhisperModel`),
sherpa-onnx 2.0.1 (`OnlineRecognizer`, `OfflineRecognizer`), vosk 0.3.45 (`Model`), moonshine-voice 0.1.5
(`Transcriber`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from vivavoce.errors import InputError
from vivavoce.local.model_dir import Layout, open_directory, recognise
from vivavoce.local.worker import PROGRAMS, START_WITHIN_S

LAYOUTS = (
    Layout(
        "faster-whisper",
        "whisper",
        "faster_whisper",
        # without tokenizer.json the package would ask the network for one
        {"model": ["model.bin"], "config": ["config.json"], "tokenizer": ["tokenizer.json"]},
    ),
    Layout(
        "vosk",
        "vosk",
        "vosk",
        {"acoustic model": ["am/final.mdl", "final.mdl"], "settings": ["conf/model.conf", "mfcc.conf"]},
    ),
    Layout(
        "sherpa-onnx transducer",
        "sherpa",
        "sherpa_onnx",
        {
            "encoder": ["*encoder*.int8.onnx", "*encoder*.onnx"],
            "decoder": ["*decoder*.int8.onnx", "*decoder*.onnx"],
            "joiner": ["*joiner*.int8.onnx", "*joiner*.onnx"],
            "tokens": ["tokens.txt"],
        },
    ),
    Layout(
        "sherpa-onnx whisper",
        "sherpa",
        "sherpa_onnx",
        {
            "encoder": ["*-encoder.int8.onnx", "*-encoder.onnx"],
            "decoder": ["*-decoder.int8.onnx", "*-decoder.onnx"],
            "tokens": ["*-tokens.txt"],
        },
    ),
    Layout(
        "sherpa-onnx moonshine",
        "sherpa",
        "sherpa_onnx",
        {
            "preprocessor": ["preprocess*.onnx"],
            "encoder": ["encode.int8.onnx", "encode*.onnx"],
            "uncached_decoder": ["uncached_decode.int8.onnx", "uncached_decode*.onnx"],
            "cached_decoder": ["cached_decode.int8.onnx", "cached_decode*.onnx"],
            "tokens": ["tokens.txt"],
        },
    ),
    Layout(
        "moonshine",
        "moonshine",
        "moonshine_voice",
        {"encoder": ["encoder_model.ort"], "decoder": ["decoder_model_merged.ort"], "tokenizer": ["tokenizer.bin"]},
    ),
    Layout(
        "moonshine streaming",
        "moonshine",
        "moonshine_voice",
        {
            "encoder": ["encoder.ort"],
            "decoder": ["decoder_kv.ort"],
            "settings": ["streaming_config.json"],
            "tokenizer": ["tokenizer.bin"],
        },
    ),
)
_SIZES = ("tiny", "base", "small", "medium")


@dataclass(frozen=True, slots=True)
class Engine:
    """A recogniser program and how patient to be with it.

    Attributes:
        along: it decodes while the caller talks; otherwise it gets an utterance when it is whole.
        callers: how many callers share one process of it.
        finish_within_s, finish_within_per_s: from the end of an utterance on it has the first, plus the second per
            second of sound; then it hangs.
    """

    name: str
    program: Path
    arguments: tuple[str, ...] = ()
    along: bool = True
    callers: int = 2
    start_within_s: float = START_WITHIN_S
    finish_within_s: float = 10.0
    finish_within_per_s: float = 3.0


POCKETSPHINX = Engine("pocketsphinx", PROGRAMS / "recogniser.py")
"""Decoding takes 0.2 to 0.3 s of a core per second of speech, and two callers seldom talk in the same moment. Usually
it needs 0.1 s plus 0.3 s per second of sound for the end of an utterance. With six times the work the machine can do
that was 6 s for two seconds of sound: who is ended for it costs the others its start, and hears the next no sooner.
"""

_ALONG = frozenset({"vosk", "sherpa-onnx transducer"})


def engine_in(name: str | Path) -> Engine:
    """The engine for the model in a directory.

    Raises:
        InputError: no directory (a bare name is refused: it would mean a download), or files of no known layout.
        MissingError: the package that reads the model is not installed.
    """
    directory = open_directory(name)
    layout, files = recognise(directory, LAYOUTS)
    order: dict[str, str] = {"kind": layout.kind, "directory": str(directory)}
    order |= {part: str(path) for part, path in files.items()}
    if layout.extra == "moonshine":
        order["size"] = _size(directory)
    return Engine(
        layout.kind,
        PROGRAMS / "transcriber.py",
        (json.dumps(order),),
        along=layout.kind in _ALONG,
        callers=2 if layout.kind in _ALONG else 8,  # whole utterances wait in line, and each process holds the model
        start_within_s=120.0,  # a large model from a cold disk
        finish_within_s=30.0,  # whisper takes as long for one second of speech as for thirty
    )


def _size(directory: Path) -> str:
    """Moonshine's files do not say which size of model they are; the names of its directories do."""
    for part in (directory.name, directory.parent.name, directory.parent.parent.name):
        for word in re.split(r"[^a-z]+", part.lower()):
            if word in _SIZES:
                return word
    raise InputError(f"want the model's size ({', '.join(_SIZES)}) in the directory's name, got {directory.name!r}")

# SPDX-License-Identifier: Apache-2.0
"""A recogniser with a model of the user's as a program: sound in on standard input, words out on standard output.

It is a separate program because decoding takes whole cores for seconds, and because such libraries end the process when
a model does not hold. It imports nothing of this package, and it never fetches anything.

Its one argument is JSON: `kind`, as in `ears/engines.py`, `directory`, `size` for moonshine, and for every part of the
model its file. Frames are those of `recogniser.py`; a language model is taken and left aside, and there is no cepstral
mean. A model that cannot be loaded is told by the frame `N`, with the reason, in place of `R`.

Sources: the packages' own signatures, faster-whisper 1.2.1, sherpa-onnx 2.0.1, vosk 0.3.45, moonshine-voice 0.1.5.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

RATE_HZ = 16_000
LEAST_BYTES = 2 * RATE_HZ // 10
"""A tenth of a second is not even a "no"."""
TAIL = np.zeros(RATE_HZ * 6 // 10, np.float32)
"""Silence behind an utterance, so that a streaming model sees the context to the right of the last word."""
STREAMING_MARK = b"decode_chunk_len"
MARK_WITHIN_BYTES = 1 << 16
"""A streaming transducer says its chunk in the metadata of its encoder, which stands at the end of the file."""

_HEAD = struct.Struct("<cI")
Order = dict[str, str]


class Recogniser(Protocol):
    """One utterance at a time."""

    def begin(self) -> None: ...

    def hear(self, pcm: bytes) -> None: ...

    def finish(self) -> str: ...


def samples(pcm: bytes) -> Any:
    """PCM16 as float32 in -1 to 1."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32_768


class Whole:
    """A model that takes an utterance in one piece."""

    def __init__(self, transcribe: Callable[[Any], str]) -> None:
        self._transcribe = transcribe
        self._pcm = bytearray()

    def begin(self) -> None:
        self._pcm.clear()

    def hear(self, pcm: bytes) -> None:
        self._pcm += pcm

    def finish(self) -> str:
        pcm = bytes(self._pcm)
        self._pcm.clear()
        return self._transcribe(samples(pcm)) if len(pcm) >= LEAST_BYTES else ""


def faster_whisper(order: Order) -> Recogniser:
    from faster_whisper import WhisperModel

    model = WhisperModel(order["directory"], device="cpu", compute_type="int8", local_files_only=True)

    def transcribe(sound: Any) -> str:
        # silence makes whisper invent words: its own detector takes out what is none
        segments, _ = model.transcribe(
            sound, vad_filter=True, condition_on_previous_text=False, without_timestamps=True
        )
        return " ".join(segment.text.strip() for segment in segments)

    return Whole(transcribe)


class Vosk:
    """A model that decodes as sound comes. It may end a sentence on its own; all of them are the utterance."""

    def __init__(self, order: Order) -> None:
        from vosk import KaldiRecognizer, Model, SetLogLevel

        SetLogLevel(-1)
        self._recogniser = KaldiRecognizer(Model(model_path=order["directory"]), RATE_HZ)
        self._texts: list[str] = []

    def begin(self) -> None:
        self._recogniser.Reset()
        self._texts.clear()

    def hear(self, pcm: bytes) -> None:
        if self._recogniser.AcceptWaveform(pcm):
            self._texts.append(json.loads(self._recogniser.Result())["text"])

    def finish(self) -> str:
        self._texts.append(json.loads(self._recogniser.FinalResult())["text"])
        return " ".join(text for text in self._texts if text)


class SherpaStream:
    """A streaming transducer."""

    def __init__(self, order: Order) -> None:
        import sherpa_onnx

        self._recogniser = sherpa_onnx.OnlineRecognizer.from_transducer(
            tokens=order["tokens"], encoder=order["encoder"], decoder=order["decoder"], joiner=order["joiner"]
        )
        self._stream = self._recogniser.create_stream()

    def begin(self) -> None:
        self._stream = self._recogniser.create_stream()

    def hear(self, pcm: bytes) -> None:
        self._stream.accept_waveform(RATE_HZ, samples(pcm))
        self._decode()

    def finish(self) -> str:
        self._stream.accept_waveform(RATE_HZ, TAIL)
        self._stream.input_finished()
        self._decode()
        return str(self._recogniser.get_result(self._stream))

    def _decode(self) -> None:
        while self._recogniser.is_ready(self._stream):
            self._recogniser.decode_stream(self._stream)


def sherpa_whole(order: Order) -> Recogniser:
    import sherpa_onnx

    makers = {
        "sherpa-onnx transducer": sherpa_onnx.OfflineRecognizer.from_transducer,
        "sherpa-onnx whisper": sherpa_onnx.OfflineRecognizer.from_whisper,
        "sherpa-onnx moonshine": sherpa_onnx.OfflineRecognizer.from_moonshine,
    }
    files = {part: path for part, path in order.items() if part not in ("kind", "directory")}
    recogniser = makers[order["kind"]](**files)

    def transcribe(sound: Any) -> str:
        stream = recogniser.create_stream()
        stream.accept_waveform(RATE_HZ, sound)
        recogniser.decode_stream(stream)
        return str(stream.result.text)

    return Whole(transcribe)


def sherpa_transducer(order: Order) -> Recogniser:
    with Path(order["encoder"]).open("rb") as encoder:
        encoder.seek(0, os.SEEK_END)
        encoder.seek(max(0, encoder.tell() - MARK_WITHIN_BYTES))
        streaming = STREAMING_MARK in encoder.read()
    return SherpaStream(order) if streaming else sherpa_whole(order)


def moonshine(order: Order) -> Recogniser:
    from moonshine_voice import ModelArch, Transcriber

    streaming = "_STREAMING" if order["kind"].endswith("streaming") else ""
    model = Transcriber(order["directory"], ModelArch[order["size"].upper() + streaming])

    def transcribe(sound: Any) -> str:
        lines = model.transcribe_without_streaming(sound.tolist(), RATE_HZ).lines
        return " ".join(line.text.strip() for line in lines)

    return Whole(transcribe)


ENGINES: dict[str, Callable[[Order], Recogniser]] = {
    "faster-whisper": faster_whisper,
    "vosk": Vosk,
    "sherpa-onnx transducer": sherpa_transducer,
    "sherpa-onnx whisper": sherpa_whole,
    "sherpa-onnx moonshine": sherpa_whole,
    "moonshine": moonshine,
    "moonshine streaming": moonshine,
}


def serve(recogniser: Recogniser, emit: Callable[[bytes, object], None], kind: bytes, payload: bytes) -> None:
    """Do what one frame asks for."""
    match kind:
        case b"L":
            emit(b"L", {"missing": []})
        case b"B" | b"C":
            recogniser.begin()
        case b"P":
            recogniser.hear(payload)
        case b"F":
            emit(b"T", {"text": " ".join(recogniser.finish().split()), "mean": ""})
        case _:
            raise ValueError(f"want a frame L, B, P, F or C, got {kind!r}")


def main() -> None:
    """Serve until standard input ends. A failure ends the program: its owner starts it anew."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it here too; the owner ends us by the pipe
    os.environ["HF_HUB_OFFLINE"] = "1"
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the frames

    def emit(kind: bytes, answer: object) -> None:
        payload = json.dumps(answer).encode()
        out.write(_HEAD.pack(kind, len(payload)) + payload)
        out.flush()

    try:
        order: Order = json.loads(sys.argv[1])
        recogniser = ENGINES[order["kind"]](order)
    except Exception as error:  # noqa: BLE001  # each library has its own errors; the reason goes to the log
        emit(b"N", f"{type(error).__name__}: {error}")
        return
    emit(b"R", {})
    source = sys.stdin.buffer
    while len(head := source.read(_HEAD.size)) == _HEAD.size:
        kind, length = _HEAD.unpack(head)
        serve(recogniser, emit, kind, source.read(length))


if __name__ == "__main__":
    main()

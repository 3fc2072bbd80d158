# SPDX-License-Identifier: Apache-2.0
"""eSpeak NG as a program: texts in on standard input, sound out on standard output.

It is a separate program because eSpeak NG is under GPL-3.0-or-later: nothing of it is loaded into the server's
process, and whoever has another synthesiser can put it here. It imports nothing of this package.

Frames both ways: kind (1 byte), length (4 bytes, little-endian), payload. Going out, `R` says the sample rate as
JSON, once; `P` carries PCM16, `E` ends a text (JSON: `{}` or `{"error": …}`). Coming in, `S` is a text to say, as
JSON: `{"text", "voices": [first choice, …], "rate": words a minute, "pitch": 0..99, "range": 0..99}`. End of input
ends the program. `X` asks how words are spoken, `{"words": [...]}`; answered by `X`, `{word: phonetic alphabet}`.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import signal
import struct
import sys
from collections.abc import Callable
from typing import Any

SYNCHRONOUS = 2
AS_IPA = 2
DONT_EXIT = 0x8000
CHARS_UTF8 = 1
END_PAUSE = 0x1000
POSITION_CHARACTER = 1
RATE, PITCH, RANGE = 1, 3, 4
BUFFER_MS = 60

_HEAD = struct.Struct("<cI")


def emit(kind: bytes, payload: bytes) -> None:
    """Write one frame."""
    sys.stdout.buffer.write(_HEAD.pack(kind, len(payload)) + payload)


class Espeak:
    """The library, initialised. Raises OSError when there is none."""

    def __init__(self) -> None:
        library, data = _library()
        self._lib = library
        prototype = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        self._callback = prototype(self._take)  # held here: the library keeps only its address
        self.rate_hz = int(library.espeak_Initialize(SYNCHRONOUS, BUFFER_MS, data, DONT_EXIT))
        if self.rate_hz <= 0:
            raise OSError("eSpeak NG did not initialise: its data is missing")
        library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            emit(b"P", ctypes.string_at(samples, 2 * count))
        return 0

    def say(self, text: str, voices: list[str], *, rate: int, pitch: int, spread: int) -> None:
        """Say a text with the first voice there is; sound goes out on the way."""
        if not any(self._lib.espeak_SetVoiceByName(voice.encode()) == 0 for voice in voices):
            raise ValueError("none of the voices is known")
        for parameter, value in ((RATE, rate), (PITCH, pitch), (RANGE, spread)):
            self._lib.espeak_SetParameter(parameter, value, 0)
        data = text.encode("utf-8", "replace") + b"\0"
        # neither the SSML nor the phoneme flag: markup in a text is text
        self._lib.espeak_Synth(
            data, ctypes.c_size_t(len(data)), 0, POSITION_CHARACTER, 0, CHARS_UTF8 | END_PAUSE, None, None
        )
        self._lib.espeak_Synchronize()

    def spoken(self, word: str) -> str:
        """A word in the phonetic alphabet, by American rules."""
        self._lib.espeak_SetVoiceByName(b"en-us")
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        text = ctypes.c_char_p(word.encode("utf-8", "replace"))
        phonemes = self._lib.espeak_TextToPhonemes(ctypes.byref(text), CHARS_UTF8, AS_IPA)
        return (phonemes or b"").decode("utf-8", "replace")


def _library() -> tuple[ctypes.CDLL, bytes | None]:
    try:
        import espeakng_loader
    except ImportError:
        found = ctypes.util.find_library("espeak-ng")
        if found is None:
            raise OSError("want eSpeak NG, found no library") from None
        return ctypes.CDLL(found), None
    return ctypes.CDLL(espeakng_loader.get_library_path()), str(espeakng_loader.get_data_path()).encode()


def read_frames(handle: Callable[[bytes, bytes], None]) -> None:
    """Hand every frame of standard input on until it ends."""
    source = sys.stdin.buffer
    while len(head := source.read(_HEAD.size)) == _HEAD.size:
        kind, length = _HEAD.unpack(head)
        handle(kind, source.read(length))


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # the terminal sends it to us too; the server ends us by closing the pipe
    engine = Espeak()
    emit(b"R", json.dumps({"rate_hz": engine.rate_hz}).encode())
    sys.stdout.buffer.flush()

    def handle(kind: bytes, payload: bytes) -> None:
        if kind == b"X":
            words: list[str] = json.loads(payload)["words"]
            emit(b"X", json.dumps({word: engine.spoken(word) for word in words}).encode())
            sys.stdout.buffer.flush()
            return
        ended: dict[str, str] = {}
        try:
            order = json.loads(payload)
            engine.say(
                order["text"],
                order["voices"],
                rate=order["rate"],
                pitch=order["pitch"],
                spread=order["range"],
            )
        except (ValueError, KeyError, TypeError) as error:
            ended = {"error": type(error).__name__}
        emit(b"E", json.dumps(ended).encode())
        sys.stdout.buffer.flush()

    read_frames(handle)


if __name__ == "__main__":
    main()

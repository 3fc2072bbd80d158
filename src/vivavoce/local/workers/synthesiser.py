# SPDX-License-Identifier: Apache-2.0
"""Piper as a program: texts in on standard input, sound out on standard output.

It is a separate program because Piper is under GPL-3.0-or-later, and because making speech takes a whole core for as
long as it takes. It imports nothing of this package, and it never fetches anything.

Its one argument is the voice file to load first. Frames are those of `espeak.py`: `R` once it is ready, or `N` with the
reason why it cannot be; `S` is a text to say, as JSON: `{"text", "model": a voice file, "speaker": its number or null,
"slower": a factor on the voice's own pace}`; `P` carries PCM16, `E` ends a text, `{"rate_hz"}` or `{"error"}`.

Source: piper-tts 1.8.0, `PiperVoice.load` and `PiperVoice.synthesize`.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

MOST_VOICES = 4
"""Loaded at a time; a medium voice takes some 100 MB. The one unused for longest goes first."""

_HEAD = struct.Struct("<cI")


class Voices:
    """Voices by their files, loaded when they are first wanted."""

    def __init__(self, load: Callable[[str], Any]) -> None:
        self._load = load
        self._loaded: OrderedDict[str, Any] = OrderedDict()

    def get(self, model: str) -> Any:
        """The voice of a file."""
        if model not in self._loaded:
            self._loaded[model] = self._load(model)
            if len(self._loaded) > MOST_VOICES:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(model)
        return self._loaded[model]


def say(voices: Voices, order: dict[str, Any]) -> Iterator[tuple[bytes, int]]:
    """The sound of a text and its rate, sentence by sentence."""
    from piper import SynthesisConfig

    voice = voices.get(order["model"])
    pace = SynthesisConfig(speaker_id=order["speaker"], length_scale=voice.config.length_scale * order["slower"])
    for chunk in voice.synthesize(order["text"], pace):
        yield chunk.audio_int16_bytes, chunk.sample_rate


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it here too; the owner ends us by the pipe
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between the frames

    def emit(kind: bytes, payload: bytes) -> None:
        out.write(_HEAD.pack(kind, len(payload)) + payload)
        out.flush()

    try:
        from piper import PiperVoice

        voices = Voices(PiperVoice.load)
        voices.get(sys.argv[1])
    except Exception as error:  # noqa: BLE001  # the runtime has errors of its own; the reason goes to the log
        emit(b"N", f"{type(error).__name__}: {error}".encode())
        return
    emit(b"R", b"{}")
    source = sys.stdin.buffer
    while len(head := source.read(_HEAD.size)) == _HEAD.size:
        _, length = _HEAD.unpack(head)
        ended: dict[str, object] = {}
        try:
            for pcm, rate_hz in say(voices, json.loads(source.read(length))):
                emit(b"P", pcm)
                ended["rate_hz"] = rate_hz
        except Exception as error:  # noqa: BLE001  # one text, not the program
            ended = {"error": type(error).__name__}
        emit(b"E", json.dumps(ended).encode())


if __name__ == "__main__":
    main()

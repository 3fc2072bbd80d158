# SPDX-License-Identifier: Apache-2.0
"""pocketsphinx as a program: sound in on standard input, words out on standard output.

It is a separate program because decoding holds Python's global lock: in the server's process one caller's sentence
would stop the sound of all others. It imports nothing of this package.

Two decoders hear the same sound: one with the packaged language model of general English, one with a small model of
what is said in this agent's calls. What the second makes of it is taken where it fits better; see `choose`.

Frames both ways: kind (1 byte), length (4 bytes, little-endian), payload. Going out, `R` says once that it is ready;
`L` answers `L`, `T` answers `F`, both JSON. Coming in:

    L  learn: JSON {"arpa": a language model as ARPA text, "words": its words, "spoken": {word: "P R ON"}};
       answered by {"missing": words that cannot be heard, for want of a pronunciation}
    B  an utterance begins: the caller's cepstral mean as an earlier answer gave it, or nothing
    P  PCM16 mono 16 kHz of it
    F  it is finished; answered by {"text": its words, "mean": the caller's cepstral mean}
    C  it is cancelled
"""

from __future__ import annotations

import json
import math
import re
import signal
import struct
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

RATE_HZ = 16_000
MEAN_OF_BYTES = 2 * RATE_HZ * 3 // 2
"""A new caller's cepstral mean is taken from the first 1.5 s. Starting from the packaged mean
instead doubles the errors (16.1 against 7.8 % of words, 24 sentences in 4 flite voices)."""

CLEARLY_BETTER_PER_S = 0.08
"""Log score of pocketsphinx (which scales it down by 2**10) by which the helped path must lead, per second, to be taken
whole. Tuned with the three numbers below on 24 sentences in 4 flite voices: 7.8 to 5.5 % of words wrong; on 24 others,
10.8 to 7.1. Only whole sentences: 6.4 and 8.2; only stretches: 5.8 and 8.5; both models in one decoder: 8.1."""
UNSURE_BELOW = 0.5
SURE_ABOVE = 0.5
"""Mean posteriors of the words of a stretch."""
WORSE_AT_MOST = 0.15
"""Natural-log acoustic score per frame, scaled likewise."""
SAME_WITHIN_FRAMES = 4
_TINY = 1e-300

_HEAD = struct.Struct("<cI")
_VARIANT = re.compile(r"\(\d+\)$")


class Word(NamedTuple):
    """A word as heard: frames of 10 ms (the last included), log acoustic score, posterior 0..1."""

    text: str
    start: int
    end: int
    acoustic: float
    posterior: float


class Heard(NamedTuple):
    """What one decoder made of an utterance and its log score; nothing is no words and minus infinity."""

    words: list[Word]
    score: float


def choose(general: Heard, helped: Heard, seconds: float) -> list[Word]:
    """The helped path whole when it clearly fits better, else the general one, mended where it is unsure."""
    if helped.score - general.score > CLEARLY_BETTER_PER_S * seconds:
        return helped.words
    return merge(general.words, helped.words)


def merge(general: list[Word], helped: list[Word]) -> list[Word]:
    """One word sequence of two that heard the same sound.

    Words that both have at the same time stand. A stretch between such words is taken from `helped` when the general
    model gives its own words a mean posterior below `UNSURE_BELOW`, the other has one above `SURE_ABOVE`, and the sound
    fits its words at most `WORSE_AT_MOST` per frame worse.
    """
    merged: list[Word] = []
    at_general = at_helped = 0
    for here, there in [*_same(general, helped), (len(general), len(helped))]:
        ours, theirs = general[at_general:here], helped[at_helped:there]
        merged += theirs if _better(theirs, ours) else ours
        merged += general[here : here + 1]
        at_general, at_helped = here + 1, there + 1
    return merged


def _same(general: list[Word], helped: list[Word]) -> list[tuple[int, int]]:
    """Places of words that both have, at the same time."""
    pairs, after = [], 0
    for here, word in enumerate(general):
        for there in range(after, len(helped)):
            other = helped[there]
            apart = max(abs(word.start - other.start), abs(word.end - other.end))
            if word.text == other.text and apart <= SAME_WITHIN_FRAMES:
                pairs.append((here, there))
                after = there + 1
                break
    return pairs


def _better(helped: list[Word], general: list[Word]) -> bool:
    if not helped and not general:
        return False
    both = helped + general
    frames = max(word.end for word in both) - min(word.start for word in both) + 1
    worse = (sum(word.acoustic for word in general) - sum(word.acoustic for word in helped)) / frames
    return _sureness(general) < UNSURE_BELOW and _sureness(helped) > SURE_ABOVE and worse <= WORSE_AT_MOST


def _sureness(words: list[Word]) -> float:
    """Mean posterior of real words; without any, neither sure nor unsure."""
    real = [word.posterior for word in words if _is_real(word)]
    return sum(real) / len(real) if real else 0.5


def _is_real(word: Word) -> bool:
    """Not silence, noise or a sentence mark."""
    return word.text[0] not in "<[+"


def text_of(words: list[Word]) -> str:
    """What was said, without fillers."""
    return " ".join(word.text for word in words if _is_real(word))


class Recogniser:
    """One utterance at a time."""

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        self._make = Decoder
        self._general = Decoder(loglevel="FATAL")
        self._helper: Any = None
        self._listening = False
        self._held: bytearray | None = None

    @property
    def _decoders(self) -> list[Any]:
        return [self._general] if self._helper is None else [self._general, self._helper]

    def learn(self, arpa: str, words: list[str], spoken: dict[str, str]) -> list[str]:
        """Take in a language model, in place of the one before; words without a pronunciation are told back."""
        self.cancel()
        with tempfile.TemporaryDirectory(prefix="vivavoce-") as folder:
            path = Path(folder) / "help.arpa"
            path.write_text(arpa, "utf-8")
            for word, phones in spoken.items():
                if self._general.lookup_word(word) is None:
                    self._general.add_word(word, phones, False)
            self._helper = self._make(loglevel="FATAL", lm=None)
            for word, phones in spoken.items():
                if self._helper.lookup_word(word) is None:
                    self._helper.add_word(word, phones, False)
            self._helper.add_lm_file("help", str(path))
        self._helper.activate_search("help")
        return [word for word in words if self._general.lookup_word(word) is None]

    def begin(self, mean: str) -> None:
        """An utterance begins; one that was not finished is dropped."""
        self.cancel()
        self._listening = True
        self._held = bytearray()
        if mean:
            self._start(mean)

    def hear(self, pcm: bytes) -> None:
        """Decode what came."""
        if not self._listening:
            return
        if self._held is None:
            self._decode(pcm)
            return
        self._held += pcm
        if len(self._held) >= MEAN_OF_BYTES:
            self._start(self._mean_of(bytes(self._held)))

    def finish(self) -> tuple[str, str]:
        """Text of the utterance, empty when there is none, and the caller's cepstral mean."""
        if not self._listening:
            return "", ""
        if self._held is not None:
            if len(self._held) < 2 * RATE_HZ // 10:  # not even a "no"; and too little to take a mean of
                self._listening = False
                return "", ""
            self._start(self._mean_of(bytes(self._held)))
        self._listening = False
        paths = []
        for decoder in self._decoders:
            decoder.end_utt()
            paths.append(_heard(decoder))
        seconds = self._general.n_frames() / 100
        words = choose(paths[0], paths[1], seconds) if len(paths) > 1 else paths[0].words
        return text_of(words), self._general.get_cmn(False)

    def cancel(self) -> None:
        """Drop the utterance."""
        if self._listening and self._held is None:
            for decoder in self._decoders:
                decoder.end_utt()
        self._listening = False
        self._held = None

    def _mean_of(self, pcm: bytes) -> str:
        self._general.start_utt()
        self._general.process_raw(pcm, True, True)  # features only: takes the mean of the whole, searches nothing
        self._general.end_utt()
        mean: str = self._general.get_cmn(False)
        return mean

    def _start(self, mean: str) -> None:
        held, self._held = bytes(self._held or b""), None
        for decoder in self._decoders:
            decoder.set_cmn(mean)
            decoder.start_utt()
        self._decode(held)

    def _decode(self, pcm: bytes) -> None:
        if pcm:  # the decoder refuses an empty buffer
            for decoder in self._decoders:
                decoder.process_raw(pcm, False, False)


def _heard(decoder: Any) -> Heard:
    best = decoder.hyp()
    if best is None:
        return Heard([], -math.inf)
    words = [
        Word(
            _VARIANT.sub("", segment.word),
            segment.start_frame,
            segment.end_frame,
            math.log(max(segment.ascore, _TINY)),
            segment.prob,
        )
        for segment in decoder.seg()
    ]
    return Heard(words, math.log(max(best.score, _TINY)))


def emit(kind: bytes, answer: dict[str, Any]) -> None:
    """Write one frame, now."""
    payload = json.dumps(answer).encode()
    sys.stdout.buffer.write(_HEAD.pack(kind, len(payload)) + payload)
    sys.stdout.buffer.flush()


def serve(recogniser: Recogniser, kind: bytes, payload: bytes) -> None:
    """Do what one frame asks for."""
    match kind:
        case b"L":
            order = json.loads(payload)
            emit(b"L", {"missing": recogniser.learn(order["arpa"], order["words"], order["spoken"])})
        case b"B":
            recogniser.begin(payload.decode())
        case b"P":
            recogniser.hear(payload)
        case b"F":
            text, mean = recogniser.finish()
            emit(b"T", {"text": text, "mean": mean})
        case b"C":
            recogniser.cancel()
        case _:
            raise ValueError(f"want a frame L, B, P, F or C, got {kind!r}")


def main() -> None:
    """Serve until standard input ends. Nonsense on standard input ends the program: its owner starts it anew."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it here too; the owner ends us by the pipe
    recogniser = Recogniser()
    emit(b"R", {})
    source = sys.stdin.buffer
    while len(head := source.read(_HEAD.size)) == _HEAD.size:
        kind, length = _HEAD.unpack(head)
        serve(recogniser, kind, source.read(length))


if __name__ == "__main__":
    main()

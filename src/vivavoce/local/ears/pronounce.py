"""How words are spoken that the recogniser's dictionary does not have: product names, people, trades.

eSpeak NG's letter-to-sound rules give a word in the phonetic alphabet; this maps it onto the 39 sounds (ARPAbet) of the
recogniser's acoustic model.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

import msgspec

from vivavoce.local.worker import PROGRAMS, Worker, WorkerGone

log = logging.getLogger(__name__)

WITHIN_S = 10.0

_SOUNDS = {
    "tʃ": "CH", "dʒ": "JH", "aɪ": "AY", "aʊ": "AW", "eɪ": "EY", "oʊ": "OW", "əʊ": "OW", "ɔɪ": "OY",
    "ɜː": "ER", "ɚ": "ER", "iː": "IY", "i": "IY", "uː": "UW", "u": "UW", "ʊ": "UH", "ɑː": "AA", "ɑ": "AA",
    "ɒ": "AA", "ɔː": "AO", "ɔ": "AO", "oː": "AO", "o": "OW", "ɛ": "EH", "e": "EH", "æ": "AE", "a": "AE",
    "ʌ": "AH", "ə": "AH", "ɐ": "AH", "ɪ": "IH", "ᵻ": "IH", "θ": "TH", "ð": "DH", "ʃ": "SH", "ʒ": "ZH", "ŋ": "NG",
    "ɹ": "R", "r": "R", "ɾ": "T", "ʔ": "T", "j": "Y", "w": "W", "h": "HH", "l": "L", "m": "M", "n": "N", "p": "P",
    "b": "B", "t": "T", "d": "D", "k": "K", "x": "K", "ɡ": "G", "g": "G", "f": "F", "v": "V", "s": "S", "z": "Z",
    "n̩": "AH N", "əl": "AH L", "ɬ": "L", "ʲ": "Y",
}  # fmt: skip
_SILENT = "ˈˌː‍ \n"
"""Stress, length and joiners say nothing to a model without stress."""
_LONGEST = max(map(len, _SOUNDS))


def arpabet(ipa: str) -> str:
    """The sounds of a word, "Z EY P IY ER"; empty when a sign is none that American English has.

    Args:
        ipa: one word in the phonetic alphabet, as eSpeak NG writes its American English.
    """
    sounds: list[str] = []
    at = 0
    while at < len(ipa):
        for size in range(_LONGEST, 0, -1):
            sound = _SOUNDS.get(ipa[at : at + size])
            if sound is not None:
                sounds.append(sound)
                at += size
                break
        else:
            if ipa[at] not in _SILENT:
                return ""
            at += 1
    return " ".join(sounds)


async def pronounce(words: Iterable[str]) -> dict[str, str]:
    """Sounds of the words as far as they can be told; without eSpeak NG none can. Never raises."""
    asked = list(words)
    if not asked:
        return {}
    worker = Worker(PROGRAMS / "espeak.py")
    try:
        await worker.start()
        worker.send(b"X", msgspec.json.encode({"words": asked}))
        _, payload = await worker.receive(within_s=WITHIN_S)
        spoken = msgspec.json.decode(payload, type=dict[str, str])
    except (WorkerGone, msgspec.MsgspecError) as error:
        log.info("words stay without a pronunciation: %s", error)
        return {}
    finally:
        await worker.kill()
    return {word: sounds for word, ipa in spoken.items() if (sounds := arpabet(ipa))}

"""What a listener says without taking the word: "mm-hm", "okay", "ja". By language, in `data/backchannels.yaml`.

Only words are judged here, and only as a whole: one word more, and it is somebody who wants to speak. The other thing
that comes over the microphone while the agent speaks, and asks for nothing, is the agent itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

import msgspec

from vivavoce.agents.packaged import packaged

Kind = Literal["nothing", "backchannel", "echo", "words"]

MAX_CHARS = 80
"""Longer is no back-channel, whatever it is made of: somebody talks. Six or seven words of these. Not tuned."""
ECHO_WORDS = 2
"""Fewer words of the agent's in a row may be a caller who asks back: "four hundred?"."""
ECHO_CHARS = 4
"""Likewise where words are written without spaces."""


class _Lexicon(msgspec.Struct, frozen=True):
    version: int
    everywhere: tuple[str, ...]
    languages: dict[str, tuple[str, ...]]


_LEXICON = packaged("backchannels.yaml", _Lexicon)
LANGUAGES = frozenset(_LEXICON.languages)
"""Those there are words of."""
_NO_SPACES = frozenset({"ja", "zh"})
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
# What recognisers write for sounds that are no words: <noise>, [laughter], (coughs).
_SOUNDS = re.compile(r"<[^<>]{0,40}>|\[[^\[\]]{0,40}\]|\([^()]{0,40}\)|\*[^*]{0,40}\*")
_INSIDE_WORDS = frozenset("-'`\u2019\u2010\u2011\u02bc")
# Vowels of Arabic and Hebrew, which few write, and the dot that a Turkish capital leaves behind or lacks.
_POINTS = re.compile(r"[\u0591-\u05c7\u0640\u064b-\u065f\u0670\u0307]")
_REPEATED = re.compile(r"([^\W\d_])\1+")


def kind_of(words: str, said: str, languages: Iterable[str]) -> Kind:
    """What was said over the agent.

    Args:
        words: as the live model understood them.
        said: the words of the agent at that time.
        languages: tags of those the talk may be in, such as `de` or `pt-BR`.
    """
    flat = flatten(words)
    if not flat:
        return "nothing"
    known = LANGUAGES & {tag.partition("-")[0].lower() for tag in languages}
    if len(flat) <= MAX_CHARS and _pattern(tuple(sorted(known))).match(flat):
        return "backchannel"
    return "echo" if _is_echo(flat, flatten(said)) else "words"


def flatten(text: str) -> str:
    """Words without case, signs and repeated letters, a space between them."""
    text = _POINTS.sub("", unicodedata.normalize("NFKC", _SOUNDS.sub(" ", text)).casefold().replace("ı", "i"))
    kept = ("" if sign in _INSIDE_WORDS else sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in text)
    return _REPEATED.sub(r"\1", " ".join("".join(kept).split()))


def _is_echo(words: str, said: str) -> bool:
    if _UNSPACED.search(words):
        return len(words) >= ECHO_CHARS and words.replace(" ", "") in said.replace(" ", "")
    return len(words.split()) >= ECHO_WORDS and f" {words} " in f" {said} "


@lru_cache(maxsize=64)
def _pattern(languages: tuple[str, ...]) -> re.Pattern[str]:
    """Nothing but phrases of these languages, one after the other. The longest first and never taken back, so that no
    text takes long.
    """
    phrases = set(_LEXICON.everywhere)
    unspaced: set[str] = set()
    for language in languages:
        (unspaced if language in _NO_SPACES else phrases).update(_LEXICON.languages.get(language, ()))
    either = [rf"(?>{_longest_first(phrases)})(?: |$)"]
    if unspaced:
        either.append(rf"(?>{_longest_first(unspaced)}) ?")
    return re.compile(rf"(?>{'|'.join(either)})++$")


def _longest_first(phrases: Iterable[str]) -> str:
    return "|".join(
        map(re.escape, sorted({flatten(phrase) for phrase in phrases}, key=lambda each: (-len(each), each)))
    )

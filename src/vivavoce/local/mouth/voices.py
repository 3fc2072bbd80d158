"""Names of voices to the settings of a synthesiser, by the packaged table data/voices.json.

A name is a manner and a timbre ("warm-baritone"), a timbre alone, one of the live service's prebuilt names, or anything
else: an unknown name gets a voice of its own that stays the same on every machine.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field, replace
from importlib import resources

import msgspec

DEFAULT = "clear-baritone"
"""For a speaker without a voice."""


class _Timbre(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    variant: str
    rate: int
    pitch: int
    range: int
    flite: str


class _Manner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rate: float
    pitch: int
    range: int


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    timbres: dict[str, _Timbre]
    manners: dict[str, _Manner]
    names: dict[str, str]
    languages: dict[str, list[str]]


_TABLE = msgspec.json.decode(resources.files("vivavoce.local").joinpath("data/voices.json").read_bytes(), type=_Table)


@dataclass(frozen=True, slots=True)
class Timbre:
    """How a voice sounds.

    Attributes:
        variant: eSpeak NG's voice variant, such as "m3"; the vocal tract.
        rate: words a minute.
        pitch, spread: 0 to 99, eSpeak NG's pitch and pitch range.
        flite: the flite voice nearest to it.
        name: what was asked for, in small letters joined by "-": an engine that has a voice of that name takes it.
    """

    variant: str
    rate: int
    pitch: int
    spread: int
    flite: str
    name: str = field(default="", compare=False)


def timbre(name: str) -> Timbre:
    """The voice of a name. Letter case, spaces and underscores do not matter; no name is an error."""
    asked = plain_name(name) or DEFAULT
    words = _TABLE.names.get(asked, asked)
    known = _of_words(words)
    if known is not None:
        return replace(known, name=asked)
    number = zlib.crc32(words.encode())
    timbres, manners = sorted(_TABLE.timbres), sorted(_TABLE.manners)
    number, base = divmod(number, len(timbres))
    number, manner = divmod(number, len(manners))
    made = _made(_TABLE.timbres[timbres[base]], [_TABLE.manners[manners[manner]], _Manner(1.0, number % 7 - 3, 0)])
    return replace(made, name=asked)


def plain_name(name: str) -> str:
    """A name in small letters and digits, joined by "-"."""
    return "-".join(re.findall(r"[a-z0-9]+", name.casefold()))


def espeak_voices(variant: str, language: str) -> list[str]:
    """eSpeak NG's voice names to try, best first: the variant in this language, the language alone, then English.

    The engine refuses some usual tags: Mandarin is `cmn`, and British English takes a variant only as `en`
    (measured, eSpeak NG 1.52).
    """
    tag = language.strip().replace("_", "-").lower() or "en"
    primary = tag.partition("-")[0]
    tags = [*_TABLE.languages.get(tag, [tag]), *_TABLE.languages.get(primary, [primary])]
    tags = [tag for tag in dict.fromkeys(tags) if re.fullmatch(r"[a-z0-9-]{2,20}", tag)]
    english = [*tags, "en-us", "en"]
    return list(dict.fromkeys([f"{tag}+{variant}" for tag in tags] + [f"{tag}+{variant}" for tag in english] + english))


def _of_words(words: str) -> Timbre | None:
    *manners, base = words.split("-")
    if base not in _TABLE.timbres or any(manner not in _TABLE.manners for manner in manners):
        return None
    return _made(_TABLE.timbres[base], [_TABLE.manners[manner] for manner in manners])


def _made(base: _Timbre, manners: list[_Manner]) -> Timbre:
    rate, pitch, spread = float(base.rate), base.pitch, base.range
    for manner in manners:
        rate, pitch, spread = rate * manner.rate, pitch + manner.pitch, spread + manner.range
    return Timbre(base.variant, round(rate), _within(pitch), _within(spread), base.flite)


def _within(value: int) -> int:
    return min(max(value, 0), 99)

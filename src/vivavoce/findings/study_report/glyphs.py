"""Which letters no installed font can show. A typesetter draws an empty box for them and says nothing.

Read from the fonts' own tables of characters (OpenType, `cmap`, formats 4 and 12): a font's name promises more than the
font holds.
"""

from __future__ import annotations

import struct
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

PACKAGES = {
    "CJK": "fonts-droid-fallback",
    "HIRAGANA": "fonts-droid-fallback",
    "KATAKANA": "fonts-droid-fallback",
    "HANGUL": "fonts-noto-cjk",
    "ARABIC": "fonts-dejavu-core",
    "HEBREW": "fonts-dejavu-core",
}
"""Debian packages, by the first word of a character's name."""
OTHERS = "fonts-noto-core"
"""Has most other scripts."""
EMOJI = "fonts-noto-color-emoji"
ALWAYS = ("LATIN", "GREEK", "CYRILLIC")
"""In the font that comes with the typesetter."""
PICTURES = 0x1F000
"""Where the signs begin that are pictures."""


class Missing(NamedTuple):
    script: str
    letters: int
    package: str


class Font(NamedTuple):
    path: str
    face: int
    """Which one, in a file with several."""


def missing(text: str, fonts: Iterable[Font]) -> list[Missing]:
    """What of a text no font has, by script."""
    wanted = {letter for letter in text if _script(letter) not in ("", *ALWAYS)}
    for font in fonts:
        if not wanted:
            break
        wanted -= _held(wanted, font)
    by_script: dict[str, int] = {}
    for letter in wanted:
        by_script[_script(letter)] = by_script.get(_script(letter), 0) + 1
    return [
        Missing(
            script if script == "CJK" else script.capitalize(),
            count,
            EMOJI if script == "PICTURE" else PACKAGES.get(script, OTHERS),
        )
        for script, count in sorted(by_script.items())
    ]


def told(found: Iterable[Missing]) -> list[str]:
    """What is missing and what helps, in sentences."""
    return [
        f"{each.letters} {'letter' if each.letters == 1 else 'different letters'} ({each.script}) "
        f"{'is an empty box' if each.letters == 1 else 'are empty boxes'} here, for no installed font has "
        f"{'it' if each.letters == 1 else 'them'}: the Debian package {each.package} helps."
        for each in found
    ]


def _script(letter: str) -> str:
    """First word of its name; empty for what is no letter: a font that has letters has the marks on them."""
    if ord(letter) >= PICTURES and unicodedata.category(letter) == "So":
        return "PICTURE"
    if not unicodedata.category(letter).startswith("L"):
        return ""
    return unicodedata.name(letter, "").partition(" ")[0]


def _held(wanted: set[str], font: Font) -> set[str]:
    """Those of the letters that a font has; none where the file is none that we can read."""
    try:
        codes = [ord(letter) for letter in wanted]
        tables = _tables(Path(font.path).read_bytes(), font.face)
        return {chr(code) for table in tables for code in _in_table(table, codes)}
    except (OSError, struct.error, IndexError):
        return set()


def _tables(body: bytes, face: int) -> list[bytes]:
    """The tables of characters of one face."""
    start = struct.unpack_from(">I", body, 12 + 4 * face)[0] if body[:4] == b"ttcf" else 0
    count = struct.unpack_from(">H", body, start + 4)[0]
    for at in range(start + 12, start + 12 + 16 * count, 16):
        tag, _, offset, _ = struct.unpack_from(">4sIII", body, at)
        if tag == b"cmap":
            number = struct.unpack_from(">H", body, offset + 2)[0]
            places = {struct.unpack_from(">HHI", body, offset + 4 + 8 * each)[2] for each in range(number)}
            return [body[offset + place :] for place in places]
    return []


def _in_table(table: bytes, codes: Sequence[int]) -> Iterator[int]:
    kind = struct.unpack_from(">H", table)[0]
    if kind == 4:
        yield from _in_segments(table, codes)
    elif kind == 12:
        yield from _in_groups(table, codes)


def _in_segments(table: bytes, codes: Sequence[int]) -> Iterator[int]:
    double = struct.unpack_from(">H", table, 6)[0]
    count = double // 2
    ends = struct.unpack_from(f">{count}H", table, 14)
    starts = struct.unpack_from(f">{count}H", table, 16 + double)
    deltas = struct.unpack_from(f">{count}H", table, 16 + 2 * double)
    offsets = struct.unpack_from(f">{count}H", table, 16 + 3 * double)
    for code in codes:
        at = bisect_left(ends, code)
        if at == count or starts[at] > code:
            continue
        glyph = code + deltas[at]
        if offsets[at]:
            place = 16 + 3 * double + 2 * at + offsets[at] + 2 * (code - starts[at])
            glyph = struct.unpack_from(">H", table, place)[0]
        if glyph % 0x10000:  # 0 is the empty box
            yield code


def _in_groups(table: bytes, codes: Sequence[int]) -> Iterator[int]:
    count = struct.unpack_from(">I", table, 12)[0]
    groups = list(struct.iter_unpack(">III", table[16 : 16 + 12 * count]))
    starts = [group[0] for group in groups]
    for code in codes:
        at = bisect_right(starts, code) - 1
        if at >= 0 and code <= groups[at][1]:
            yield code

"""The picture that a shared link shows: the calm faces of the widget on the agent's own tint. No words are in it, for
those stand beside it, in any script.
"""

from __future__ import annotations

import hashlib
import threading
from functools import cache

import numpy as np

from vivavoce.app.embedding.shapes import Grid, as_png, curve, ellipse, filled, line, paint

WIDTHS = (1200, 600, 300)
"""The widths it comes in. The widest is what X and Open Graph want of a large picture."""
MOST_FACES = 3
_SIZE = (1200, 630)
"""Of the drawing's own units."""
# the widget's colours: paper and voices of `looks/tokens.css`, skins and features of `looks/face.css`
_PAPER = (0xFB, 0xF9, 0xF5)
_VOICES = (
    (0x1F, 0x6A, 0x63), (0x93, 0x59, 0x1A), (0x7D, 0x44, 0x74), (0x33, 0x62, 0x9C), (0x5A, 0x6B, 0x2A),
    (0x9C, 0x46, 0x36),
)  # fmt: skip
_SKINS = (
    (0xC6, 0xDE, 0xD7), (0xF1, 0xDD, 0xA6), (0xE4, 0xD1, 0xE1), (0xCB, 0xDA, 0xED), (0xD8, 0xE0, 0xBC),
    (0xF0, 0xCF, 0xC4),
)  # fmt: skip
_FEATURES, _CHEEK, _LIGHT = (0x2B, 0x27, 0x23), (0xD5, 0x70, 0x5F), (0xFF, 0xFF, 0xFF)
_GROUND = 0.85
"""How much of the voice's colour is in the ground: the skins are light, and stand out from what is dark."""
_PLACES = {
    1: ((600, 315, 2.1),),
    2: ((455, 315, 1.9), (800, 355, 1.35)),
    3: ((600, 300, 1.9), (270, 360, 1.2), (930, 360, 1.2)),
}
"""By how many there are: the middle of each face, and units to a unit of its box."""
_drawing = threading.Lock()
# `face/face.ts` and `face/geometry.ts` at rest, in their box of 200
_MIDDLE = (100, 104)
_HEAD = curve(
    (100, 24), (152, 24), (180, 54), (180, 106), (180, 158), (152, 184), (100, 184),
    (48, 184), (20, 158), (20, 106), (20, 54), (48, 24), (100, 24),
)  # fmt: skip
_MOUTH = curve((80, 126.8), (87.6, 133.1), (112.4, 133.1), (120, 126.8))


def size_of(width: int) -> tuple[int, int]:
    """Width and height of the picture of one of `WIDTHS`."""
    return width, width * _SIZE[1] // _SIZE[0]


def tint_of(agent: str) -> int:
    """Which of the six tints is an agent's own. It stays the same as long as the agent is called the same."""
    return hashlib.sha256(agent.encode()).digest()[0] % len(_VOICES)


def draw(tint: int, speakers: int, width: int) -> bytes:
    """A PNG. Takes a fifth of a second at the widest, so that all are kept: there are 54, half a megabyte together.

    Args:
        tint: of `tint_of`.
        speakers: how many there are; more than three are as many as three.
        width: one of `WIDTHS`.
    """
    with _drawing:  # a crowd that asks for it is no reason for calls to stutter
        return _drawn(tint, max(1, min(speakers, MOST_FACES)), width)


@cache
def _drawn(tint: int, faces: int, width: int) -> bytes:
    dots = width / _SIZE[0]
    canvas = np.empty((size_of(width)[1], width, 3), np.float32)
    paper, voice = np.array(_PAPER, np.float32), np.array(_VOICES[tint], np.float32)
    canvas[:] = paper + (voice - paper) * np.float32(_GROUND)
    for number, (across, down, large) in enumerate(_PLACES[faces]):
        scale = dots * large
        left, top = across * dots - _MIDDLE[0] * scale, down * dots - _MIDDLE[1] * scale
        side = round(200 * scale)
        part = canvas[round(top) : round(top) + side, round(left) : round(left) + side]
        x = ((np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(scale))[None, :]
        _face(part, x, x.T[: part.shape[0]], _SKINS[(tint + number) % len(_SKINS)], scale)
    return as_png(canvas)


def _face(part: Grid, x: Grid, y: Grid, skin: tuple[int, int, int], scale: float) -> None:
    paint(part, filled(x, y, _HEAD), skin, scale)
    for side in (-1, 1):
        brow, eye, cheek = 100 + side * 28, 100 + side * 27, 100 + side * 44
        arch = curve((brow - 11, 71), (brow - 5.5, 65), (brow + 5.5, 65), (brow + 11, 71))
        lids = curve(
            (eye - 8, 96), (eye - 7.04, 80.67), (eye + 7.04, 80.67), (eye + 8, 96),
            (eye + 7.04, 111.33), (eye - 7.04, 111.33), (eye - 8, 96),
        )  # fmt: skip
        here, across, down = _around(part, x, y, scale, (cheek, 122))
        paint(here, ellipse(across, down, (cheek, 122), 12, 8), _CHEEK, scale, 0.26)
        here, across, down = _around(part, x, y, scale, (brow, 71))
        paint(here, line(across, down, arch, 4), _FEATURES, scale)
        here, across, down = _around(part, x, y, scale, (eye, 96))
        paint(here, filled(across, down, lids, edge=3.5), _FEATURES, scale)
        paint(here, ellipse(across, down, (eye + 3, 92), 2.6, 2.6), _LIGHT, scale)
    here, across, down = _around(part, x, y, scale, (100, 130), 26)
    paint(here, line(across, down, _MOUTH, 5), _FEATURES, scale)


def _around(
    part: Grid, x: Grid, y: Grid, scale: float, middle: tuple[float, float], reach: float = 18
) -> tuple[Grid, Grid, Grid]:
    """The pixels around a place, with their coordinates: most of a face has nothing of most features."""
    across, down = (slice(round((place - reach) * scale), round((place + reach) * scale)) for place in middle)
    return part[down, across], x[:, across], y[down]

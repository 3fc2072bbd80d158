"""Shapes by the distance to their edge, so that every edge is smooth, and pixels as a PNG."""

from __future__ import annotations

import struct
import zlib
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float32]
"""Distances of shape (height, width), negative within; or colours of shape (height, width, 3), 0 to 255."""
Point = tuple[float, float]
_STEPS = 16
"""Straight pieces that a curve is drawn from: none of ours turns more than a right angle."""


def curve(start: Point, *handles: Point) -> list[Point]:
    """Points along cubic curves that hang together.

    Args:
        handles: two handles and an end for each curve.
    """
    found = [start]
    for first, second, end in zip(handles[::3], handles[1::3], handles[2::3], strict=True):
        steps = np.linspace(0, 1, _STEPS + 1)[1:, None]
        rest = 1 - steps
        corners = [np.array(point) for point in (found[-1], first, second, end)]
        weights = (rest**3, 3 * steps * rest**2, 3 * steps**2 * rest, steps**3)
        points = sum(weight * corner for weight, corner in zip(weights, corners, strict=True))
        found += [(float(x), float(y)) for x, y in np.atleast_2d(points)]
    return found


def line(x: Grid, y: Grid, points: list[Point], width: float) -> Grid:
    """A line of straight pieces, with round ends."""
    nearest = np.full(np.broadcast_shapes(x.shape, y.shape), np.inf, np.float32)
    for (from_x, from_y), (to_x, to_y) in pairwise(points):
        over, up = to_x - from_x, to_y - from_y
        length = over * over + up * up
        if length == 0:
            continue
        across, down = x - np.float32(from_x), y - np.float32(from_y)
        along = np.clip((across * np.float32(over) + down * np.float32(up)) / np.float32(length), 0, 1)
        distance = np.hypot(across - along * np.float32(over), down - along * np.float32(up))
        np.minimum(nearest, distance, out=nearest)
    return nearest - np.float32(width / 2)


def filled(x: Grid, y: Grid, points: list[Point], edge: float = 0.0) -> Grid:
    """What a closed line of straight pieces goes around.

    Args:
        edge: width of a line along it, half of which lies outside.
    """
    points = [*points, points[0]]
    inside = np.zeros(np.broadcast_shapes(x.shape, y.shape), bool)
    for (from_x, from_y), (to_x, to_y) in pairwise(points):
        if from_y == to_y:
            continue
        crossing = np.float32(from_x) + (y - np.float32(from_y)) * np.float32((to_x - from_x) / (to_y - from_y))
        inside ^= ((y >= min(from_y, to_y)) & (y < max(from_y, to_y))) & (x < crossing)
    distance = line(x, y, points, 0)
    return np.where(inside, -distance, distance) - np.float32(edge / 2)


def ellipse(x: Grid, y: Grid, middle: Point, wide: float, high: float) -> Grid:
    """Nearly: exact for circles, and on the edge of any."""
    reach = np.hypot((x - np.float32(middle[0])) / np.float32(wide), (y - np.float32(middle[1])) / np.float32(high))
    found: Grid = (reach - 1) * np.float32(min(wide, high))
    return found


def paint(canvas: Grid, distance: Grid, colour: tuple[int, int, int], dots: float, strength: float = 1.0) -> None:
    """Lay a colour over what lies within a shape; a pixel on its edge gets its share.

    Args:
        dots: pixels to a unit of the distance.
    """
    share = np.clip(np.float32(0.5) - distance * np.float32(dots), 0, 1)[..., None] * np.float32(strength)
    canvas += (np.array(colour, np.float32) - canvas) * share


def as_png(canvas: Grid) -> bytes:
    """The same bytes for the same pixels (ISO/IEC 15948, eight bits, red, green and blue)."""
    pixels = np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, width * 3)], axis=1)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )

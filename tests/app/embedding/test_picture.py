"""The picture of shared links."""

from __future__ import annotations

import contextlib
import re
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.conversation.talk import ROOT
from vivavoce.app.embedding import picture

PAPER = (0xFB, 0xF9, 0xF5)


def pixels_of(png: bytes) -> NDArray[np.uint8]:
    """A PNG of ours, read chunk by chunk; every check sum is looked at."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, []
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length) == (zlib.crc32(kind + body),)
        chunks.append((kind, body))
        at += length + 12
    assert [kind for kind, _ in chunks] == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[0][1])
    assert (depth, colour, rest) == (8, 2, [0, 0, 0])
    rows = np.frombuffer(zlib.decompress(chunks[1][1]), np.uint8).reshape(height, width * 3 + 1)
    assert not rows[:, 0].any(), "no filters"
    return rows[:, 1:].reshape(height, width, 3)


@pytest.mark.parametrize("width", picture.WIDTHS)
def test_it_has_the_size_that_it_says(width: int) -> None:
    assert picture.size_of(1200) == (1200, 630)
    assert pixels_of(picture.draw(0, 1, width)).shape == (*reversed(picture.size_of(width)), 3)


def test_a_face_has_eyes_and_a_mouth_as_the_widgets_has() -> None:
    image = pixels_of(picture.draw(0, 1, 1200)).astype(int)

    def at(x: float, y: float) -> tuple[int, ...]:
        """A place in the box of 200 that the widget's face is drawn in."""
        return tuple(image[round(315 + (y - 104) * 2.1), round(600 + (x - 100) * 2.1)])

    skin, features = (0xC6, 0xDE, 0xD7), (0x2B, 0x27, 0x23)
    for x, y in ((73, 96), (127, 96), (72, 66.5), (128, 66.5), (100, 131.5)):
        assert at(x, y) == features, (x, y)
    for x, y in ((100, 96), (100, 110), (100, 150), (73, 78), (24, 106), (176, 106), (100, 26), (100, 182)):
        assert at(x, y) == skin, (x, y)
    assert at(76, 92) == at(130, 92) == (255, 255, 255)
    assert at(56, 122) == at(144, 122) != skin
    ground = tuple(image[0, 0])
    assert at(26, 40) == at(174, 176) == ground, "the head is round"
    assert all(voice < value < paper for value, voice, paper in zip(ground, (0x1F, 0x6A, 0x63), PAPER, strict=True))


def test_its_colours_are_the_widgets() -> None:
    looks = ROOT / "web/widget/src/looks"
    face, tokens = (looks / "face.css").read_text(), (looks / "tokens.css").read_text()
    skins = re.findall(r"--skin: #(\w{6})", face)
    voices = [re.findall(rf"--v{number}: #(\w{{6}})", tokens)[0] for number in range(1, 7)]
    assert [bytes(skin).hex() for skin in picture._SKINS] == skins
    assert [bytes(voice).hex() for voice in picture._VOICES] == voices


def test_edges_are_smooth() -> None:
    image = pixels_of(picture.draw(0, 1, 1200))
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 100


@pytest.mark.parametrize(("faces", "drawn"), [(0, 1), (1, 1), (2, 2), (3, 3), (50, 3)])
def test_there_are_as_many_faces_as_fit(faces: int, drawn: int) -> None:
    image = pixels_of(picture.draw(2, faces, 300)).reshape(-1, 3)
    skins = {skin for skin in picture._SKINS if (image == skin).all(axis=1).sum() > 100}
    assert len(skins) == drawn


def test_every_picture_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def every() -> list[bytes]:
        return [picture.draw(tint, speakers, 300) for tint in range(6) for speakers in range(20)]

    first = every()
    monkeypatch.setattr(picture, "as_png", lambda _: b"drawn again")
    assert every() == first


def test_an_agents_tint_is_its_own() -> None:
    names = [f"agent-{number}" for number in range(100)]
    assert {picture.tint_of(name) for name in names} == set(range(6))
    assert picture.tint_of("founder") == picture.tint_of("founder")
    for tint in range(6):
        assert picture.draw(tint, 3, 300) == picture._drawn.__wrapped__(tint, 3, 300), "the same each time"


def test_a_crowd_is_drawn_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one picture at a time: a server has calls to carry meanwhile."""
    drawing, most, drawn = 0, 0, 0
    both = threading.Barrier(2)

    def as_png(_: object) -> bytes:
        nonlocal drawing, most, drawn
        drawing, drawn = drawing + 1, drawn + 1
        most = max(most, drawing)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.05)  # passes at once if another draws as well
        drawing -= 1
        return b"drawn"

    monkeypatch.setattr(picture, "as_png", as_png)
    picture._drawn.cache_clear()
    try:
        with ThreadPoolExecutor(8) as crowd:
            assert list(crowd.map(lambda tint: picture.draw(tint % 2, 1, 300), range(16))) == [b"drawn"] * 16
    finally:
        picture._drawn.cache_clear()
    assert (most, drawn) == (1, 2)

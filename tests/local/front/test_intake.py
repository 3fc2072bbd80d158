"""Bytes on their way in: in order, a piece a turn of the loop, and no more read than is looked at."""

from __future__ import annotations

import asyncio
from typing import Any

from vivavoce.local.front.intake import PIECE_BYTES, Intake


class Transport:
    """Whether it reads."""

    def __init__(self) -> None:
        self.reading: bool = True
        self.closing: bool = False

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Rig:
    def __init__(self) -> None:
        self.transport = Transport()
        self.pieces: list[bytes] = []
        self.holds = False
        transport: Any = self.transport
        self.intake = Intake(asyncio.get_running_loop(), transport, self._take)

    def _take(self, piece: bytes) -> None:
        self.pieces.append(piece)
        if self.holds:
            self.intake.hold()

    @property
    def taken(self) -> bytes:
        return b"".join(self.pieces)


async def test_what_fits_in_a_piece_is_handed_on_at_once() -> None:
    rig = Rig()
    rig.intake.add(b"abc")
    assert rig.pieces == [b"abc"]
    assert rig.transport.reading


async def test_others_have_their_turn_between_two_pieces() -> None:
    rig = Rig()
    flood = bytes(range(256)) * (PIECE_BYTES // 256) * 3 + b"end"
    rig.intake.add(flood)
    seen = []
    for _ in range(5):
        seen.append((len(rig.pieces), rig.transport.reading))
        await asyncio.sleep(0)
    assert seen == [(1, False), (2, False), (3, False), (4, True), (4, True)]
    assert rig.taken == flood


async def test_bytes_that_come_while_some_are_left_stand_behind_them() -> None:
    rig = Rig()
    rig.intake.add(b"a" * PIECE_BYTES + b"b")
    rig.intake.add(b"c")
    await asyncio.sleep(0)
    assert rig.taken == b"a" * PIECE_BYTES + b"bc"


async def test_nothing_is_handed_on_or_read_while_it_is_held() -> None:
    rig = Rig()
    rig.intake.hold()
    assert not rig.transport.reading
    rig.intake.add(b"abc")
    await asyncio.sleep(0)
    assert rig.pieces == []
    rig.intake.go_on()
    await asyncio.sleep(0)
    assert rig.taken == b"abc"
    assert rig.transport.reading


async def test_a_hold_from_within_is_heeded_before_the_next_piece() -> None:
    rig = Rig()
    rig.holds = True
    rig.intake.add(bytes(2 * PIECE_BYTES))
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(rig.pieces) == 1
    rig.intake.go_on()
    await asyncio.sleep(0)
    assert len(rig.pieces) == 2


async def test_the_end_hands_on_what_is_left() -> None:
    rig = Rig()
    rig.intake.add(b"a" * (2 * PIECE_BYTES))
    rig.intake.finish()
    assert rig.taken == b"a" * (2 * PIECE_BYTES)
    await asyncio.sleep(0)
    assert len(rig.taken) == 2 * PIECE_BYTES, "nothing comes twice"


async def test_a_lost_connection_is_left_alone() -> None:
    rig = Rig()
    rig.intake.add(b"a" * (2 * PIECE_BYTES))
    rig.transport.closing = True
    rig.intake.drop()
    await asyncio.sleep(0)
    assert len(rig.taken) == PIECE_BYTES
    rig.intake.go_on()
    assert not rig.transport.reading, "a closing transport is not told to read"

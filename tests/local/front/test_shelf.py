"""Credentials that were given out: bounded in number and in bytes, the oldest goes first."""

from __future__ import annotations

from vivavoce.local.front.shelf import Shelf


def kept(shelf: Shelf[int]) -> list[int]:
    return [number for number in range(10) if shelf.find(str(number)) is not None]


def test_the_oldest_goes_when_there_are_too_many() -> None:
    shelf = Shelf[int](most=3)
    for number in range(5):
        shelf.put(str(number), number, 1)
    assert kept(shelf) == [2, 3, 4]


def test_the_oldest_go_when_there_are_too_many_bytes() -> None:
    shelf = Shelf[int](most_bytes=100)
    for number, size in enumerate((40, 40, 40, 90)):
        shelf.put(str(number), number, size)
    assert kept(shelf) == [3]


def test_the_newest_is_kept_though_it_is_large() -> None:
    shelf = Shelf[int](most_bytes=100)
    shelf.put("0", 0, 10)
    shelf.put("1", 1, 1000)
    assert kept(shelf) == [1]


def test_what_is_dropped_takes_no_room() -> None:
    shelf = Shelf[int](most_bytes=100)
    for number in range(5):
        shelf.put(str(number), number, 60)
        shelf.drop(str(number))
    shelf.put("8", 8, 60)
    shelf.put("9", 9, 40)
    assert kept(shelf) == [8, 9]

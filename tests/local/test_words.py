"""What the next turn answers: bounded, and as cheap for the last word as for the first."""

from __future__ import annotations

import pytest

from vivavoce.local.words import MOST_CHARS, MOST_HEARD, Words
from vivavoce.wire.gemini.wording import Refused


def test_typed_words_come_before_spoken_ones() -> None:
    words = Words(["before"])
    words.note("now")
    words.note("")
    words.hear("")
    words.hear("nine")
    assert words.noted == ("before", "now")
    assert words.take() == ("before\nnow\nnine", True)
    assert words.take() == ("", False)


def test_too_much_is_refused_and_not_kept() -> None:
    words = Words(["x" * (MOST_CHARS - 1)])
    for _ in range(2):
        with pytest.raises(Refused):
            words.note("xx")
    words.note("x")
    assert sum(map(len, words.noted)) == MOST_CHARS
    words.answered()
    words.note("xx")
    assert words.noted == ("xx",)


def test_speech_that_nobody_asks_about_fills_no_memory() -> None:
    words = Words()
    for number in range(MOST_HEARD + 5):
        words.hear(str(number))
    assert words.take()[0].split()[0] == "5"


class Counted(str):
    """A text that counts how often it is measured."""

    measured = 0

    def __len__(self) -> int:
        Counted.measured += 1
        return super().__len__()


def test_the_last_of_many_is_no_dearer_than_the_first() -> None:
    words = Words()
    for _ in range(1_000):
        words.note(Counted("a"))
    assert Counted.measured <= 4_000

"""Text on its way to a synthesiser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.local.mouth.sayable import MOST_CHARS, pieces, sayable


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello\x00\x1b[31m there\n\nyou", "Hello [31m there you"),
        ('<speak>Say <break time="3s"/> this</speak>', "Say this"),
        ("[[h@'loU]] is markup to eSpeak", "h@'loU is markup to eSpeak"),
        ("**Bold** and `code`", "Bold and code"),
        ("Is 5 < 6 > 4?", "Is 5 < 6 > 4?"),
        ("Fine \N{GRINNING FACE} today", "Fine today"),
        ("\ud800half a pair", "half a pair"),
        ("日本語です。", "日本語です。"),
        ("", ""),
    ],
)
def test_what_is_no_speech_is_dropped(text: str, said: str) -> None:
    assert sayable(text) == said


def test_sentences_are_the_pieces() -> None:
    assert list(pieces("Hello. How much? That is $1.50, right!")) == ["Hello.", "How much?", "That is $1.50, right!"]
    assert list(pieces("はい。いいえ。")) == ["はい。", "いいえ。"]
    assert list(pieces("... ?")) == []


@given(st.text(alphabet="ab ,.!?", max_size=3000))
def test_pieces_are_short_and_lose_no_letter(text: str) -> None:
    spoken = list(pieces(sayable(text)))
    assert all(0 < len(piece) <= MOST_CHARS for piece in spoken)
    letters = [char for char in text if char.isalpha()]
    assert [char for char in "".join(spoken) if char.isalpha()] == letters

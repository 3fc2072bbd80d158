"""The phonetic alphabet mapped onto the recogniser's sounds."""

from __future__ import annotations

import pytest

from vivavoce.local.ears.pronounce import arpabet, pronounce


@pytest.mark.parametrize(
    ("ipa", "sounds"),
    [
        ("zˈeɪpiɚ", "Z EY P IY ER"),
        ("ˈɑːnboːɹdɪŋ", "AA N B AO R D IH NG"),
        ("tʃˈɜːn", "CH ER N"),
        ("lˈɪɾəl", "L IH T AH L"),
        ("dʒˈɔɪ", "JH OY"),
        ("", ""),
        ("χ", ""),
    ],
)
def test_sounds(ipa: str, sounds: str) -> None:
    assert arpabet(ipa) == sounds


async def test_nothing_asked_starts_nothing() -> None:
    assert await pronounce([]) == {}


@pytest.mark.slow
async def test_letters_become_sounds() -> None:
    pytest.importorskip("espeakng_loader")
    assert await pronounce(["hubspot"]) == {"hubspot": "HH AH B S P AA T"}

"""Voice names and what they sound like."""

from __future__ import annotations

import pytest

from vivavoce.local.mouth.voices import Timbre, espeak_voices, timbre

TEAM = ("warm-baritone", "brisk-alto", "calm-mezzo", "friendly-alto", "dry-baritone", "quick-tenor", "slow-contralto")
PREBUILT = (
    "Zephyr", "Puck", "Charon", "Kore", "Fenrir", "Leda", "Orus", "Aoede", "Callirrhoe", "Autonoe",
    "Enceladus", "Iapetus", "Umbriel", "Algieba", "Despina", "Erinome", "Algenib", "Rasalgethi", "Laomedeia",
    "Achernar", "Alnilam", "Schedar", "Gacrux", "Pulcherrima", "Achird", "Zubenelgenubi", "Vindemiatrix",
    "Sadachbia", "Sadaltager", "Sulafat",
)  # fmt: skip


def apart(one: Timbre, other: Timbre) -> bool:
    return one.variant != other.variant or abs(one.pitch - other.pitch) >= 4 or abs(one.rate - other.rate) >= 10


def test_the_team_sounds_like_different_people() -> None:
    voices = [timbre(name) for name in TEAM]
    assert all(apart(a, b) for i, a in enumerate(voices) for b in voices[:i])
    assert len({timbre(name).variant for name in ("warm-baritone", "brisk-alto", "calm-mezzo")}) == 3


def test_every_prebuilt_name_is_a_voice_of_its_own() -> None:
    assert len(PREBUILT) == 30
    assert len({timbre(name) for name in PREBUILT}) == 30


def test_spelling_does_not_matter() -> None:
    assert timbre("Warm Baritone") == timbre("warm_baritone") == timbre("warm-baritone")
    assert timbre("KORE") == timbre("kore")


@pytest.mark.parametrize("name", ["", "   ", "声", "nobody-in-particular", "warm-", "x" * 5000])
def test_any_name_is_a_voice_that_stays(name: str) -> None:
    voice = timbre(name)
    assert voice == timbre(name)
    assert 80 <= voice.rate <= 250
    assert 0 <= voice.pitch <= 99
    assert 0 <= voice.spread <= 99


def test_unknown_names_differ() -> None:
    assert len({timbre(f"person-{number}") for number in range(50)}) > 40


@pytest.mark.parametrize(
    ("language", "known"),
    [("en", "en-us+m3"), ("en-GB", "en+m3"), ("zh-CN", "cmn+m3"), ("fr-FR", "fr+m3"), ("pt_BR", "pt-br+m3")],
)
def test_a_tag_the_engine_knows_comes_before_english(language: str, known: str) -> None:
    voices = espeak_voices("m3", language)
    assert voices.index(known) <= voices.index("en-us+m3")


def test_a_tag_is_never_more_than_a_tag() -> None:
    assert espeak_voices("m3", "../../etc/passwd") == ["en-us+m3", "en+m3", "en-us", "en"]
    assert "fr+m3" in espeak_voices("m3", "fr-FR")

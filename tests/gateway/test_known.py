"""Which sound came over the link before."""

from __future__ import annotations

from vivavoce.gateway.known import MAX_CHUNKS, KnownSound, fingerprint


def chunk(number: int) -> bytes:
    return (number + 1).to_bytes(2, "little") * 480


def turn(sounds: KnownSound, *numbers: int) -> list[bool]:
    heard = [sounds.heard(fingerprint(chunk(number))) for number in numbers]
    sounds.turn_ended()
    return heard


def test_the_end_of_the_turn_before_is_known_again() -> None:
    sounds = KnownSound()
    sounds.next_link()
    turn(sounds, 1, 2, 3)
    sounds.next_link()
    assert turn(sounds, 2, 3, 4) == [True, True, False]


def test_over_one_link_nothing_is_known() -> None:
    sounds = KnownSound()
    assert turn(sounds, 1, 2) == [False, False]
    assert turn(sounds, 1, 2) == [False, False], "a model may say the same thing twice"


def test_a_turn_of_long_ago_is_not_known() -> None:
    sounds = KnownSound()
    turn(sounds, 1)
    turn(sounds, 2)
    turn(sounds, 3)
    sounds.next_link()
    assert turn(sounds, 1, 2, 3) == [False, False, True]


def test_a_link_that_brought_nothing_does_not_forget_the_one_before() -> None:
    sounds = KnownSound()
    turn(sounds, 1)
    sounds.next_link()
    sounds.next_link()
    assert turn(sounds, 1) == [True]


def test_silence_is_the_same_everywhere() -> None:
    sounds = KnownSound()
    assert fingerprint(bytes(960)) == 0
    sounds.heard(0)
    sounds.next_link()
    assert sounds.heard(0) is False


def test_a_turn_without_end_is_bounded() -> None:
    sounds = KnownSound()
    for sound in range(1, MAX_CHUNKS + 100):
        sounds.heard(sound)
    sounds.next_link()
    assert sounds.heard(7)
    assert not sounds.heard(MAX_CHUNKS + 50)

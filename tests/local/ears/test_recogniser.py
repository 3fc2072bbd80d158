"""Two decoders heard the same sound: which words stand."""

from __future__ import annotations

import math

import pytest

from vivavoce.local.workers.recogniser import Heard, Word, choose, merge, text_of


def path(*words: tuple[str, int, float], acoustic: float = -1.0) -> list[Word]:
    """Words with their lengths in frames and their posteriors, one after the other."""
    heard, at = [], 0
    for text, frames, posterior in words:
        heard.append(Word(text, at, at + frames - 1, acoustic, posterior))
        at += frames
    return heard


UNSURE = path(("i", 10, 0.9), ("say", 20, 0.9), ("it", 20, 0.1), ("out", 20, 0.2), ("of", 10, 0.9), ("ten", 30, 0.9))
HELPED = path(("i", 10, 0.9), ("say", 20, 0.9), ("eight", 20, 0.8), ("out", 20, 0.9), ("of", 10, 0.9), ("ten", 30, 0.9))


def test_an_unsure_stretch_is_taken_from_the_helped_path() -> None:
    assert text_of(merge(UNSURE, HELPED)) == "i say eight out of ten"


def test_a_sure_word_stands() -> None:
    sure = [word._replace(posterior=0.9) for word in UNSURE]
    assert text_of(merge(sure, HELPED)) == "i say it out of ten"


def test_an_unsure_helper_is_not_followed() -> None:
    guess = [word._replace(posterior=0.3) for word in HELPED]
    assert text_of(merge(UNSURE, guess)) == "i say it out of ten"


def test_words_that_do_not_fit_the_sound_are_not_taken() -> None:
    bad = [word._replace(acoustic=-9.0) if word.text == "eight" else word for word in HELPED]
    assert text_of(merge(UNSURE, bad)) == "i say it out of ten"


def test_a_path_that_is_clearly_better_is_taken_whole() -> None:
    seconds = 1.1
    assert (
        text_of(choose(Heard(path(("high", 50, 0.9)), -2.0), Heard(HELPED, -1.9), seconds)) == "i say eight out of ten"
    )
    assert text_of(choose(Heard(path(("high", 50, 0.9)), -2.0), Heard(HELPED, -1.95), seconds)) == "high"


@pytest.mark.parametrize(("general", "helped", "said"), [([], HELPED, "i say eight out of ten"), (UNSURE, [], None)])
def test_nothing_heard_by_one(general: list[Word], helped: list[Word], said: str | None) -> None:
    one = Heard(general, -1.0 if general else -math.inf)
    two = Heard(helped, -1.0 if helped else -math.inf)
    assert text_of(choose(one, two, 1.0)) == (said or text_of(general))


def test_fillers_are_not_words() -> None:
    assert text_of(path(("<s>", 5, 1), ("[NOISE]", 5, 1), ("yes", 20, 1), ("++uh++", 5, 1), ("<sil>", 5, 1))) == "yes"


def test_longer_paths_merge_stretch_by_stretch() -> None:
    general = path(("a", 9, 0.2), ("b", 9, 0.9), ("c", 9, 0.2), ("d", 9, 0.3), ("e", 9, 0.9))
    helped = path(("x", 9, 0.9), ("b", 9, 0.9), ("y", 18, 0.9), ("e", 9, 0.9))
    assert text_of(merge(general, helped)) == "x b y e"
    assert text_of(merge(helped, general)) == "x b y e"

"""Phrases written out from their templates."""

from __future__ import annotations

import pytest

from vivavoce.local.ears.phrases import packaged_sentences, write_out
from vivavoce.local.ears.vocabulary import spoken_words


def test_every_word_of_every_set_stands_in_its_place() -> None:
    said = write_out("<a> = one | two | three\n<b> = up | far away\n# not this\nthen <a> or <b>\nplain words\n")
    assert said[-1] == ("plain", "words")
    assert {sentence[1] for sentence in said[:-1]} == {"one", "two", "three"}
    assert {sentence[3:] for sentence in said[:-1]} == {("up",), ("far", "away")}


def test_a_set_used_twice_does_not_repeat_itself() -> None:
    assert write_out("<n> = one | two | three\n<n> or <n>") == [
        ("one", "or", "two"),
        ("two", "or", "three"),
        ("three", "or", "one"),
    ]


def test_an_unknown_set_is_an_error() -> None:
    with pytest.raises(KeyError):
        write_out("about <nothing>")


def test_the_packaged_phrases_are_words_a_dictionary_has() -> None:
    sentences = packaged_sentences()
    assert len(sentences) > 1000
    odd = {word for sentence in sentences for word in sentence if spoken_words(word) != (word,)}
    assert odd == set()

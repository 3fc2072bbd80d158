"""A quote is whole sentences of a text, word for word; anything else is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.panel.quotes import LONGEST_CHARS, SHORTEST_CHARS, best_sentence, is_verbatim

TEXT = "I doubt that this is any good. You call it “support”?  It isn’t.\nThe café’s invoice never came! Bye."


@pytest.mark.parametrize(
    "quote",
    [
        TEXT,
        "I doubt that this is any good.",
        "I doubt that this is any good",
        'You call it "support"? It isn\'t.',
        "The cafe\u0301's invoice never came!",
        "“The café’s invoice never came!”",
        "  It isn't.  The café's invoice never came! ",
    ],
)
def test_whole_sentences_are_verbatim(quote: str) -> None:
    assert is_verbatim(quote, TEXT)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "…",
        "this is any good.",
        "I doubt that this is",
        "I doubt that this is any good. The café’s invoice never came!",
        "The café’s invoice never came! I doubt that this is any good.",
        "XI doubt that this is any good.X",
        "i doubt that this is any good.",
        "You call it support?",
        "It is.",
        "You call it “support”",
        "I doubt that this is any good. It isn’t. And more.",
    ],
)
def test_anything_else_is_not(quote: str) -> None:
    assert not is_verbatim(quote, TEXT)


def test_marks_of_the_text_itself_are_kept() -> None:
    text = 'They said "no". Is this "good"? "Yes," they said, "it is"'
    assert is_verbatim('They said "no"', text)
    assert is_verbatim('"Yes," they said, "it is"', text)
    assert not is_verbatim('Is this "good"', text)


@pytest.mark.parametrize("nothing", ["", " ", "?!", "—"])
def test_nothing_is_no_quote(nothing: str) -> None:
    assert not is_verbatim(nothing, nothing)


def test_a_text_with_bullets_is_verbatim_as_a_whole() -> None:
    text = "- no export\n- no import\n:-)"
    assert is_verbatim(text, text)
    assert is_verbatim("no export", text)


def test_the_sentence_that_is_about_it_is_quoted() -> None:
    text = "Hello everybody out there. My invoice never came, twice. The weather is fine here."
    assert best_sentence(text, "invoices, invoice never came") == "My invoice never came, twice."
    assert best_sentence(text, "kangaroo") == "Hello everybody out there."
    assert best_sentence(text) == "Hello everybody out there."
    assert best_sentence(text, "it is the") == "Hello everybody out there.", "common words are not what it is about"


def test_too_short_and_too_long_sentences_are_not_quoted() -> None:
    assert best_sentence("Bad. Broken. Why?", "broken") == ""
    assert best_sentence("Broken! " + "very " * LONGEST_CHARS + "broken.", "broken") == ""
    assert best_sentence("", "broken") == ""


@given(st.text(max_size=400), st.text(max_size=20))
def test_what_is_quoted_is_verbatim(text: str, about: str) -> None:
    quote = best_sentence(text, about)
    assert quote == "" or (is_verbatim(quote, text) and SHORTEST_CHARS <= len(quote) <= LONGEST_CHARS)

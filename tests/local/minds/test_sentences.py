"""Text in crumbs to sentences, however it is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.local.minds.sentences import LONGEST, Aside, Sentences


def spoken(*texts: str) -> list[str]:
    sentences = Sentences()
    whole = [sentence for text in texts for sentence in sentences.add(text)]
    return [*whole, *([rest] if (rest := sentences.rest()) else [])]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ('She said "no." Then left.', ['She said "no."', "Then left."]),
        ("It is 3.5 in all", ["It is 3.5 in all"]),
        ("First line\n\nSecond line\n", ["First line", "Second line"]),
        ("你好。我是艾达！好", ["你好。", "我是艾达！", "好"]),
        ("   ", []),
        ("So… well", ["So…", "well"]),
    ],
)
def test_sentences(text: str, whole: list[str]) -> None:
    assert spoken(text) == whole


@given(st.text(alphabet='ab .!?\n")。', max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_crumbs_make_no_difference_to_what_is_said(text: str, cuts: list[int]) -> None:
    places = sorted({0, len(text), *(cut for cut in cuts if cut <= len(text))})
    crumbs = [text[here:there] for here, there in pairwise(places)]
    assert "".join(spoken(*crumbs)).split() == "".join(spoken(text)).split()
    assert "".join("".join(spoken(*crumbs)).split()) == "".join(text.split())


def test_a_sentence_without_an_end_is_cut_at_a_space() -> None:
    whole = spoken("word " * 200)
    assert all(len(sentence) <= LONGEST for sentence in whole)
    assert {word for sentence in whole for word in sentence.split()} == {"word"}
    assert [len(sentence) for sentence in spoken("x" * 700)] == [LONGEST, LONGEST, 100]


def aside(*texts: str) -> tuple[str, str]:
    taker = Aside()
    pairs = [taker.add(text) for text in texts]
    return "".join(thought for thought, _ in pairs), ("".join(words for _, words in pairs) + taker.rest()).strip()


@pytest.mark.parametrize(
    ("text", "thought", "words"),
    [
        ("<think>Hm.</think>Yes.", "Hm.", "Yes."),
        ("\n<think>\nHm.\n</think>\n\nYes.", "\nHm.\n", "Yes."),
        ("Yes <think>no</think>.", "", "Yes <think>no</think>."),
        ("<thing", "", "<thing"),
        ("<th", "", "<th"),
        ("", "", ""),
    ],
)
def test_thoughts_are_taken_out_however_they_are_cut(text: str, thought: str, words: str) -> None:
    assert aside(text) == (thought, words)
    assert aside(*text) == (thought, words)


def test_a_thought_without_an_end_is_never_spoken() -> None:
    taken, words = aside("<think>", "I wonder ", "whether")
    assert words == ""
    assert "I wonder whether".startswith(taken)

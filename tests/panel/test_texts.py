from __future__ import annotations

import time
import unicodedata

import hypothesis.strategies as st
import pytest
from hypothesis import given

from vivavoce.panel.insights import insight_id
from vivavoce.panel.texts import cut, language, sentences, tidy, words


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("  a \t b\u00a0\u2003c ", "a b c"),
        ("a\r\nb\rc\u2028d\u0085e", "a\nb\nc\nd\ne"),
        ("a\n \n\n\t\n b", "a\n\nb"),
        ("cafe\u0301", "café"),
        ("a\x00b\x1b[31mc\ud800d", "ab[31mcd"),
        ("zero\u200bwidth", "zero\u200bwidth"),
        ("", ""),
    ],
)
def test_tidy(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


@given(st.text())
def test_tidied_again_it_stays(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in once if letter != "\n")


@pytest.mark.parametrize(
    ("text", "most", "left"),
    [
        ("One two. Three four. Five.", 22, "One two. Three four."),
        ("One two. Three four. Five.", 100, "One two. Three four. Five."),
        ("First.\nSecond line is long", 8, "First."),
        ("No. It has one short sentence and then a long one", 30, "No. It has one short sentence"),
        ("abcdefghij" * 3, 7, "abcdefg"),
        ("aaaa e\u0301\u0301\u0301", 6, "aaaa"),
        ("aae\u0301\u0301", 4, "aa"),
    ],
)
def test_cut(text: str, most: int, left: str) -> None:
    assert cut(text, most) == left


@given(st.text(), st.integers(0, 50))
def test_cut_is_the_beginning(text: str, most: int) -> None:
    left = cut(text, most)
    assert len(left) <= most or left == text
    assert text.startswith(left)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It broke. I left! Why?", ["It broke.", "I left!", "Why?"]),
        ("Use e.g. exports, i.e. CSV. It costs 3.5 dollars.", ["Use e.g. exports, i.e. CSV.", "It costs 3.5 dollars."]),
        ("Dr. Smith and J. Doe agree. So do I. Really.", ["Dr. Smith and J. Doe agree.", "So do I.", "Really."]),
        ('He said "No." Then left.', ['He said "No."', "Then left."]),
        ("wait... what? ok... fine", ["wait... what? ok... fine"]),
        ("one thing\n- two\n2) three\n\n* four", ["one thing", "two", "three", "four"]),
        ("私は困る。なぜ！", ["私は困る。", "なぜ！"]),
        ("!!! ... ---", []),
        ("", []),
    ],
)
def test_sentences(text: str, found: list[str]) -> None:
    assert sentences(text) == found


@given(st.text())
def test_sentences_stand_in_the_text(text: str) -> None:
    assert all(sentence in text for sentence in sentences(text))


@pytest.mark.parametrize("piece", [".", "!?", "…)", '."', "a. "])
def test_a_page_of_dots_is_cut_as_quickly_as_words(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    began = time.process_time()
    assert len(cut(text, 16_000)) <= 16_000
    sentences(text[:16_000])
    assert time.process_time() - began < 1


def test_words() -> None:
    assert words("Don’t RE-do naïve foo_bar 3.5 हिन्दी 私は O'Neil’s") == [
        "don't", "re", "do", "naïve", "foo", "bar", "3", "5", "हिन्दी", "私", "は", "o'neil's",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("The export does not work on my phone and I have to do it again", "en"),
        ("Die App stürzt ab und ich kann nichts mehr speichern", "de"),
        ("L'application ne marche pas et je suis très déçu", "fr"),
        ("La aplicación no funciona y me molesta mucho", "es"),
        ("O aplicativo não funciona e isso é muito ruim", "pt"),
        ("L'app non funziona e mi dà molto fastidio", "it"),
        ("Het werkt niet en ik ben er boos over", "nl"),
        ("Aplikacja nie działa i to jest bardzo złe", "pl"),
        ("Приложение не работает", "ru"),
        ("Застосунок не працює і це дратує", "uk"),
        ("このアプリは漢字が読めない", "ja"),
        ("这个应用不好用", "zh"),
        ("앱이 작동하지 않아요", "ko"),
        ("التطبيق لا يعمل", "ar"),
        ("Great app!", ""),
        ("asdf qwer", ""),
        ("👍👍👍", ""),
        ("", ""),
        ("I can not read 漢字 in the export of my report", "en"),
    ],
)
def test_language(text: str, lang: str) -> None:
    assert language(text) == lang


def test_one_word_again_and_again_says_little() -> None:
    assert language("de de de de de de de the app is not working and I am sad with it") == "en"


def test_an_id_is_of_source_and_ref() -> None:
    assert insight_id("hackernews", "1") == "c96a503ddb91940e"
    assert insight_id("ab", "c") != insight_id("a", "bc")
    assert insight_id("x", "\ud800") == insight_id("x", "?")

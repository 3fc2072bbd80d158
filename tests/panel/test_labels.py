"""Labels are words that people used, the telling ones, as they spelt them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.panel.labels import MOST_TERMS, PHRASE_WORDS, SENTENCE_CHARS, called, is_sentence, labels, names
from vivavoce.panel.texts import words

LATE = [
    "Late invoices again",
    "I chase late invoices every month",
    "Late invoices and no reminders",
    "reminders, please",
]
EXPORT = ["The export to PDF breaks", "PDF export loses my month", "Export as PDF? Broken."]


def test_a_group_is_called_by_what_it_says_and_others_do_not() -> None:
    late, export = labels([LATE, EXPORT])
    assert late.startswith("late invoices")
    assert "PDF" in export
    assert "month" not in late + export


def test_what_everybody_says_tells_little() -> None:
    lost, fee = labels([["card lost", "lost card", "my card"], ["card fee", "a fee for the card", "card"]])
    assert lost.startswith("lost")
    assert fee.startswith("fee")


def test_a_label_says_no_word_twice() -> None:
    (label,) = labels([["invoice reminders", "invoices and reminders", "invoicing reminder", "the invoice reminders"]])
    stems = [word[:5] for word in words(label)]
    assert len(stems) == len(set(stems))
    assert labels([["rate", "rates", "the rate", "good rates"]]) == ["rate"]


def test_a_term_counts_once_a_text() -> None:
    shouting, *others = "refund refund refund refund refund", "slow support", "slow support", "slow support"
    (label,) = labels([[shouting, *others]])
    assert label.startswith("slow support")


def test_words_are_spelt_as_most_people_do() -> None:
    assert labels([["CRASHES", "crashes daily", "It crashes"]])[0].startswith("crashes")
    assert labels([["Stripe pays", "my Stripe account", "our Stripe"]])[0].startswith("Stripe")
    assert labels([["CRASHES!", "crashes"]]) == ["crashes"], "of as many spellings, the one in lower case"
    assert labels([["Crashes!", "Crashes."]]) == ["crashes"], "a sentence begins so"


def test_no_phrase_goes_across_a_stop_or_what_was_masked() -> None:
    (label,) = labels([["sync, battery"] * 3])
    assert "sync battery" not in label
    (label,) = labels([["write to [email] support"] * 3])
    assert "email" not in label
    assert label in ("support, write", "write, support")


def test_what_hardly_anybody_says_is_no_second_term() -> None:
    (label,) = labels([["battery"] * 9 + ["battery and kangaroo"]])
    assert label == "battery"


def test_one_text_alone_has_a_label() -> None:
    assert labels([["The invoice arrived late"]])[0]


def test_a_group_without_words_has_none() -> None:
    assert labels([["it is what it is"], [""], []]) == ["", "", ""]
    assert labels([]) == []


def test_words_of_other_scripts_are_words() -> None:
    (label,) = labels([["Счёт не пришёл", "где мой счёт"]])
    assert "счёт" in label.lower()


ADD = "Please let me start with one client and add the others later. It must not take all year."
TAKE = "We are trying to take more clients. Nobody is hired for more."


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ([TAKE, ADD], "We are trying to take more clients"),
        ([ADD, TAKE], "We are trying to take more clients"),
        ([TAKE, "Who is ever hired? Nobody of them, for all that I know."], "Nobody is hired for more"),
        ([ADD], "Please let me start with one client and add the others later"),
        (["This is how it is in here. We add a client a week."], "We add a client a week"),
        (["Why is it not in the list?", "Slow."], "Why is it not in the list?"),
        (["Slow.", "So slow."], "client and add"),
        ([" ".join(["word"] * 50)] * 2, " ".join(["word"] * 16) + " …"),
        ([" ".join(["word"] * 16) + ", and" * 9], " ".join(["word"] * 16) + " …"),
    ],
    ids=[
        "shortest",
        "either order",
        "what the other says",
        "alone",
        "by its label",
        "question",
        "too short",
        "cut",
        "comma",
    ],
)
def test_few_are_called_by_a_sentence_of_theirs(texts: list[str], name: str) -> None:
    assert called(texts, "client and add") == name


def test_three_are_called_by_their_words_unless_these_say_too_little() -> None:
    assert called([ADD, TAKE, TAKE], "add a client, year") == "add a client, year"
    assert called([ADD, TAKE, TAKE], "client, year") == "Please let me start with one client and add the others later"
    assert called(["Slow.", TAKE, ADD], "client, hired") == "Nobody is hired for more"
    assert called(["Slow.", "So slow.", "Slow!"], "slow") == "slow"
    assert called([ADD, TAKE, TAKE], "") == ""


TWICE = "Duplicate lines after every import. I have to delete them manually."


@pytest.mark.parametrize(
    ("texts", "label", "name"),
    [
        ([TWICE], "delete manually", "Duplicate lines after every import"),
        ([TWICE, "Delete it all manually, I have to, every single time."], "x", "Duplicate lines after every import"),
        (["I need it to work here. We will not change that for you."], "change", "I need it to work here"),
        (["Slow.\nI have to delete them manually."], "slow", "I have to delete them manually"),
    ],
    ids=["alone", "two", "a first sentence leans on nothing", "there is no other"],
)
def test_a_name_does_not_lean_on_what_was_said_before_it(texts: list[str], label: str, name: str) -> None:
    assert called(texts, label) == name


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("late invoices, reminders", False),
        ("no audit log, client and add, rate", False),
        ("We add a client a week", True),
        ("One, two, three, four", True),
    ],
)
def test_words_are_told_from_a_sentence(name: str, sentence: bool) -> None:
    assert is_sentence(name) == sentence


def test_whose_sentence_a_name_is() -> None:
    assert names(called([TAKE], "clients"), TAKE)
    long = " ".join(["word"] * 50)
    assert names(called([long], "word"), long)
    assert not names(called([TAKE], "clients"), ADD)
    assert not names("late invoices", "We chase late invoices.")


def test_what_has_no_name_is_given_none() -> None:
    assert called(["It is what it is, as it was."], "") == ""


@given(st.lists(st.text(max_size=200), min_size=1, max_size=3))
def test_whatever_is_said_a_name_is_of_one_line_and_said(texts: list[str]) -> None:
    (label,) = labels([texts])
    name = called(texts, label)
    assert (name == "") == (label == "")
    assert len(name) <= max(SENTENCE_CHARS + 2, len(label))
    assert any(name.removesuffix(" …") in text for text in texts) or name == label


@given(st.lists(st.lists(st.text(max_size=80), max_size=5), max_size=5))
def test_whatever_is_said_labels_are_short_and_said(groups: list[list[str]]) -> None:
    found = labels(groups)
    assert len(found) == len(groups)
    for label, texts in zip(found, groups, strict=True):
        terms = label.split(", ") if label else []
        assert len(terms) <= MOST_TERMS
        said = {word for text in texts for word in words(text)}
        for term in terms:
            assert len(term.split()) <= PHRASE_WORDS
            assert set(words(term)) <= said
    assert labels(groups) == found

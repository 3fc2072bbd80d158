"""Texts are cut as the model was taught: the numbers are those of `tokenizers` 0.23.3 with the model's own file."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.studies.embedding import weights
from vivavoce.studies.embedding.wordpiece import WordPiece

SMALL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "in", "##voice", "##s", "voice", "a", "[", "]", "sep", "!"]
needs_weights = pytest.mark.skipif(find_spec(weights.PACKAGE) is None, reason="the weights are not installed")


@pytest.fixture(scope="module")
def small() -> WordPiece:
    return WordPiece(SMALL)


@pytest.fixture(scope="module")
def real() -> WordPiece:
    return WordPiece(weights.vocabulary(weights.folder()))


def test_the_longest_piece_is_taken_first(small: WordPiece) -> None:
    assert small.numbers("Invoices a!", 99) == [2, 4, 5, 6, 8, 12, 3]


def test_a_word_that_cannot_be_cut_is_unknown_as_a_whole(small: WordPiece) -> None:
    assert small.numbers("invoicex voice", 99) == [2, 1, 7, 3]
    assert small.numbers("a" * 101, 99) == [2, 1, 3]


def test_a_word_is_cut_where_there_is_no_more_room(small: WordPiece) -> None:
    assert small.numbers("invoices", 4) == [2, 4, 5, 3]


def test_the_end_of_a_text_is_not_said_by_who_wrote_it(small: WordPiece) -> None:
    assert small.numbers("a [SEP] a", 99) == [2, 8, 9, 11, 10, 8, 3]


def test_nothing_is_no_pieces(small: WordPiece) -> None:
    assert [small.numbers(text, 99) for text in ("", " \n", "\u200b\x00")] == [[], [], []]


@given(st.text(max_size=300), st.integers(3, 20))
def test_whatever_it_is_there_is_an_end_and_never_too_much(text: str, most: int) -> None:
    numbers = WordPiece(SMALL).numbers(text, most)
    assert len(numbers) <= most
    assert not numbers or (numbers[0] == 2 and numbers[-1] == 3 and len(numbers) >= 3)


def test_an_endless_text_is_cut(small: WordPiece) -> None:
    assert small.numbers("a " * 1_000_000, 256) == [2, *[8] * 254, 3]
    assert len(small.numbers("voice" * 1_000_000, 256)) == 3


@needs_weights
@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Hello, world!", "7592 1010 2088 999"),
        (
            "It's un-believably SLOW… naïve café résumé",
            "2009 1005 1055 4895 1011 19337 2666 3567 6321 4030 1529 15743 7668 13746",
        ),
        (
            "發票 invoice 你好吗 ひらがな 한국어",
            "100 100 1999 6767 6610 100 100 100 1673 30211 30177 30193 1469 30006 30021 29991 30014 30020 29999 30008",
        ),
        (
            "tab\tnew\nline\r\n zero\u200bwidth \x00nul\x07bell \xadsoft",
            "21628 2047 2240 5717 9148 11927 2232 16371 20850 5349 3730",
        ),
        (
            "price: $1,299.00 (50% off) #1 @home a_b c^d `e` ~f~ <g> |h|",
            "3976 1024 1002 1015 1010 25926 1012 4002 1006 2753 1003 2125 1007 1001 1015 1030 2188 1037 "
            "1035 1038 1039 1034 1040 1036 1041 1036 1066 1042 1066 1026 1043 1028 1064 1044 1064",
        ),
        ("👍🏽 great 🎉", "100 2307 100"),
        (
            "Ünïcödé ẞtraße Σίσυφος ΟΔΟΣ İstanbul",
            "27260 1096 6494 17499 1173 18199 29733 29735 29736 15297 1169 29722 29730 29733 9960",
        ),
        ("don’t “quote” — em–dash", "2123 1521 1056 1523 14686 1524 1517 7861 1516 11454"),
        ("ﬁne ½ ² ™ №", "1984 2638 1092 1082 1580 1578"),
        (
            "Привет, мир! не работает",
            "1194 16856 10325 25529 15290 22919 1010 1191 10325 16856 999 1192 15290 1195 10260 29740 "
            "14150 22919 10260 15290 22919",
        ),
        ("مرحبا बहुत नमस्ते ภาษาไทย", "1295 17149 29820 29816 25573 1329 29875 29859 1327 29867 29874 29859 100"),
        ("e\u0301 combining \ufffd replaced a\u3000b\u2003c", "1041 11566 2999 1037 1038 1039"),
    ],
)
def test_numbers_are_those_of_the_reference(real: WordPiece, text: str, numbers: str) -> None:
    assert real.numbers(text, 256) == [101, *map(int, numbers.split()), 102]

"""Hashed vectors: near in spelling, the same everywhere, and nothing for nothing."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import InputError
from vivavoce.panel.vectors import AT_ONCE, HASHED_SIZE, cosines, hashed, mean_of, unit


def test_many_texts_are_the_same_rows_as_few() -> None:
    texts = [f"invoice {number} is late" for number in range(AT_ONCE + 3)]
    found = hashed(texts)
    for row in (0, AT_ONCE - 1, AT_ONCE, AT_ONCE + 2):
        assert found[row].tobytes() == hashed([texts[row]])[0].tobytes()


def test_what_is_spelt_alike_is_near() -> None:
    invoice, invoices, bill = hashed(
        ["My invoice is always late", "Late invoices, again and again", "They pay when they feel like it"]
    )
    assert invoice @ invoices > 0.4
    assert abs(invoice @ bill) < 0.1


def test_common_words_make_nothing_alike() -> None:
    one, other = hashed(["It is the printer that I have", "It is the weather that I have"])
    assert one @ other < 0.2


def test_of_a_text_of_common_words_they_are_all_there_is() -> None:
    one, other, third = hashed(["It is what it is", "What is it?", "printer"])
    assert one @ other > 0.5
    assert one @ third == pytest.approx(0.0, abs=0.1)


def test_a_text_without_words_is_zeros() -> None:
    assert not hashed(["", "  ", "!?"]).any()


def test_no_texts_are_no_rows() -> None:
    assert hashed([]).shape == (0, HASHED_SIZE)


def test_the_same_bytes_on_every_machine() -> None:
    vectors = hashed(["The export loses every second row", "café ☕ 发票 не работает", "a a a a"])
    rounded = np.round(vectors * 1e6).astype("<i8")  # the last digit of a root may differ
    assert hashlib.sha256(rounded.tobytes()).hexdigest()[:16] == "0fe4aac00bb7a85a"


@given(st.lists(st.text(max_size=60), max_size=6))
def test_rows_stand_alone_and_have_length_one_or_none(texts: list[str]) -> None:
    vectors = hashed(texts)
    assert vectors.dtype == np.float32
    assert all(length == 0 or abs(length - 1) < 1e-6 for length in np.linalg.norm(vectors, axis=1))
    for row, text in zip(vectors, texts, strict=True):
        assert row.tobytes() == hashed([text])[0].tobytes()


def test_cosines_are_bounded_and_of_one_size() -> None:
    one = unit(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert cosines(one, one).tolist() == [[pytest.approx(1.0), 0.0], [0.0, 0.0]]
    assert cosines(one, one).max() <= 1.0
    with pytest.raises(InputError, match=r"want vectors of one size, got \(2, 2\) and \(1, 3\)"):
        cosines(one, unit(np.ones((1, 3))))


def test_the_middle_of_vectors_is_a_direction() -> None:
    assert mean_of(unit(np.array([[1.0, 0.0], [0.0, 1.0]]))).tolist() == [pytest.approx(0.5**0.5)] * 2
    assert mean_of(unit(np.array([[1.0, 0.0], [-1.0, 0.0]]))).tolist() == [0.0, 0.0]
    assert mean_of(np.zeros((0, 2), np.float32)).tolist() == [0.0, 0.0]

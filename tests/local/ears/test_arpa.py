"""The small language model: a distribution, whatever is asked of it."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.local.ears.arpa import arpa

Model = dict[tuple[str, ...], tuple[float, float]]

SENTENCES = [("we", "pay", "ten", "dollars"), ("we", "pay", "nothing"), ("ten", "percent")]


def parsed(text: str) -> Model:
    """N-grams with their log10 probability and back-off weight."""
    model: Model = {}
    for line in text.splitlines():
        columns = line.split("\t")
        if len(columns) >= 2:
            model[tuple(columns[1].split())] = (float(columns[0]), float(columns[2]) if len(columns) > 2 else 0.0)
    return model


def log10(model: Model, context: tuple[str, ...], word: str) -> float:
    """As a decoder looks it up."""
    if (*context, word) in model:
        return model[(*context, word)][0]
    back = model[context][1] if context in model else 0.0
    return back + log10(model, context[1:], word)


def vocabulary(model: Model) -> list[str]:
    return [gram[0] for gram in model if len(gram) == 1 and gram[0] != "<s>"]


@given(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map(tuple), min_size=1, max_size=8))
def test_after_every_context_the_words_add_up_to_one(sentences: list[tuple[str, ...]]) -> None:
    model = parsed(arpa(sentences, ["z"]))
    words = vocabulary(model)
    for context in itertools.chain([()], itertools.product(["<s>", *words], repeat=2)):
        total = sum(10 ** log10(model, context, word) for word in words)
        assert total == pytest.approx(1, abs=0.01)  # four decimals of each logarithm


def test_what_was_said_is_likelier_than_what_was_not() -> None:
    model = parsed(arpa(SENTENCES))
    assert log10(model, ("we", "pay"), "ten") > log10(model, ("we", "pay"), "percent")
    assert log10(model, ("pay", "ten"), "dollars") > log10(model, ("pay", "ten"), "percent")


def test_the_header_counts_the_lines() -> None:
    text = arpa(SENTENCES, ["spreadsheet"])
    model = parsed(text)
    for size in (1, 2, 3):
        assert f"ngram {size}={sum(len(gram) == size for gram in model)}\n" in text
    assert text.endswith("\\end\\\n")


def test_lone_words_can_be_heard() -> None:
    model = parsed(arpa(SENTENCES, ["spreadsheet"]))
    assert math.isfinite(log10(model, (), "spreadsheet"))
    assert ("spreadsheet",) in model

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.panel.reasoner import choice

SCORES = st.floats(-20, 20)
NOISE = st.floats(0, 1)


@given(st.lists(SCORES, min_size=1, max_size=6), NOISE)
def test_shares_sum_to_one_in_the_order_of_the_scores(scores: list[float], noise: float) -> None:
    found = choice.shares(scores, noise)
    assert math.isclose(math.fsum(found), 1)
    assert choice.shares(scores[::-1], noise) == found[::-1]
    for one, its in zip(scores, found, strict=True):
        for other, others in zip(scores, found, strict=True):
            assert its >= others or one < other


def test_no_noise_takes_the_best_and_leaves_a_tie_a_tie() -> None:
    assert choice.shares([0.1, 0.5, 0.3], 0) == pytest.approx([0, 1, 0], abs=1e-6)
    assert choice.shares([0.5, 0.5], 0) == [0.5, 0.5]


def test_noise_divides_the_score() -> None:
    assert choice.shares([0.5, 0.0], 0.5)[0] == pytest.approx(1 / (1 + math.exp(-1)))


@given(SCORES, NOISE)
def test_chances_sum_to_one(score: float, noise: float) -> None:
    found = choice.chances(score, noise)
    assert math.isclose(math.fsum(found.values()), 1)
    assert all(0 <= chance <= 1 for chance in found.values())


@given(SCORES, SCORES, NOISE)
def test_more_is_never_less_wanted(one: float, other: float, noise: float) -> None:
    low, high = sorted((one, other))
    assert choice.chances(low, noise)["would"] <= choice.chances(high, noise)["would"]
    assert choice.chances(low, noise)["would_not"] >= choice.chances(high, noise)["would_not"]
    yardstick = [(-1.0, 1.0), (0.0, 2.0), (1.0, 1.0)]
    assert 1 <= choice.appeal(low, yardstick) <= choice.appeal(high, yardstick) <= 10


def test_a_word_is_said_for_what_is_as_likely_as_not() -> None:
    assert choice.word({"would": 0.45, "might": 0.2, "would_not": 0.35}) == "might"
    assert choice.word({"would": 0.35, "might": 0.2, "would_not": 0.45}) == "might"
    assert choice.word({"would": 0.5, "might": 0.3, "would_not": 0.2}) == "would"
    assert choice.word({"would": 0.5, "might": 0.0, "would_not": 0.5}) == "would_not"


@pytest.mark.parametrize("noise", [0.0, 0.3, 0.6, 0.9, 1.0])
def test_whatever_the_noise_all_three_words_are_said_in_their_order(noise: float) -> None:
    said = [choice.word(choice.chances(at / 10, noise)) for at in range(-20, 31)]
    assert list(dict.fromkeys(said)) == ["would_not", "might", "would"]


def test_what_is_no_better_than_today_is_left() -> None:
    found = choice.chances(choice.STAY, 0.5)
    assert choice.word(found) == "would_not"
    assert choice.word(choice.chances(choice.TAKE + 0.1, 0.5)) == "would"
    assert choice.word(choice.chances((choice.STAY + choice.TAKE) / 2, 0.2)) == "might"


def test_appeal_is_a_place_on_the_yardstick() -> None:
    yardstick = [(float(at), 1.0) for at in range(10)]
    assert choice.appeal(-5, yardstick) == 1
    assert choice.appeal(4.5, yardstick) == 5.5
    assert choice.appeal(20, yardstick) == 10
    assert choice.appeal(4.5, [*yardstick, (20.0, 10.0)]) == 3.25

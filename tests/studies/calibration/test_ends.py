"""Floors, ceilings and intervals, where it is known what they must be."""

from __future__ import annotations

import math
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from tests.studies.calibration import outcomes
from vivavoce.panel.calibration.drawing import Floats, mean_by
from vivavoce.panel.calibration.likeness import spearman
from vivavoce.panel.outcome import Share
from vivavoce.studies.calibration import choices
from vivavoce.studies.calibration.concepts import Ideas
from vivavoce.studies.calibration.measured import Measured, Of
from vivavoce.studies.calibration.wishers import Wishes, ceiling, one_rater

stories, raters, twins = (
    import_module(f"vivavoce.studies.calibration.{name}") for name in ("stories", "raters", "twins")
)


def wishes_of(marks: list[Floats]) -> Wishes:
    count = len(marks)
    return Wishes(
        texts=[""] * count,
        niches=np.zeros(count, np.intp),
        niche_names=["one"],
        authors=np.arange(count),
        folds=np.zeros(count, np.intp),
        useful=np.array([each.mean() for each in marks]),
        raters=np.array([float(len(each)) for each in marks]),
        inside=np.array([((each - each.mean()) ** 2).sum() for each in marks]),
        vectors=np.zeros((count, 1)),
        cosines=np.zeros((0, 0)),
        leaks={},
    )


@pytest.mark.parametrize("spread", [0.4, 0.8])
def test_the_ceiling_of_marks_is_what_who_knows_the_truth_reaches(spread: float) -> None:
    """Of two to four raters each, in whole marks, as they are given."""
    chance = np.random.default_rng(1)
    truth = chance.normal(3, spread, 20_000)
    marks = [
        np.clip(np.round(chance.normal(each, 1.0, many)), 1, 5)
        for each, many in zip(truth, chance.integers(2, 5, len(truth)), strict=True)
    ]
    found = wishes_of(marks)
    rows = np.arange(len(truth))
    assert ceiling(found, rows) == pytest.approx(spearman(truth, found.useful), abs=0.025)
    assert one_rater(found, rows) == pytest.approx(spread**2 / (spread**2 + 1), abs=0.06)


def test_marks_that_say_nothing_of_a_wish_have_no_ceiling() -> None:
    found = wishes_of([np.array([1.0, 5.0])] * 20)
    assert one_rater(found, np.arange(20)) == ceiling(found, np.arange(20)) == 0
    alone = wishes_of([np.array([float(at)]) for at in range(5)])
    assert ceiling(alone, np.arange(5)) == 0, "of one rater each nobody knows how they agree"


def test_two_surveys_of_people_near_a_tie_agree_as_often_as_by_lot() -> None:
    """Halves of the same people would agree less than that: what one has too much of, the other has too little of."""
    orders = [np.roll(np.arange(1.0, 6.0), at % 5) for at in range(50)]
    assert stories._same_winner(np.array(orders), 1) == pytest.approx(0.2, abs=0.1)
    sure = np.array([[5.0, 1, 2, 3, 4]] * 50)
    assert stories._same_winner(sure, 1) == stories._leads(sure, 1) == 1
    assert stories._alike(sure, 1) == pytest.approx(1)


def test_somebody_elses_reason_is_everybody_elses() -> None:
    votes = np.array([[1.0, 2, 3], [1, 2, 3], [3, 2, 1]])
    assert stories._by_strangers(votes, votes).tolist() == [0, 0, -1]


def test_who_chooses_by_a_taste_of_their_own_is_foretold_by_their_own_choices(tmp_path: Path) -> None:
    """Of the same choices as everybody's weights are tried on, and none of a person's is foretold by itself."""
    chance = np.random.default_rng(2)
    size = len(choices.ATTRIBUTES) + 1
    options = chance.normal(size=(600, 3, size))
    people = np.repeat(np.arange(40), 15)
    tastes = np.zeros((40, size))
    tastes[:, 0] = np.where(np.arange(40) % 2, 3, -3)
    worth = np.einsum("tas,ts->ta", options, tastes[people])
    found = choices.Choices(options, worth.argmax(axis=1), people, people % choices.FOLDS)
    everybody = choices.scored(found, choices.foretold(found, range(size)))[0]
    own = choices.scored(found, choices.by_own(found))[0]
    assert len(own) == len(everybody) == 600
    assert own.mean() > everybody.mean() + 0.2
    dealt = choices.Choices(options, chance.integers(0, 3, 600), people, people % choices.FOLDS)
    assert choices.scored(dealt, choices.by_own(dealt))[0].mean() == pytest.approx(1 / 3, abs=0.06)


def test_raters_on_a_panel_have_no_say_in_what_is_true_of_it() -> None:
    chance = np.random.default_rng(3)
    noise = [chance.normal(size=20) for _ in range(30)]
    found = Ideas(
        ratings=noise,
        means=np.array([each.mean() for each in noise]),
        errors=np.array([each.var(ddof=1) / 20 for each in noise]),
        sources=["one"] * 30,
        vectors=np.zeros((30, 1)),
        length=np.zeros(30),
        families=np.arange(30),
        kin=np.arange(30),
        leaks={},
    )
    share = raters.panel(found, "one", 10, 1)
    assert share.low < 0.5 < share.high, "of ratings that say nothing of an idea, half of the raters foretell nothing"


def test_gains_are_drawn_together_with_what_they_are_over() -> None:
    chance = np.random.default_rng(4)
    base = chance.normal(size=50)
    measured = Measured(
        {"right": lambda values: mean_by(values, np.arange(50), seed=1)}, {"gain": "right"}, {"right": base}
    )
    gain = measured.row("better", "model", {"right": base + 0.1}).figures["gain"]
    assert (gain.value, gain.low, gain.high) == (0.1, 0.1, 0.1), "who is always as much better is so for sure"
    assert measured.row("base", "control", {"right": base}).figures["gain"] == Share(0, 0, 0)
    assert set(measured.row("people", "people", {}, {"other": gain}).figures) == {"other"}


def test_figures_that_are_no_means_are_taken_from_each_other_row_by_row() -> None:
    apart = Of(lambda rows: float(rows.sum())) - Of(lambda rows: float(len(rows)))
    assert apart.figure(np.array([1, 2, 3])) == 3
    assert not math.isnan(apart.figure(np.array([], np.intp)))


def test_as_many_other_people_are_more_alike_than_half_as_many(tmp_path: Path) -> None:
    outcomes.twins(tmp_path)
    found = twins._load(tmp_path, 1)
    alike = twins._twice(found, np.random.default_rng(1))
    assert 0 < alike["KS"].mean() < 0.3
    assert alike["SD ratio"].mean() == pytest.approx(1, abs=0.15)

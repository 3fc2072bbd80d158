from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench.reasoner import __main__ as reasoner
from bench.reasoner import ballot, cars, wrong_questions
from bench.reasoner.people import persona
from numpy.typing import NDArray

from vivavoce.errors import MissingError
from vivavoce.panel.ballots import Question, Variant
from vivavoce.panel.reasoner import Reasoner
from vivavoce.panel.reasoner.terms import GOAL
from vivavoce.panel.sense import SENSES
from vivavoce.panel.vectors import hashed
from vivavoce.studies.embedding import open_embedder

PAGE = Path(__file__).parent.parent.parent / "docs" / "explanation" / "reasoner.md"


def drawn(slopes: NDArray[Any], tasks: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Choices among three of people whose second weight is known; the first is 1 for all."""
    chance = np.random.default_rng(1)
    people = np.repeat(np.arange(len(slopes)), tasks)
    options = chance.normal(size=(len(people), 3, 2))
    worth = options[:, :, 0] + slopes[people][:, None] * options[:, :, 1]
    return options, (worth + chance.gumbel(size=worth.shape)).argmax(axis=1), people


def test_a_slope_is_found_again() -> None:
    options, chosen, _ = drawn(np.full(50, 2.0), 60)
    assert cars.fit(options, chosen) == pytest.approx([1.0, 2.0], abs=0.15)
    with_it, without = cars.loss(options, chosen, np.array([1.0, 2.0])), cars.loss(options, chosen, np.zeros(2))
    assert with_it[0] < without[0] == pytest.approx(np.log(3))
    assert with_it[1] > 0.6


def test_a_spread_of_slopes_is_found_again() -> None:
    slopes = np.exp(np.random.default_rng(2).normal(np.log(2.0), 0.7, 300))
    options, chosen, people = drawn(slopes, 20)
    middle, sigma = cars.spread(options, chosen, people, np.array([1.0, 2.0]))
    assert middle == pytest.approx(2.0, rel=0.2)
    assert sigma == pytest.approx(0.7, abs=0.15)


def test_pairs_that_are_clear() -> None:
    def arm(clicks: int, shown: int) -> dict[str, str]:
        return {"clicks": str(clicks), "impressions": str(shown)}

    assert wrong_questions._clearly(arm(200, 1000), arm(100, 1000)) == 1
    assert wrong_questions._clearly(arm(100, 1000), arm(200, 1000)) == -1
    assert (
        wrong_questions._clearly(arm(101, 1000), arm(100, 1000)) == wrong_questions._clearly(arm(0, 0), arm(0, 0)) == 0
    )
    truth, clear = np.array([1.0, 2.0, 3.0]), ~np.eye(3, dtype=bool)
    everyone = np.arange(3)
    assert wrong_questions._right(truth, truth, clear, everyone, everyone) == 1
    assert wrong_questions._right(-truth, truth, clear, everyone, everyone) == 0
    assert wrong_questions._right(np.zeros(3), truth, clear, everyone, everyone) == 0.5


def test_ranks() -> None:
    assert reasoner._ranks(np.array([3.0, 1.0, 3.0, 9.0])).tolist() == [2.5, 1.0, 2.5, 4.0]


def test_the_bench_takes_the_term_of_the_goals_as_it_is() -> None:
    said = ["I want my invoices paid on time", "I want fewer receipts", "clients should pay"]
    offer = Variant(id="a", text="Invoices paid on time by clients.")
    asked = Question(ask="", variants=(offer,))
    texts = [*said, offer.text]
    vectors = hashed(texts)
    judged = Reasoner(SENSES["hashing/1"]).judge(
        persona(said, wanted=True), asked, offer, dict(zip(texts, vectors, strict=True))
    )
    goals = sum(term.value for term in judged.terms if term.kind == "goal")
    assert goals > 0.1
    assert goals == pytest.approx(GOAL * reasoner._need(vectors[3], vectors[:3], SENSES["hashing/1"]), abs=1e-5)


def test_the_example_of_the_page_is_what_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        open_embedder("minilm")
    except MissingError:
        pytest.skip("the weights are not here")
    ballot.show(["minilm"])
    assert capsys.readouterr().out in PAGE.read_text("utf-8")

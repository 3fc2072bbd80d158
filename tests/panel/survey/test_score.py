"""A prediction beside what people said."""

from __future__ import annotations

import msgspec
import pytest

from tests.panel.survey.asked import FORM, STUDY, THREE, answered, guess, opinion, prediction
from vivavoce.panel.outcome import Decision
from vivavoce.panel.survey.form import Form
from vivavoce.panel.survey.score import scored


def people(approve: int, automate: int, neither: int = 0) -> list[str]:
    return ["approves"] * approve + ["automatic"] * automate + [""] * neither


def test_a_good_and_a_bad_guess() -> None:
    answers = answered(*(opinion(choice) for choice in people(80, 20, 10)))
    score = scored(FORM, prediction(guess("approves", 0.75), guess("automatic", 0.7)), answers)
    good, bad = score.predictions
    assert (score.answers, score.counted, score.undecided) == (110, 110, 10)
    assert (score.shares["approves"].value, score.shares["automatic"].value) == (0.8, 0.2)
    assert score.shares["approves"].low == pytest.approx(0.711, abs=0.001)
    assert score.people is not None
    assert (score.people.decision.variant, score.people.votes) == ("approves", ())
    assert score.people.effective_size == 100, "each person counts as one"
    assert (good.agrees, bad.agrees) == (True, False)
    assert good.agrees_sure is not None
    assert good.agrees_sure > 0.999
    assert good.error is not None
    assert bad.error is not None
    assert (good.error.value, bad.error.value) == (0.05, 0.5)
    assert [good.brier, bad.brier] == pytest.approx([0.01, 0.81])
    assert good.rank is None
    assert score.others is not None
    assert score.others.agree > 0.99


def test_floors_stand_beside_it() -> None:
    score = scored(FORM, prediction(guess("approves", 0.75)), answered(*map(opinion, people(80, 20))))
    even, longest = score.floors
    assert (even.leader, even.agrees, even.brier) == ("", None, 0.25)
    assert even.log_score == pytest.approx(0.6931)
    assert even.error is not None
    assert even.error.value == pytest.approx(0.3)
    assert (longest.leader, longest.agrees, longest.error, longest.brier) == ("approves", True, None, None)


def test_people_who_are_level_settle_nothing() -> None:
    score = scored(FORM, prediction(guess("approves", 0.75)), answered(*map(opinion, people(20, 20))))
    (beside,) = score.predictions
    assert score.people is not None
    assert score.people.decision.word == "undecided"
    assert beside.agrees is None
    assert beside.agrees_sure == pytest.approx(0.5, abs=0.01)
    assert beside.brier == pytest.approx((0.01 + 0.81) / 2, abs=0.01), "half right, as far as anybody knows"


def test_bots_are_left_out_counted_and_told() -> None:
    bot = opinion("automatic", why="Best app ever, five stars from me!")
    answers = answered(*map(opinion, people(12, 3)), *[bot] * 40)
    score = scored(FORM, prediction(guess("approves", 0.8)), answers)
    assert (score.answers, score.counted, score.flags) == (55, 15, {"same-text": 40})
    assert score.shares["approves"].value == 0.8
    assert score.people is not None
    assert (score.people.leader, score.all_leader) == ("approves", "automatic")


def test_three_variants_have_ranks_and_a_ballot_each() -> None:
    form = Form(study=THREE, seed=7)
    answers = answered(*(opinion(choice, form) for choice in ["none"] * 6 + ["automatic"] * 3 + ["approves"]))
    score = scored(form, prediction(guess("none", 0.6, study=THREE)), answers)
    (beside,) = score.predictions
    assert beside.rank == pytest.approx(0.866, abs=0.001)
    assert beside.agrees is True


def test_marks_claims_and_prices() -> None:
    answers = answered(
        *[opinion(pays=20.0, claims=("agree",))] * 5,
        *[opinion(pays=10.0, claims=("disagree",))] * 3,
        *[opinion(pays=0.0, claims=("unknown",))] * 2,
    )
    score = scored(FORM, prediction(guess("approves", 0.9)), answers)
    (claim,) = score.claims
    assert (claim.agree, claim.disagree, claim.unknown, claim.score, claim.predicted) == (5, 3, 2, 6.62, 8.0)
    assert [(point.price, point.would.value) for point in score.points] == [(10.0, 0.8), (20.0, 0.5), (40.0, 0.0)]
    assert score.points_error == 0.1
    (beside,) = score.predictions
    assert (beside.appeal_error, beside.appeal_inside) == (0.0, 2)
    other = msgspec.structs.replace(prediction(guess("approves", 0.9)), priced="automatic")
    assert scored(FORM, other, answers).points_error is None, "another variant was priced"


def test_four_prices_leave_out_who_contradicts_themselves() -> None:
    form = Form(study=STUDY, seed=7, asks="four")
    rows = [(5.0, 10.0, 20.0, 30.0), (6.0, 12.0, 18.0, 40.0), (4.0, 15.0, 25.0, 35.0), (40.0, 30.0, 20.0, 10.0)]
    score = scored(form, prediction(), answered(*(opinion(four=row) for row in rows), opinion()))
    assert score.four is not None
    assert score.four.left_out == 1
    assert score.four.indifference is not None
    assert score.counted == 5


def test_who_gave_no_answer_predicted_nothing() -> None:
    silent = msgspec.structs.replace(
        guess("approves", 0.9),
        leader="",
        decision=Decision(word="undecided", why=("not-a-headline",)),
        shares={},
        best={},
        appeal={},
    )
    score = scored(FORM, prediction(silent), answered(*map(opinion, people(15, 5))))
    (beside,) = score.predictions
    assert (beside.predicts, beside.leader, beside.agrees, beside.agrees_sure) == (False, "", None, None)
    assert (beside.error, beside.brier, beside.log_score, beside.appeal_error) == (None, None, None, None)
    assert [floor.predicts for floor in score.floors] == [True, True]


def test_nobody_answered() -> None:
    score = scored(FORM, prediction(guess("approves", 0.9)), [])
    (beside,) = score.predictions
    assert (score.people, score.shares, score.others, score.points) == (None, {}, None, ())
    assert (beside.agrees, beside.error, beside.brier, beside.appeal_error) == (None, None, None, None)


def test_one_variant_has_marks_and_no_choice() -> None:
    study = msgspec.structs.replace(STUDY, variants=STUDY.variants[:1])
    form = Form(study=study, seed=7)
    one = guess("approves", 1.0)
    alone = msgspec.structs.replace(
        one, shares={"approves": 1.0}, best={"approves": 1.0}, appeal={"approves": one.appeal["approves"]}
    )
    score = scored(form, prediction(alone), answered(*[opinion("", form, appeal={"approves": 6})] * 3))
    (beside,) = score.predictions
    assert (beside.agrees, beside.error, beside.brier, beside.appeal_error) == (None, None, None, 2.0)
    assert (score.undecided, score.others) == (0, None)

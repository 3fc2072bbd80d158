"""What is written down before anybody answers: nothing for whoever said nothing."""

from __future__ import annotations

import msgspec

from tests.findings.reported import HEADLINES, record
from vivavoce.panel import headlines
from vivavoce.panel.ballots import Ballot, Variant
from vivavoce.panel.outcome import Comparison
from vivavoce.panel.study import Study
from vivavoce.panel.survey.prediction import Predicted, predicted
from vivavoce.panel.tally import compared


def written(found: Comparison) -> Predicted:
    (one,) = predicted(msgspec.structs.replace(record().result, comparisons=(found,))).by
    return one


def test_members_who_answered_predict_shares_and_marks() -> None:
    found = record().result.comparisons[0]
    one = written(found)
    assert one.leader == found.leader
    assert sum(one.shares.values()) == 1
    assert one.appeal == {standing.variant: standing.appeal for standing in found.standings}


def test_a_model_that_has_no_answer_predicts_nothing() -> None:
    long = Variant(id="long", text="A text of two lines\nis no headline, and it is asked about all the same.")
    study = msgspec.structs.replace(HEADLINES, variants=(*HEADLINES.variants, long))
    found = headlines.compare(study, {}, "hashing/1")
    assert found.abstained, "or there is nothing to see here"
    one = written(found)
    assert (one.leader, one.shares, one.best, one.appeal) == ("", {}, {}, {})


def test_what_learned_from_clicks_gives_no_marks() -> None:
    one = written(headlines.compare(HEADLINES, {}, "hashing/1"))
    assert sum(one.shares.values()) == 1
    assert one.best
    assert one.appeal == {}, "5.5 of 10 is what stands where nobody said anything"


def test_members_none_of_whom_answered_predict_nothing() -> None:
    study: Study = record().study.spec
    silent = [
        Ballot(
            persona=f"p{at}", respondent="reasoner/2", order=("reminds", "waits"), answers=(), abstains="no-evidence"
        )
        for at in range(5)
    ]
    one = written(compared(study, silent, rho=0.0))
    assert (one.shares, one.best, one.appeal) == ({}, {}, {})

"""What a report says of people beside a prediction, also where there is none."""

from __future__ import annotations

import msgspec

from tests.findings.reported import OURS, asked_of_people, record
from vivavoce.findings.study_report.people import beside
from vivavoce.findings.study_report.view import Option, People
from vivavoce.panel.ballots import Ballot
from vivavoce.panel.tally import compared

OPTIONS = [
    Option(id=id_, name=id_, letter=letter, colour=0, text="", price="")
    for id_, letter in (("reminds", "A"), ("waits", "B"))
]


def told(*, silent: bool) -> People:
    """Of a panel that all prefers what few people do, or says nothing."""
    found = record()
    if silent:
        order = tuple(each.id for each in OPTIONS)
        nobody = [Ballot(persona="p", respondent=OURS, order=order, answers=(), abstains="no-evidence")]
        comparison = compared(found.study.spec, nobody, rho=0.0)
        found = msgspec.structs.replace(found, result=msgspec.structs.replace(found.result, comparisons=(comparison,)))
    (surveyed,) = asked_of_people(found, "w" * 30 + "r" * 4).surveys
    return beside(surveyed, OPTIONS)


def test_shares_stand_beside_those_of_people() -> None:
    found = told(silent=False)
    assert [row.people for row in found.rows] == ["12 %", "88 %"]
    assert [bool(row.predicted[0]) for row in found.rows] == [True, True]
    assert f"{OURS} named “reminds”, as people do not" in found.beside[0]
    assert "off by" in found.beside[0]


def test_who_gave_no_answer_predicted_no_share_and_named_none() -> None:
    found = told(silent=True)
    assert [row.predicted for row in found.rows] == [("",), ("",)], "and not 0 %"
    assert found.beside[0] == f"{OURS} gave no answer, so it predicted nothing."


def test_other_people_are_what_a_prediction_stands_in_for() -> None:
    assert found_others(told(silent=False)) == found_others(told(silent=True))


def found_others(found: People) -> str:
    (sentence,) = [each for each in found.beside if each.startswith("As many other people")]
    assert "would name the same one 100 % of the time" in sentence
    return sentence

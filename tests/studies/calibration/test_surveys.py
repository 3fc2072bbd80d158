"""Surveys as they are exported, over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.panel.survey.asked import FORM, answered, opinion, prediction
from vivavoce.errors import InputError, NotHereError
from vivavoce.panel.outcome import Decision, Share
from vivavoce.panel.survey.form import PersonAnswer
from vivavoce.panel.survey.lines import SurveyLine, write
from vivavoce.panel.survey.prediction import Predicted
from vivavoce.studies.calibration.surveys import surveys

PANEL = Predicted(
    respondent="reasoner/2",
    validated=False,
    leader="approves",
    decision=Decision(word="leans", variant="approves", sure=0.96),
    shares={"approves": 0.7, "automatic": 0.3},
    best={"approves": 0.96, "automatic": 0.04},
    appeal={"approves": Share(7, 6, 8), "automatic": Share(5, 4, 6)},
    effective_size=3.0,
)


def export(path: Path, *answers: Sequence[PersonAnswer]) -> Path:
    lines = [
        line
        for at, each in enumerate(answers)
        for line in write(
            SurveyLine(id=f"s{at}", name="", opened_at=0.0, form=FORM, prediction=prediction(PANEL)),
            each,
        )
    ]
    path.write_bytes(b"".join(lines))
    return path


def test_a_panel_that_names_whom_people_choose_half_of_the_time(tmp_path: Path) -> None:
    right = answered(*[opinion("approves", why=f"Because of {at}.") for at in range(12)])
    wrong = answered(*[opinion("automatic", why=f"Because of {at}.") for at in range(12)])
    task = surveys(export(tmp_path / "s.jsonl", right, wrong))
    agrees = task.row("reasoner/2").figures["names whom people choose"]
    assert (agrees.value, agrees.low, agrees.high) == (0.5, 0.0, 1.0)
    assert task.row("reasoner/2").role == "model"
    assert task.row("even").figures["names whom people choose"].value == 0.5
    assert task.row("half of the people for the other half").figures["names whom people choose"].value == 1
    assert task.counts["answers that count"] == 24


def test_one_survey_has_no_interval(tmp_path: Path) -> None:
    task = surveys(export(tmp_path / "s.jsonl", answered(*[opinion(why=f"For {at}.") for at in range(12)])))
    share = task.row("reasoner/2").figures["names whom people choose"]
    assert share.value == share.low == share.high == 1


def test_files_without_surveys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotHereError, match=r"nowhere\.jsonl"):
        surveys(tmp_path / "nowhere.jsonl")
    with pytest.raises(InputError, match="without"):
        surveys(export(tmp_path / "s.jsonl", []))
    (tmp_path / "b.jsonl").write_text("nonsense\n")
    with pytest.raises(InputError, match="line 1"):
        surveys(tmp_path / "b.jsonl")

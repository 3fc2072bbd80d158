"""What a score looks like where a respondent had nothing to say."""

from __future__ import annotations

import msgspec
import pytest

from tests.panel.survey.asked import FORM, answered, guess, opinion, prediction
from vivavoce.app.cli import survey_scores
from vivavoce.panel.survey.score import scored
from vivavoce.store.surveys import StoredSurvey


def test_a_prediction_that_was_not_made_has_no_share_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    silent = msgspec.structs.replace(
        guess("approves", 0.7), respondent="silent/1", leader="", shares={}, best={}, appeal={}
    )
    told = prediction(guess("approves", 0.7), silent)
    survey = StoredSurvey(
        id="0" * 16,
        study_id=None,
        name="",
        form=FORM,
        prediction=told,
        links=0,
        quota=10,
        until=None,
        opened_at=0.0,
        closed_at=None,
        erase_at=1.0,
    )
    survey_scores.tell(survey, scored(FORM, told, answered(*[opinion()] * 8)))
    out = capsys.readouterr().out
    assert "- silent/1 gave no answer, so it predicted nothing" in out
    (row,) = [line for line in out.splitlines() if line.startswith("automatic")]
    assert row.split()[-1] == "30%", "of the one that spoke, and no 0% of the other"
    assert "- reasoner/2 gave no answer" not in out

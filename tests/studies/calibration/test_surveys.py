"""Surveys as they are exported, over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from tests.panel.survey.asked import FORM, answered, opinion, prediction
from vivavoce.errors import InputError, NotHereError
from vivavoce.panel.outcome import Decision, Share
from vivavoce.panel.survey.form import PersonAnswer
from vivavoce.panel.survey.lines import SurveyLine, write
from vivavoce.panel.survey.prediction import Predicted
from vivavoce.panel.survey.score import Score, scored
from vivavoce.studies.calibration.surveys import _named, surveys
from vivavoce.studies.calibration.tables import grids

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
    task = surveys(export(tmp_path / "s.jsonl", right, wrong), 9)
    agrees = task.row("reasoner/2").figures["names whom people choose"]
    assert (agrees.value, agrees.low, agrees.high) == (0.5, 0.0, 1.0)
    assert task.row("reasoner/2").role == "model"
    assert task.row("even").figures["names whom people choose"].value == 0.5
    assert task.row("as many other people").figures["names whom people choose"].value > 0.95
    assert task.counts["answers that count"] == 24


def test_who_names_nobody_is_right_as_often_as_by_lot_and_gains_are_paired(tmp_path: Path) -> None:
    silent = msgspec.structs.replace(PANEL, leader="")
    right = answered(*[opinion("approves", why=f"Because of {at}.") for at in range(12)])
    found = used(right, silent)
    assert _named(found.predictions[0], found, 3) == pytest.approx(1 / 3)
    assert _named(found.predictions[0], found, 1) is None, "there was nothing to choose from"
    level = used(answered(opinion("approves", why="One."), opinion("automatic", why="Other.")), PANEL)
    assert _named(level.predictions[0], level, 2) is None, "people are level"
    task = surveys(export(tmp_path / "s.jsonl", right, right), 9)
    gain = task.row("reasoner/2").figures["over even"]
    assert (gain.value, gain.low, gain.high) == (0.5, 0.5, 0.5)


def used(answers: Sequence[PersonAnswer], predicted: Predicted) -> Score:
    return scored(FORM, prediction(predicted), answers)


def test_one_survey_has_no_interval(tmp_path: Path) -> None:
    task = surveys(export(tmp_path / "s.jsonl", answered(*[opinion(why=f"For {at}.") for at in range(12)])), 9)
    share = task.row("reasoner/2").figures["names whom people choose"]
    assert share.value == share.low == share.high == 1
    assert task.interval == "none, there is one survey"
    who = "(longest, reasoner/2, as many other people)"
    (said,) = [each for each in task.doubts if each.startswith("Of one survey, and so without an interval: ")]
    for column in ("names whom people choose", "over even"):
        assert f"{column} {who}" in said
    assert "error of shares (even, reasoner/2, as many other people)" in said
    assert said.count("even,") == 1, "the rest of it is so by construction"


def test_surveys_that_say_the_same_have_no_spread_and_are_said_to(tmp_path: Path) -> None:
    right = answered(*[opinion(why=f"For {at}.") for at in range(12)])
    task = surveys(export(tmp_path / "s.jsonl", right, right), 9)
    assert task.interval == "surveys drawn"
    wanted = "Alike in all surveys, so that drawing them shows no spread: names whom people choose (longest, reasoner/2"
    assert any(each.startswith(wanted) for each in task.doubts), task.doubts


def test_who_leaves_open_whom_they_choose_tells_of_shares_and_not_of_names(tmp_path: Path) -> None:
    settled = answered(*[opinion("approves", why=f"Because of {at}.") for at in range(12)])
    open_ = answered(*[opinion("approves" if at < 4 else "automatic", why=f"For {at}.") for at in range(9)])
    task = surveys(export(tmp_path / "s.jsonl", settled, open_), 9)
    assert task.counts["in which people settle whom they choose"] == 1
    named, error = (task.row("reasoner/2").figures[each] for each in ("names whom people choose", "error of shares"))
    assert named.value == named.low == named.high == 1, "that five of nine chose the other one settles nothing"
    assert error.low < error.high, "of both"
    assert task.row("as many other people").figures["names whom people choose"].value > 0.95
    alone = surveys(export(tmp_path / "o.jsonl", open_), 9)
    assert all("names whom people choose" not in row.figures for row in alone.rows)
    (grid,) = grids(alone)
    for end in grid.rows[-2:]:
        assert end[grid.head.index("names whom people choose, %")] == "not known"


def test_a_ceiling_that_is_worse_than_its_floor_is_said_to_be(tmp_path: Path) -> None:
    level = answered(*[opinion(("approves", "automatic")[at % 2], why=f"For {at}.") for at in range(12)])
    task = surveys(export(tmp_path / "s.jsonl", level), 9)
    ends = [task.row(who).figures["error of shares"].value for who in ("even", "as many other people")]
    assert ends[0] == 0 < ends[1]
    assert any(each.startswith("The ceiling of the error of shares is worse than its floor") for each in task.doubts)
    settled = answered(*[opinion("approves", why=f"Because of {at}.") for at in range(12)])
    task = surveys(export(tmp_path / "t.jsonl", settled), 9)
    assert not any("worse than its floor" in each for each in task.doubts)


def test_files_without_surveys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotHereError, match=r"nowhere\.jsonl"):
        surveys(tmp_path / "nowhere.jsonl", 9)
    with pytest.raises(InputError, match="without"):
        surveys(export(tmp_path / "s.jsonl", []), 9)
    (tmp_path / "b.jsonl").write_text("nonsense\n")
    with pytest.raises(InputError, match="line 1"):
        surveys(tmp_path / "b.jsonl", 9)

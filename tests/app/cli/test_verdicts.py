"""A study's result as a terminal shows it."""

from __future__ import annotations

import msgspec
import pytest

from tests.findings.reported import OURS, STUDY, record
from vivavoce.app.cli.verdicts import tell_result
from vivavoce.findings.study_record import StudyRecord
from vivavoce.panel.outcome import Decision, Vote

Shown = pytest.CaptureFixture[str]


def told(shown: Shown, found: StudyRecord) -> str:
    tell_result(found)
    return shown.readouterr().out


def test_an_undecided_panel_names_whom_it_puts_first_and_how_far_that_is(capsys: Shown) -> None:
    found = record()
    posterior = found.result.comparisons[0].decision.posterior
    assert 0.5 < posterior < 0.95
    said = told(capsys, found)
    assert f"verdict of {OURS}: undecided, not enough evidence; ahead is reminds, preferred by 3 of 3" in said
    assert f"(leads with {posterior - 0.005:.2f}; 0.95 is wanted)" in said
    assert "A panel of one market can almost never settle it by itself" in said
    assert "in a Reality Check (viva study survey open)" in said


def test_one_variant_stands_by_itself(capsys: Shown) -> None:
    said = told(capsys, record(study=msgspec.structs.replace(STUDY, variants=STUDY.variants[:1])))
    assert f"verdict of {OURS}: none: one variant has nothing to be compared with" in said
    assert "members prefer one" not in said
    assert "prefer it" not in said
    assert "best, as the panel has it" not in said


def test_standings_of_few_say_so(capsys: Shown) -> None:
    found = record(size=12)
    first = found.result.comparisons[0]
    silent = tuple(Vote(persona=each.persona, asked=1, abstained=1) for each in first.votes[2:])
    decision = Decision(word="undecided", why=("abstained",), posterior=0.9)
    few = msgspec.structs.replace(first, votes=(*first.votes[:2], *silent), decision=decision)
    said = told(
        capsys, msgspec.structs.replace(found, result=msgspec.structs.replace(found.result, comparisons=(few,)))
    )
    assert "Of the 17 % who answered, 2 of 12 members:\nvariant" in said
    assert said.index("verdict of") < said.index("Of the 17 %")
    assert "who answered," not in told(capsys, found)

"""A comparison without votes on a report: what was learned, how often it was right, and nothing of a panel."""

from __future__ import annotations

import msgspec
import pytest

from tests.findings.reported import HEADLINES, OURS, read
from tests.findings.test_study_page import part
from vivavoce.app.cli.verdicts import tell_result
from vivavoce.findings.study_report import figures, page, pdf, render_study
from vivavoce.panel import headlines
from vivavoce.panel.ballots import Variant
from vivavoce.panel.outcome import Decision

NAME = headlines.NAME
SAYS = f"{NAME} says likely “told” (such verdicts were right 71 % of the time, 66 to 75 %)"


@pytest.fixture(autouse=True)
def no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes a second."""
    for each in (page, pdf):
        monkeypatch.setattr(each, "drawings", lambda _: ({}, "no renderer"))


def test_no_votes_no_marks_and_no_shares_of_who_would() -> None:
    whole = render_study(read())
    for never in ("0 of 0", "None of 0", "of 0 members", "33 %", f"{NAME} on trial"):
        assert never not in whole
    theirs = part(whole, "standings").partition(f"{NAME}: ")[2]
    assert "Chance that it is clicked more" in theirs
    for never in ("Appeal", "Would", "5.5"):
        assert never not in theirs
    assert f"{NAME} likely “told” 82 % – – 71 % (66 to 75 %) of headlines" in part(whole, "verdict")
    assert f"{NAME} asks none of them: it goes by the wording alone." in part(whole, "doubts")
    assert f"it was checked on headlines of one american site, 2013 to 2015, and on no other ({NAME})" in (
        part(whole, "doubts").lower()
    )
    assert [each.name for each in figures.figures(read()) if each.name.endswith("-2")] == []


def test_its_reasons_are_the_terms_of_its_sum_and_nobody_said_them() -> None:
    found = read()
    why = part(render_study(found), "why")
    assert "learned from clicks: nobody said them" in why
    largest = found.result.comparisons[1].reasons["told"][0]
    assert f"{largest.text} {abs(largest.weight):.2f}" in why.replace("&#39;", "'")
    assert why.count("What sets this wording apart from the others, and how much:") == 2
    mine = why.partition(f"{NAME} · What sets")[2].partition(OURS)[0]
    assert "Nothing was said" not in mine
    assert "Nobody prefers it" not in mine


def test_a_likely_verdict_has_beside_it_how_often_such_ones_were_right() -> None:
    agrees = msgspec.structs.replace(read(), ballots=())
    first, learned = agrees.result.comparisons
    first = msgspec.structs.replace(first, leader="told", decision=Decision(word="leans", variant="told", sure=0.96))
    agrees = msgspec.structs.replace(
        agrees, result=msgspec.structs.replace(agrees.result, comparisons=(first, learned), differ=False)
    )
    whole = render_study(agrees)
    verdict = part(whole, "verdict")
    held = "On headlines it had not seen, verdicts about as sure as this one were right 71 % of the time (66 to 75 %)."
    assert "Readers would likely click more on “told”." in verdict
    assert f"{NAME}: It asks no members, and is 82 % sure of itself. {held}" in verdict
    assert held in part(whole, "standings")
    assert "They differ" not in verdict


def test_where_the_panel_has_another_ahead_that_stands_first() -> None:
    verdict = part(render_study(read()), "verdict")
    differ = f"They differ: {SAYS}, {OURS} has “plain” ahead, and is not sure enough to say so."
    assert f"Not settled: {NAME} names “told”, {OURS} cannot tell. {differ}" in verdict
    assert verdict.index(differ) < verdict.index("It asks no members") < verdict.index("Who says what")
    decided = read(ours=Decision(word="leans", variant="plain", sure=0.96))
    verdict = part(render_study(decided), "verdict")
    assert f"No common verdict: {OURS} names “plain”, {NAME} names “told”. They differ: {SAYS}, {OURS} leans" in verdict


def test_who_cannot_tell_does_not_differ() -> None:
    whole = render_study(read(word="undecided"))
    verdict = part(whole, "verdict")
    assert f"Undecided: neither this panel nor {NAME} can tell which of the two" in verdict
    assert "They differ" not in verdict
    assert f"{NAME} undecided – – – –" in verdict
    assert "It names neither: the wordings are too close" in part(whole, "standings")


def test_what_is_no_headline_has_no_chance_and_no_reasons() -> None:
    study = msgspec.structs.replace(HEADLINES, variants=(*HEADLINES.variants[:1], Variant(id="told", text="Short")))
    whole = render_study(read(study=study))
    assert "not all texts are one-line English headlines" in part(whole, "standings")
    assert "Chance that it is clicked more" not in whole
    assert "What sets this wording apart" not in whole


def test_on_paper() -> None:
    pytest.importorskip("typst")
    for word in ("likely", "leans", "undecided"):
        assert pdf.typeset_study(read(word=word)).pdf.startswith(b"%PDF-")


def test_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    tell_result(read(ours=Decision(word="leans", variant="plain", sure=0.96)))
    told = capsys.readouterr().out
    assert told.index("They differ: ") < told.index("trust neither") < told.index("verdict of ")
    mine = told.partition(f"verdict of {NAME}: ")[2].partition("evidence\n")[0]
    assert mine.startswith(
        "likely told (82% sure of itself; on headlines it had not seen right 71% of the time, 66% to 75%)"
    )
    assert "chance that it is clicked more" in mine
    assert "told: words such as" in mine
    for never in ("0 of", "appeal", "would", "independent people"):
        assert never not in mine

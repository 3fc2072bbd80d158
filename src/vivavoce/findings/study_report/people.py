"""What people said to the same study, beside what the panel had said before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vivavoce.findings.study_record import Surveyed
from vivavoce.findings.study_report import words
from vivavoce.findings.study_report.view import Option, People, PeopleRow
from vivavoce.panel.outcome import Comparison
from vivavoce.panel.survey.score import Beside, Score


def heard(surveyed: Surveyed, names: Mapping[str, str]) -> str:
    """One sentence for the head of the report."""
    score = surveyed.score
    if score.people is None:
        return "A survey of people is open; nobody's answers count yet."
    return f"{_counted(score)} {_decided(score.people, names)}"


def beside(surveyed: Surveyed, options: Sequence[Option]) -> People:
    """The shares of people beside those that were predicted."""
    survey, score = surveyed.survey, surveyed.score
    predicted = survey.prediction.by
    names = {each.id: each.name for each in options}
    return People(
        survey=survey.id,
        lead=heard(surveyed, names),
        respondents=tuple(each.respondent for each in predicted),
        rows=tuple(
            PeopleRow(
                option=option,
                people=words.percent(score.shares[option.id].value),
                interval=words.range_of(score.shares[option.id]),
                predicted=tuple(words.percent(each.shares[option.id]) if option.id in each.shares else ""
                                for each in predicted),
            )
            for option in options
            if option.id in score.shares
        ),
        beside=tuple(_beside(score, names)) if score.people is not None else (),
    )  # fmt: skip


def _counted(score: Score) -> str:
    left = score.answers - score.counted
    people = "One person" if score.counted == 1 else f"{score.counted} people"
    return f"{people} answered the same{f' ({left} more are left out)' if left else ''}:"


def _decided(people: Comparison, names: Mapping[str, str]) -> str:
    decision = people.decision
    if decision.variant:
        name = words.inside(names.get(decision.variant, ""))
        return f"most like them would choose “{name}”, {words.sureness(decision.sure)} sure."
    return "it is not settled between them."


def _beside(score: Score, names: Mapping[str, str]) -> list[str]:
    found = []
    for each in score.predictions:
        off = "" if each.error is None else f"; its shares are off by {words.percent(each.error.value)} on average"
        found.append(f"{each.respondent} {_named(each, names)}{off}.")
    for each in score.floors:
        if each.respondent == "longest" and each.leader:
            found.append(f"Whoever always names the longest text {_named(each, names)}.")
        elif each.error is not None:
            found.append(f"Whoever gives all the same share is off by {words.percent(each.error.value)}.")
    if score.others is not None:
        found.append(
            f"As many other people, asked instead, would name the same one {words.percent(score.others.agree)} of the "
            f"time, and be off by {words.percent(score.others.error)}: that is what a prediction stands in for."
        )
    return found


def _named(each: Beside, names: Mapping[str, str]) -> str:
    if not each.predicts:
        return "gave no answer, so it predicted nothing"
    if not each.leader:
        return "named none"
    name = f"named “{words.inside(names.get(each.leader, each.leader))}”"
    if each.agrees is None:
        return name
    return f"{name}, as people do" if each.agrees else f"{name}, as people do not"

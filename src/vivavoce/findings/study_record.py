"""A study with all that a page about it needs: what was asked of whom, what they said, and what that goes back to."""

from __future__ import annotations

import asyncio

import msgspec

from vivavoce.errors import StaleError
from vivavoce.panel.ballots import Ballot
from vivavoce.panel.insights import Insight
from vivavoce.panel.outcome import Result
from vivavoce.panel.personas import Panel
from vivavoce.panel.survey.score import Score, scored
from vivavoce.store.database import Database
from vivavoce.store.insights import Insights
from vivavoce.store.panels import Panels
from vivavoce.store.studies import StoredStudy, Studies
from vivavoce.store.surveys import StoredSurvey, Surveys


class Surveyed(msgspec.Struct, frozen=True, kw_only=True):
    """What people said to the same study."""

    survey: StoredSurvey
    score: Score


class StudyRecord(msgspec.Struct, frozen=True, kw_only=True):
    study: StoredStudy
    panel: Panel
    corpus: str
    result: Result
    ballots: tuple[Ballot, ...]
    """By respondent, then by member; the first of each, for in another order they say the same again."""
    insights: dict[str, Insight]
    """Those that the panel and the result rest on and that are still there, by id."""
    surveys: tuple[Surveyed, ...] = ()
    """The newest first."""


async def collect_study(database: Database, study_id: str) -> StudyRecord:
    """
    Raises:
        NotHereError: there is no such study.
        StaleError: nothing has come of it yet.
        StoreError: the database does not answer.
    """
    studies, panels = Studies(database), Panels(database)
    study, result = await studies.get(study_id), await studies.result(study_id)
    if result is None:
        raise StaleError(f"want a study that is done, got one that is open: {study.asked} of {study.wanted} ballots")
    panel, corpus = await panels.get(study.panel_id), (await panels.about(study.panel_id)).corpus
    asked = [comparison.respondent for comparison in result.comparisons]
    ballots: dict[tuple[str, str], Ballot] = {}
    async for piece in studies.iterate(study_id, part="main"):
        for each in piece:
            if each.ballot.respondent in asked:  # nothing came of others, whoever they were
                ballots.setdefault((each.ballot.respondent, each.ballot.persona), each.ballot)
    found = tuple(sorted(ballots.values(), key=lambda each: (asked.index(each.respondent), each.persona)))
    surveys = Surveys(database)
    return StudyRecord(
        study=study,
        panel=panel,
        corpus=corpus,
        result=result,
        ballots=found,
        insights=await Insights(database).of(corpus, panel.evidence() | _cited(result)),
        surveys=tuple([await _surveyed(surveys, each) for each in await surveys.of_study(study_id)]),
    )


async def _surveyed(surveys: Surveys, survey: StoredSurvey) -> Surveyed:
    answers = await surveys.answers(survey.id)
    # beside the loop: of ten thousand answers it takes seconds
    return Surveyed(survey=survey, score=await asyncio.to_thread(scored, survey.form, survey.prediction, answers))


def _cited(result: Result) -> set[str]:
    claims = [(*each.supporting, *each.opposing, *each.nearest) for each in result.claims]
    hypotheses = [each.evidence for each in result.hypotheses]
    segments = [each.evidence for each in result.segments]
    return {id_ for ids in (*claims, *hypotheses, *segments) for id_ in ids} | {lead.insight for lead in result.leads}

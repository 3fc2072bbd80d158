"""Surveys: studies put to people. Here they are opened and looked at; people answer them on `survey_pages`."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from vivavoce.app.api.access import Here
from vivavoce.app.api.answers import GUARDED, as_whole, refused
from vivavoce.app.api.meeting import known_base
from vivavoce.app.api.paging import After, Limit, cursor_to, place_of
from vivavoce.app.api.study_access import Reader, Writer
from vivavoce.app.embedding.addresses import survey_page
from vivavoce.app.services import Services
from vivavoce.app.survey_files import WRITERS, FileKind
from vivavoce.errors import NotHereError
from vivavoce.panel.survey.form import Asks
from vivavoce.panel.survey.score import scored
from vivavoce.store.surveys import StoredSurvey, Surveys
from vivavoce.studies.survey import BY_CHARS, MOST_DAYS, MOST_LINKS, MOST_QUOTA, QUOTA, Terms, open_survey

router = APIRouter(prefix="/api/v1/surveys", tags=["surveys"])
TYPES: dict[FileKind, str] = {"csv": "text/csv", "jsonl": "application/x-ndjson"}
Whole = Annotated[int, BeforeValidator(as_whole)]
SurveyId = Annotated[str, InPath(pattern=r"^[0-9a-f]{16}$")]


class SurveyWanted(BaseModel):
    model_config = ConfigDict(strict=True)

    study: str = Field(pattern=r"^[0-9a-f]{16}$", description="Id of a study that has its result.")
    by: str = Field(
        default="",
        max_length=BY_CHARS,
        description="Who asks, and how to reach them; people read it first.",
    )
    quota: Whole = Field(default=QUOTA, ge=1, le=MOST_QUOTA, description="Answers wanted.")
    until: float | None = Field(default=None, ge=0, le=1e11, description="Unix seconds; null for no end.")
    links: Whole = Field(
        default=0, ge=0, le=MOST_LINKS, description="One each for so many people; 0: one for everybody."
    )
    prices: Asks | None = Field(
        default=None, description="`points` of the study, Van Westendorp's `four`, or `none`; null: its points, if any."
    )
    keep_days: float | None = Field(
        default=None, gt=0, le=MOST_DAYS, description="How long answers are kept; null: as `keep_surveys_days` says."
    )


class SurveyItem(BaseModel):
    """A survey without its answers. Moments are Unix seconds."""

    id: str
    study: str | None = Field(description="Null when the study is not there any more.")
    name: str
    link: str | None = Field(description="Everybody's; null where each person has one of their own.")
    links: int = Field(description="How many were made for one person each.")
    quota: int
    until: float | None
    opened_at: float
    closed_at: float | None
    erase_at: float = Field(description="When the answers are deleted.")
    begun: int = Field(description="How many agreed to answer.")
    answered: int = Field(description="How many answered; some may have deleted it since.")

    @classmethod
    def of(cls, survey: StoredSurvey, base: str) -> SurveyItem:
        return cls(
            study=survey.study_id,
            link=None if survey.links else survey_page(base, survey.id),
            **{
                name: getattr(survey, name)
                for name in (
                    "id", "name", "links", "quota", "until", "opened_at", "closed_at", "erase_at", "begun", "answered",
                )
            },
        )  # fmt: skip


class SurveyOpened(BaseModel):
    survey: SurveyItem
    links: list[str] = Field(description="One for each person: shown now and never again.")


class SurveyPage(BaseModel):
    surveys: list[SurveyItem]
    next: str | None = Field(description="`after` for the next page; null on the last.")


@router.post("", status_code=201, responses={**GUARDED, **refused(404, 412)})
async def ask_people(here: Here, _: Writer, request: Request, wanted: SurveyWanted) -> SurveyOpened:
    """Put a study to people. What it predicts is written down now, before anybody has answered."""
    base = known_base(here, request)
    days = here.settings.keep_surveys_days if wanted.keep_days is None else wanted.keep_days
    terms = Terms(
        quota=wanted.quota,
        until=wanted.until,
        links=wanted.links,
        asks=wanted.prices,
        by=wanted.by,
        keep_days=days,
    )
    survey, links = await open_survey(here.store.database, wanted.study, terms, now=time.time())
    return SurveyOpened(survey=SurveyItem.of(survey, base), links=[survey_page(base, link) for link in links])


@router.get("", responses=GUARDED)
async def list_surveys(here: Here, _: Reader, request: Request, limit: Limit = 50, after: After = None) -> SurveyPage:
    """Surveys, the newest first."""
    base = known_base(here, request)
    found = await _surveys(here).page(limit=limit + 1, after=place_of(after, tuple[float, str]))
    last = found[limit - 1] if len(found) > limit else None
    next_ = cursor_to((last.opened_at, last.id)) if last is not None else None
    return SurveyPage(surveys=[SurveyItem.of(each, base) for each in found[:limit]], next=next_)


@router.get("/{survey_id}", responses={**GUARDED, **refused(404)})
async def show_survey(here: Here, _: Reader, request: Request, survey_id: SurveyId) -> SurveyItem:
    """A survey and how far it is."""
    return SurveyItem.of(await _surveys(here).get(survey_id), known_base(here, request))


@router.get(
    "/{survey_id}/answers",
    responses={
        200: {"content": {kind: {"schema": {"type": "string"}} for kind in TYPES.values()}},
        **GUARDED,
        **refused(404),
    },
    response_class=Response,
)
async def survey_answers(
    here: Here,
    _: Reader,
    survey_id: SurveyId,
    format_: Annotated[
        FileKind, Query(alias="format", description="`jsonl` is what `viva calibrate` reads; `csv` for spreadsheets.")
    ] = "jsonl",
) -> Response:
    """What people answered, with what was asked and predicted; answers that the score leaves out are marked."""
    surveys = _surveys(here)
    survey = await surveys.get(survey_id)
    text = await asyncio.to_thread(WRITERS[format_], survey, await surveys.answers(survey_id))
    return Response(text, media_type=TYPES[format_])


@router.get("/{survey_id}/score", responses={**GUARDED, **refused(404)})
async def survey_score(here: Here, _: Reader, survey_id: SurveyId) -> dict[str, Any]:
    """The prediction beside what people said, what costs nothing (floors), and what other people would say (others)."""
    surveys = _surveys(here)
    survey = await surveys.get(survey_id)
    # ten thousand answers take a second, which no call should wait for
    score = await asyncio.to_thread(scored, survey.form, survey.prediction, await surveys.answers(survey_id))
    found: dict[str, Any] = msgspec.to_builtins(score)
    return found


@router.post("/{survey_id}/close", responses={**GUARDED, **refused(404)})
async def close_survey(here: Here, _: Writer, request: Request, survey_id: SurveyId) -> SurveyItem:
    """Take no more answers, but of those who are at it. A second time changes nothing."""
    return SurveyItem.of(await _surveys(here).close(survey_id, now=time.time()), known_base(here, request))


@router.delete("/{survey_id}", status_code=204, responses={**GUARDED, **refused(404)})
async def delete_survey(here: Here, _: Writer, survey_id: SurveyId) -> None:
    """Delete a survey for good, with its links and answers."""
    if not await _surveys(here).delete(survey_id):
        raise NotHereError("want the id of a survey, got none of this id")


def _surveys(here: Services) -> Surveys:
    return Surveys(here.store.database)

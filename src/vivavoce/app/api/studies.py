"""Studies: a panel is asked, and what comes of it is fetched. What members answer may be a caller's words."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import StreamingResponse

from vivavoce.app.api.access import Here
from vivavoce.app.api.answers import GUARDED, accepted, refused
from vivavoce.app.api.paging import After, Limit, cursor_to, place_of
from vivavoce.app.api.structs import BallotPage, schema_of
from vivavoce.app.api.study_access import Reader, Writer
from vivavoce.app.api.study_views import StudyItem, StudyPage, StudyWanted
from vivavoce.app.ballot_files import csv_of, jsonl_of
from vivavoce.app.respondents import Respondents
from vivavoce.app.services import Services
from vivavoce.errors import BusyError, NotHereError
from vivavoce.panel.outcome import Result
from vivavoce.store.studies import StoredStudy, Studies
from vivavoce.studies.beginning import begin
from vivavoce.studies.running import ask_for

router = APIRouter(prefix="/api/v1/studies", tags=["studies"])
StudyId = Annotated[str, InPath(pattern=r"^[0-9a-f]{16}$")]
JSON, CSV, NDJSON = "application/json", "text/csv", "application/x-ndjson"
OPEN = HTTPException(409, "want a study that is done, got one that is open; its job says how far it is")


@router.post("", status_code=202, responses={**GUARDED, **refused(404, 409, 412, 413, 501)})
async def begin_study(here: Here, _: Writer, wanted: StudyWanted, response: Response) -> StudyItem:
    """Have a panel asked; a job does it. The same study that stopped before its end goes on, and what was
    answered is not asked again.
    """
    study = await begin(
        here.store.database,
        wanted.study.study(),
        wanted.panel,
        Respondents(here.settings),
        seed=wanted.seed,
        respondents=wanted.respondents,
        embedder=wanted.embedder,
        now=time.time(),
    )
    await _carry_on(here, study)
    response.headers["Location"] = f"/api/v1/studies/{study.id}"
    return StudyItem.of(await Studies(here.store.database).get(study.id))


@router.get("", responses=GUARDED)
async def list_studies(
    here: Here,
    _: Reader,
    limit: Limit = 50,
    after: After = None,
    panel: Annotated[str | None, Query(max_length=64, pattern=r"^[0-9a-f]+$", description="Only of this one.")] = None,
) -> StudyPage:
    """Studies, the newest first."""
    place = place_of(after, tuple[float, str])
    found = await Studies(here.store.database).page(panel, limit=limit + 1, after=place)
    last = found[limit - 1] if len(found) > limit else None
    next_ = cursor_to((last.made_at, last.id)) if last is not None else None
    return StudyPage(studies=[StudyItem.of(study) for study in found[:limit]], next=next_)


@router.get("/{study_id}", responses={**GUARDED, **refused(404)})
async def show_study(here: Here, _: Reader, study_id: StudyId) -> StudyItem:
    """How far a study is."""
    return StudyItem.of(await Studies(here.store.database).get(study_id))


@router.post("/{study_id}/run", status_code=202, responses={**GUARDED, **refused(404, 409, 412)})
async def go_on(here: Here, _: Writer, study_id: StudyId) -> StudyItem:
    """Go on with a study whose job failed or was cancelled, where it stopped."""
    studies = Studies(here.store.database)
    study = await studies.get(study_id)
    if study.state == "done":
        raise HTTPException(409, "want a study that is open, got one that is done")
    await _carry_on(here, study)
    return StudyItem.of(await studies.get(study_id))


@router.get(
    "/{study_id}/result",
    responses={200: {"content": {JSON: {"schema": schema_of(Result)}}}, **GUARDED, **refused(404, 409)},
    response_class=Response,
)
async def study_result(here: Here, _: Reader, study_id: StudyId) -> Response:
    """All that came of a study: verdicts, standings, claims, prices, hypotheses, segments, and what makes it again."""
    result = await Studies(here.store.database).result(study_id)
    if result is None:
        raise OPEN
    return Response(msgspec.json.encode(result), media_type=JSON)


@router.get(
    "/{study_id}/ballots",
    responses={
        200: {
            "content": {
                JSON: {"schema": schema_of(BallotPage)},
                CSV: {"schema": {"type": "string"}},
                NDJSON: {"schema": {"type": "string"}},
            }
        },
        **GUARDED,
        **refused(404, 406),
    },
    response_class=Response,
)
async def study_ballots(
    here: Here, _: Reader, request: Request, study_id: StudyId, limit: Limit = 50, after: After = None
) -> Response:
    """Ballots by their number: a page as JSON, or all of them as a table (`Accept: text/csv`) or as one document a line
    (`Accept: application/x-ndjson`).
    """
    studies = Studies(here.store.database)
    await studies.get(study_id)
    kind = accepted(request, JSON, CSV, NDJSON)
    if kind != JSON:
        lines, ending = (csv_of, "csv") if kind == CSV else (jsonl_of, "jsonl")
        named = {"Content-Disposition": f'attachment; filename="{study_id}.{ending}"'}
        return StreamingResponse(lines(studies.iterate(study_id)), media_type=kind, headers=named)
    place = place_of(after, int)
    found = await studies.ballots(study_id, limit=limit + 1, after=-1 if place is None else place)
    page = BallotPage(ballots=found[:limit], next=cursor_to(found[limit - 1].number) if len(found) > limit else None)
    return Response(msgspec.json.encode(page), media_type=JSON)


@router.delete(
    "/{study_id}", status_code=204, responses={**GUARDED, **refused(404), 204: {"description": "It is gone."}}
)
async def delete_study(here: Here, _: Writer, study_id: StudyId) -> Response:
    """Delete a study with its ballots; one under way is stopped."""
    studies = Studies(here.store.database)
    study = await studies.get(study_id)
    if study.job is not None:
        await here.jobs.cancel(study.job)
    if not await studies.delete(study_id):
        raise NotHereError("want the id of a study, got one that was just deleted")
    return Response(status_code=204)


async def _carry_on(here: Services, study: StoredStudy) -> None:
    try:
        await ask_for(here.store.database, here.jobs, study)
    except BusyError as error:
        raise HTTPException(409, str(error)) from None

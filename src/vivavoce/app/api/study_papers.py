"""What a study leaves to be read and passed on: the report as a page and on paper, and its charts one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from pydantic import BaseModel

from vivavoce.app.api.access import Here
from vivavoce.app.api.answers import GUARDED, accepted, refused
from vivavoce.app.api.studies import OPEN, StudyId
from vivavoce.app.api.study_access import Reader
from vivavoce.app.headers import INERT
from vivavoce.app.services import Services
from vivavoce.errors import NotHereError, StaleError
from vivavoce.findings.charts import Chart
from vivavoce.findings.study_record import StudyRecord, collect_study
from vivavoce.store.studies import Studies

router = APIRouter(prefix="/api/v1/studies/{study_id}", tags=["studies"])
HTML, PDF, JSON, SVG, PNG = "text/html", "application/pdf", "application/json", "image/svg+xml", "image/png"
BINARY = {"schema": {"type": "string", "format": "binary"}}
SHOWN = {**GUARDED, **refused(404, 409)}
ChartName = Annotated[str, InPath(pattern=r"^[a-z0-9-]{1,40}$")]
T = TypeVar("T")


class ChartItem(BaseModel):
    name: str
    says: str


class ChartList(BaseModel):
    charts: list[ChartItem]


@router.get(
    "/report",
    responses={200: {"content": {HTML: {"schema": {"type": "string"}}}}, **SHOWN},
    response_class=Response,
)
async def study_report(here: Here, _: Reader, study_id: StudyId) -> Response:
    """The report page."""
    page = await _made(here, study_id, _page)
    # the page says itself what it may do; who frames it is for this header only
    return Response(page, media_type=HTML, headers={"Content-Security-Policy": "frame-ancestors 'none'"})


@router.get(
    "/report.pdf",
    responses={200: {"content": {PDF: BINARY}}, **SHOWN, **refused(501)},
    response_class=Response,
)
async def study_paper(here: Here, _: Reader, study_id: StudyId) -> Response:
    """The report on paper, up to some twenty pages. It wants the extra `report`."""
    return Response(await _made(here, study_id, _paper), media_type=PDF, headers=_named(f"{study_id}.pdf"))


@router.get("/charts", responses=SHOWN)
async def study_charts(here: Here, _: Reader, study_id: StudyId) -> ChartList:
    """Which charts the report has."""
    found = await _made(here, study_id, _charts)
    return ChartList(charts=[ChartItem(name=name, says=chart["description"]) for name, chart in found.items()])


@router.get(
    "/charts/{chart}",
    responses={
        200: {"content": {SVG: {"schema": {"type": "string"}}, PNG: BINARY, JSON: {"schema": {"type": "object"}}}},
        **SHOWN,
        **refused(406, 501),
    },
    response_class=Response,
)
async def study_chart(here: Here, _: Reader, request: Request, study_id: StudyId, chart: ChartName) -> Response:
    """One chart: as a drawing, as a picture (`Accept: image/png`) or as its Vega-Lite document
    (`Accept: application/json`). The first two want the extra `report`.
    """
    kind = accepted(request, SVG, PNG, JSON)
    body = await _made(here, study_id, lambda record: _chart(record, chart, kind))
    headers = _named(f"{study_id}-{chart}.{kind.rpartition('/')[2].partition('+')[0]}")
    # the drawing has no script; should it ever, none runs
    return Response(body, media_type=kind, headers=headers | {"Content-Security-Policy": INERT})


async def _made(here: Services, study_id: str, make: Callable[[StudyRecord], T]) -> T:
    """What is made of a study, beside the loop, when it is this reader's turn.

    Raises:
        NotHereError: there is no such study.
        HTTPException: 409, it is open.
        BusyError: too many wait for their turn.
        MissingError: what makes it is not installed.
    """
    if (await Studies(here.store.database).get(study_id)).state == "open":
        raise OPEN
    async with here.drawing:
        try:
            # of a large panel it is some 100 MB: only the one whose turn it is has it
            record = await collect_study(here.store.database, study_id)
        except StaleError:
            raise OPEN from None
        return await asyncio.to_thread(make, record)


def _page(record: StudyRecord) -> str:
    from vivavoce.findings.study_report import render_study

    return render_study(record)


def _paper(record: StudyRecord) -> bytes:
    from vivavoce.findings.study_report.pdf import typeset_study

    return typeset_study(record).pdf


def _charts(record: StudyRecord) -> dict[str, Chart]:
    from vivavoce.findings.study_report.figures import figures

    return {each.name: each.chart for each in figures(record)}


def _chart(record: StudyRecord, name: str, kind: str) -> str | bytes:
    from vivavoce.findings.drawing import draw, picture

    found = _charts(record)
    if name not in found:
        raise NotHereError(f"want one of {', '.join(found) or 'no charts'} as a chart of this study, got {name}")
    if kind == JSON:
        return msgspec.json.encode(found[name])
    one = {name: found[name]}
    return draw(one)[name] if kind == SVG else picture(one)[name]


def _named(filename: str) -> dict[str, str]:
    return {"Content-Disposition": f'inline; filename="{filename}"', "Vary": "Accept"}

"""Where people answer a survey: one address that shows, in turn, what they agree to, the questions, and their thanks.

Nobody signs in and nothing is remembered in the browser: the sitting stands in the address. So a page may be loaded
again, gone back to and sent twice, and the answer is kept once.
"""

from __future__ import annotations

import time
from typing import Annotated
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vivavoce.app.api.access import Here, address_of, foreign_origin
from vivavoce.app.services import Services
from vivavoce.errors import LimitError, NotHereError, StoreError
from vivavoce.findings import survey_page
from vivavoce.findings.survey_page import Told
from vivavoce.store.surveys import Door, Surveys
from vivavoce.studies import survey as reception
from vivavoce.studies.survey import Received, Sitting

router = APIRouter(tags=["pages"], include_in_schema=False)
MAX_TOKEN_CHARS = 64
MAX_FIELDS = 100
"""Six variants, ten claims and four prices are some thirty."""
STATUS: dict[Told, int] = {
    "closed": 410, "over": 410, "full": 410, "used": 410, "nobody": 404, "stale": 400, "elsewhere": 403, "often": 429,
    "busy": 503, "erased": 200, "no-code": 404,
    "withdrawn": 410,
}  # fmt: skip
At = Annotated[str, Query(alias="sitting", max_length=1_000)]


@router.get("/survey/erase")
def eraser() -> HTMLResponse:
    """Where an answer is deleted by its code."""
    return _page(survey_page.render_eraser())


@router.post("/survey/erase")
async def erase(here: Here, request: Request) -> HTMLResponse:
    """Delete the answer of a code. Codes are a hundred bits: nobody guesses one, and nobody tries for long."""
    if _from_elsewhere(request):
        return _told("elsewhere")
    address = address_of(request)
    try:
        here.limits.failing(address)
        found = await _surveys(here).forget(reception.code_in((await _form(request)).get("code", "")), now=time.time())
    except LimitError as error:
        return _told("often", wait_s=error.wait_s)
    except StoreError:
        return _told("busy")
    if not found:
        here.limits.failed(address)
        return _told("no-code", back="erase")
    return _told("erased")


@router.get("/survey/{token}")
async def page(here: Here, token: str, at: At = "") -> HTMLResponse:
    """What a link leads to: what people agree to; with a sitting the questions, or thanks when they are answered."""
    try:
        return await _page_of(here, token, at)
    except StoreError:
        return _told("busy")
    except NotHereError:
        return _told("nobody")


@router.post("/survey/{token}")
async def send(here: Here, request: Request, token: str, at: At = "") -> Response:
    """Agree, or send the answers."""
    if _from_elsewhere(request):
        return _told("elsewhere")
    try:
        here.limits.answering(address_of(request))
        return await _taken(here, request, token, at)
    except LimitError as error:
        return _told("often", wait_s=error.wait_s)
    except StoreError:
        return _told("busy")
    except NotHereError:  # deleted while they were at it
        return _told("nobody")


async def _page_of(here: Services, token: str, at: str) -> HTMLResponse:
    now, surveys = time.time(), _surveys(here)
    door = await _door(surveys, token)
    if door is None:
        return _told("nobody")
    form = door.survey.form
    sitting = reception.sitting_of(at, door.survey, here.vault, now=now) if at else None
    if sitting is not None:
        code = reception.code_of(sitting, here.vault)
        if (kept := await surveys.known(code)) == "withdrawn":
            return _withdrawn(door, token)
        if kept is not None:
            late = "late" in kept.flags
            link = token if door.link is None else ""
            return _page(survey_page.render_thanks(code=code, erase_at=door.survey.erase_at, late=late, link=link))
    if door.used:
        return _told("used")
    if sitting is not None:
        return _page(_questions(door, sitting))
    if (why := await reception.shut(surveys, door.survey, now)) is not None:
        return _told(why)
    if at:
        return _told("stale", back=token)
    return _page(survey_page.render_consent(form, erase_at=door.survey.erase_at, personal=door.link is not None))


async def _taken(here: Services, request: Request, token: str, at: str) -> Response:
    now, surveys = time.time(), _surveys(here)
    door = await _door(surveys, token)
    if door is None:
        return _told("nobody")
    if not at:
        if door.used:
            return _told("used")
        if (why := await reception.shut(surveys, door.survey, now)) is not None:
            return _told(why)
        return _on(await reception.begin(surveys, here.vault, door.survey, now=now))
    sitting = reception.sitting_of(at, door.survey, here.vault, now=now)
    if sitting is None:
        return _told("stale", back=token)
    fields = await _form(request)
    received = await reception.receive(surveys, here.vault, door, sitting, fields, now=now)
    if isinstance(received, Received):
        return _on(at)
    if isinstance(received, dict):
        return _page(_questions(door, sitting, values=fields, problems=received), 422)
    return _withdrawn(door, token) if received == "withdrawn" else _told(received)


def _withdrawn(door: Door, token: str) -> HTMLResponse:
    return _told("withdrawn", back=token if door.link is None else "")


def _questions(door: Door, sitting: Sitting, **more: dict[str, str]) -> str:
    order = reception.order_of(door.survey, sitting)
    return survey_page.render_questions(door.survey.form, order, trap=reception.TRAP, **more)


def _surveys(here: Services) -> Surveys:
    return Surveys(here.store.database)


async def _door(surveys: Surveys, token: str) -> Door | None:
    return await surveys.door(token) if token.isascii() and len(token) <= MAX_TOKEN_CHARS else None


def _from_elsewhere(request: Request) -> bool:
    """Whether another site's page sends it: that would answer in the name of whoever looks at that page."""
    site = request.headers.get("sec-fetch-site", "none")
    return foreign_origin(request) is not None or site not in ("same-origin", "none")


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; of more than there are, none."""
    try:
        fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=MAX_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _on(sitting: str) -> Response:
    """To the same address with a sitting; relative, for a proxy may have put it elsewhere."""
    return RedirectResponse(f"?{urlencode({'sitting': sitting})}", 303)


def _told(why: Told, *, back: str = "", wait_s: float = 0.0) -> HTMLResponse:
    answer = _page(survey_page.render_told(why, back=back), STATUS[why])
    if wait_s:
        answer.headers["Retry-After"] = f"{wait_s:g}"
    return answer


def _page(text: str, status: int = 200) -> HTMLResponse:
    # with `no-referrer` browsers send `Origin: null` with the form, which is what other sites' sandboxed frames send
    own = {"Content-Security-Policy": survey_page.POLICY, "Referrer-Policy": "same-origin"}
    return HTMLResponse(text, status, headers=own)

"""Pages for people: recent calls, and the timeline of each. A key or a session opens them; who has neither is asked."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse

from vivavoce.app.api.access import Here, Principal, needs
from vivavoce.app.api.call_views import is_erased
from vivavoce.app.api.calls import CallId, call_of
from vivavoce.app.api.paging import After, cursor_to, place_of
from vivavoce.app.headers import page_policy
from vivavoce.findings.timeline_page import draw, render_calls
from vivavoce.store.calls import CallFilter

router = APIRouter(tags=["pages"], include_in_schema=False)
Visitor = Annotated[Principal, Depends(needs("calls:read"))]
PAGE = 50
_DRAWING = ThreadPoolExecutor(1, "timeline")
"""One page at a time: the calls that run share the interpreter with it, and a long one takes a second."""


@router.get("/calls")
async def calls_page(here: Here, who: Visitor, after: After = None) -> HTMLResponse:
    """Recent calls, the newest first."""
    found = await here.calls.page(
        CallFilter(agents=who.agents), limit=PAGE + 1, after=place_of(after, tuple[float, str])
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    more = f"/calls?after={cursor_to((last.started_at, last.id))}" if last is not None else ""
    policy, nonce = page_policy()
    return _html(render_calls(found[:PAGE], nonce=nonce, more=more), policy)


@router.get("/calls/{call_id}")
async def timeline_page(here: Here, who: Visitor, call_id: CallId) -> HTMLResponse:
    """Everything that happened in a call, on one axis."""
    call = await call_of(here, who, call_id)
    if is_erased(call.transcript_until):
        raise HTTPException(410, "want what is kept, got a call whose words and events were erased")
    events = await here.store.events(call_id)
    turns = await here.store.turns(call_id)
    recorded = bool(await here.store.recordings(call_id)) and not is_erased(call.audio_until)
    audio = f"/api/v1/calls/{call_id}/recording?format=wav" if recorded and call.ended_at is not None else None
    policy, nonce = page_policy()
    drawn = partial(draw, call, events, turns, here.folders.recordings, audio=audio, nonce=nonce, back="/calls")
    page = await asyncio.get_running_loop().run_in_executor(_DRAWING, drawn)
    return _html(page, policy)


def _html(page: str, policy: str) -> HTMLResponse:
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})

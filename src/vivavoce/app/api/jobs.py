"""Background work: what was asked for, how far it is, and a word to stop it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from vivavoce.app.api.access import Here, Principal, needs
from vivavoce.app.api.answers import GUARDED, accepted, refused
from vivavoce.app.api.paging import After, Limit, cursor_to, place_of
from vivavoce.app.services import Services
from vivavoce.errors import BusyError, LimitError, NotHereError
from vivavoce.jobs.port import OVER, JobEvent, JobState, JobStatus

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])
Reader = Annotated[Principal, Depends(needs("jobs:read"))]
Writer = Annotated[Principal, Depends(needs("jobs:write"))]
JobId = Annotated[str, InPath(pattern=r"^[A-Za-z0-9_.:-]{1,200}$")]
SSE = "text/event-stream"

HEARTBEAT_S = 15.0
"""A comment on a quiet stream this often: proxies cut what is silent for 30 to 60 s."""
LOOK_S = 1.0
"""How soon a stream notices that the server stops."""
MAX_STREAMS = 100
"""Streams of a server at a time; each looks at the database twice a second."""
MAX_STREAMS_EACH = 25
"""Of them for one key, so that four keys are needed to take them all."""
STREAM_S = 600.0
"""How long a stream goes on. An EventSource comes again by itself, and shows that its key still holds."""
MAX_EVENTS = 1_000
"""Of a job, in one JSON answer: a job tells of its steps and of its progress, some dozens of times."""


class JobItem(BaseModel):
    """How a job fares. Moments are Unix seconds."""

    id: str
    kind: str
    state: JobState
    progress: float = Field(ge=0, le=1)
    result: Any = None
    problem: str = Field(description="One sentence of what went wrong, without anything a caller said.")
    call_id: str | None = Field(description="The call it is about.")
    cancel_asked: bool
    created_at: float
    started_at: float | None
    ended_at: float | None

    @classmethod
    def of(cls, job: JobStatus) -> JobItem:
        return cls(**msgspec.structs.asdict(job))


class JobPage(BaseModel):
    jobs: list[JobItem]
    next: str | None


class JobEventItem(BaseModel):
    seq: int
    at: float = Field(description="Unix seconds.")
    kind: str = Field(description="`state`, `progress`, or a word of the job's own.")
    data: dict[str, Any]


class JobEvents(BaseModel):
    events: list[JobEventItem]
    over: bool = Field(description="Nothing more will happen.")


@router.get("", responses=GUARDED)
async def list_jobs(
    here: Here,
    who: Reader,
    limit: Limit = 50,
    after: After = None,
    state: JobState | None = None,
    kind: Annotated[str | None, Query(max_length=64, pattern=r"^[a-z-]+$")] = None,
    call: Annotated[str | None, Query(pattern=r"^[0-9a-f]{16}$", description="Jobs about this call.")] = None,
) -> JobPage:
    """Jobs, the newest first. A key for some agents only sees those about one call at a time."""
    if call is None and who.agents:
        raise HTTPException(403, "want `call`: this key may only see jobs about calls of its agents")
    if call is not None:
        await _may_see(here, who, call)
    place = place_of(after, tuple[float, str])
    found = await here.jobs.list(state=state, kind=kind, call_id=call, limit=limit + 1, after=place)
    last = found[limit - 1] if len(found) > limit else None
    next_ = cursor_to((last.created_at, last.id)) if last is not None else None
    return JobPage(jobs=[JobItem.of(job) for job in found[:limit]], next=next_)


@router.get("/{job_id}", responses={**GUARDED, **refused(404)})
async def show_job(here: Here, who: Reader, job_id: JobId) -> JobItem:
    """How a job fares."""
    return JobItem.of(await _job(here, who, job_id))


@router.get(
    "/{job_id}/events",
    responses={
        200: {"content": {SSE: {"schema": {"type": "string"}}}},
        204: {"description": "Of a stream that goes on after its last event: an EventSource need not come again."},
        **GUARDED,
        **refused(404, 406),
    },
    response_model=JobEvents,
)
async def job_events(
    here: Here,
    who: Reader,
    request: Request,
    job_id: JobId,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Only events after this number.")] = 0,
    last_event_id: Annotated[
        str, Header(max_length=100, description="As `after`; an EventSource that comes again sends it by itself.")
    ] = "",
) -> JobEvents | Response:
    """What has happened to a job: so far as JSON, or (`Accept: text/event-stream`) also what goes on to happen."""
    job = await _job(here, who, job_id)
    again = last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 10  # of ours
    after = max(after, int(last_event_id) if again else 0)
    if accepted(request, "application/json", SSE) == SSE:
        if job.state in OVER and again and not await _so_far(here, job_id, after):
            return Response(status_code=204)
        opened: Counter[str] = request.app.state.streams
        if opened.total() >= MAX_STREAMS:
            raise BusyError(f"want fewer than {MAX_STREAMS} streams at a time, got another one")
        if opened[who.id] >= MAX_STREAMS_EACH:
            raise LimitError(f"want at most {MAX_STREAMS_EACH} streams of a key at a time, got another one", wait_s=60)
        return StreamingResponse(job_stream(here, job_id, after, opened, who.id), media_type=SSE)
    events = await _so_far(here, job_id, after)
    return JobEvents(events=[JobEventItem(**msgspec.structs.asdict(event)) for event in events], over=job.state in OVER)


@router.post("/{job_id}/cancel", status_code=202, responses={**GUARDED, **refused(404, 409)})
async def cancel_job(here: Here, who: Writer, job_id: JobId) -> JobItem:
    """Have a job stopped: at once while it waits, between two steps when it runs."""
    await _job(here, who, job_id)
    if not await here.jobs.cancel(job_id):
        raise HTTPException(409, "want a job that is not over, got one that is")
    return JobItem.of(await _job(here, who, job_id))


async def _job(here: Services, who: Principal, job_id: str) -> JobStatus:
    job = await here.jobs.status(job_id)
    if job is None:
        raise NotHereError("want the id of a job, got none of this id")
    if who.agents:
        await _may_see(here, who, job.call_id)
    return job


async def _may_see(here: Services, who: Principal, call_id: str | None) -> None:
    """
    Raises:
        HTTPException: this key is for calls of other agents.
    """
    if not who.agents:
        return
    call = await here.store.call(call_id) if call_id is not None else None
    if call is None or call.agent_name not in who.agents:
        raise HTTPException(403, "want a key that may touch this agent")


async def _so_far(here: Services, job_id: str, after: int) -> list[JobEvent]:
    return await here.jobs.happened(job_id, after=after, limit=MAX_EVENTS)


async def job_stream(here: Services, job_id: str, after: int, opened: Counter[str], who: str) -> AsyncIterator[bytes]:
    """Server-sent events (HTML, 9.2) until the job is over, the client goes, the server stops or it was long enough.

    Args:
        opened: how many streams are open, by whose they are; this one is among them while it lasts.
        who: the id of a principal.
    """
    opened[who] += 1
    clock = asyncio.get_running_loop().time
    events = here.jobs.events(job_id, after=after)
    waiting: asyncio.Task[JobEvent | None] | None = None
    try:
        yield b"retry: 2000\n\n"
        beat_at = clock() + HEARTBEAT_S
        end_at = clock() + STREAM_S
        while not here.desk.stopping and clock() < end_at:
            waiting = waiting or asyncio.ensure_future(anext(events, None))
            done, _ = await asyncio.wait({waiting}, timeout=LOOK_S)
            if done:
                event = waiting.result()
                waiting = None
                if event is None:
                    return
                data = msgspec.json.encode(event)
                yield b"id: %d\nevent: %b\ndata: %b\n\n" % (event.seq, event.kind.encode(), data)
                beat_at = clock() + HEARTBEAT_S
            elif clock() >= beat_at:
                yield b": still here\n\n"
                beat_at = clock() + HEARTBEAT_S
    finally:
        opened[who] -= 1
        if not opened[who]:
            del opened[who]
        if waiting is not None:
            waiting.cancel()

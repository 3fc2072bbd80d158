"""The parts of a call: its events, what was said, what is known, how it sounded, and the report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from vivavoce.app.api.access import Here
from vivavoce.app.api.answers import GUARDED, accepted, refused
from vivavoce.app.api.call_views import is_erased
from vivavoce.app.api.calls import CallId, Reader, call_of
from vivavoce.app.api.files import send_file
from vivavoce.app.api.jobs import JobItem
from vivavoce.app.api.paging import After, Limit, cursor_to, place_of
from vivavoce.app.services import Services
from vivavoce.errors import MissingError, StoreError
from vivavoce.findings.captions import plain_text, web_vtt
from vivavoce.findings.collect import facts_of, turn_of
from vivavoce.jobs.port import OVER
from vivavoce.store.encoders import MEDIA_TYPES, SoundKind
from vivavoce.store.rows import StoredCall, StoredEvent

router = APIRouter(prefix="/api/v1/calls/{call_id}", tags=["calls"])
NDJSON, VTT, PLAIN, HTML = "application/x-ndjson", "text/vtt", "text/plain", "text/html"
REPORT = "report.html"
SOUND = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()}
PARTS = {**GUARDED, **refused(404, 406, 410)}


class EventItem(BaseModel):
    """One step of the conversation."""

    seq: int
    at_s: float = Field(description="Seconds since the call began.")
    event: dict[str, Any]
    effects: list[dict[str, Any]]


class EventPage(BaseModel):
    events: list[EventItem]
    next: str | None


class SpeakerOf(BaseModel):
    id: str
    name: str
    role: str


class TurnItem(BaseModel):
    """One turn, as far as it was heard. Milliseconds since the call began."""

    turn: str
    who: str = Field(description="`caller`, or the id of a speaker.")
    start_ms: int
    end_ms: int
    text: str
    complete: bool = Field(description="False when the turn was cut off before its end.")


class Transcript(BaseModel):
    call: str
    speakers: list[SpeakerOf]
    turns: list[TurnItem]


class EvidenceItem(BaseModel):
    """Where a fact was said."""

    turn: str
    start_ms: int
    end_ms: int
    quote: str


class FactItem(BaseModel):
    field: str
    objective: str
    type: str = Field(description="As the agent file writes it.")
    required: bool
    state: Literal["unasked", "asked", "vague", "answered", "confirmed", "refused"]
    value: Any
    source: str
    evidence: list[EvidenceItem]


class Facts(BaseModel):
    call: str
    facts: list[FactItem]


@router.get(
    "/events",
    responses={200: {"content": {NDJSON: {"schema": {"type": "string"}}}}, **PARTS},
    response_model=EventPage,
)
async def call_events(
    here: Here, who: Reader, request: Request, call_id: CallId, limit: Limit = 50, after: After = None
) -> Response:
    """What went into the conversation and what came out of it: by the page, or (`Accept: application/x-ndjson`) all of
    it, one event a line.
    """
    call = await call_of(here, who, call_id)
    _present(call.transcript_until)
    if accepted(request, "application/json", NDJSON) == NDJSON:
        return StreamingResponse(_lines(here, call_id), media_type=NDJSON)
    place = place_of(after, int)
    found = await here.logs.events(call_id, after=-1 if place is None else place, limit=limit + 1)
    more = cursor_to(found[limit - 1].seq) if len(found) > limit else None
    body = b'{"events":[%b],"next":%b}' % (b",".join(map(_line, found[:limit])), msgspec.json.encode(more))
    return Response(body, media_type="application/json")


@router.get(
    "/transcript",
    responses={
        200: {"content": {kind: {"schema": {"type": "string"}} for kind in (PLAIN, VTT)}},
        **PARTS,
    },
    response_model=Transcript,
)
async def call_transcript(here: Here, who: Reader, request: Request, call_id: CallId) -> Transcript | Response:
    """What was said, as it was heard: as JSON, as text (`Accept: text/plain`) or as captions of the recording
    (`Accept: text/vtt`).
    """
    call = await call_of(here, who, call_id)
    _present(call.transcript_until)
    kind = accepted(request, "application/json", PLAIN, VTT)
    stored = sorted(await here.store.turns(call_id), key=lambda turn: (turn.start_ms, turn.turn))
    turns = [turn_of(turn) for turn in stored]
    speakers = (await here.shelf.read(call.agent_source, call.agent_name)).spec.speakers
    if kind != "application/json":
        names = {id_: speaker.name for id_, speaker in speakers.items()}
        return Response((plain_text if kind == PLAIN else web_vtt)(turns, names), media_type=kind)
    return Transcript(
        call=call_id,
        speakers=[SpeakerOf(id=id_, name=each.name, role=each.role) for id_, each in speakers.items()],
        turns=[TurnItem(**msgspec.structs.asdict(turn)) for turn in turns],
    )


@router.get("/facts", responses={**GUARDED, **refused(404, 410)})
async def call_facts(here: Here, who: Reader, call_id: CallId) -> Facts:
    """What the call established, field by field, with the turns in which it was said."""
    call = await call_of(here, who, call_id)
    _present(call.facts_until)
    spec = (await here.shelf.read(call.agent_source, call.agent_name)).spec
    turns = {} if is_erased(call.transcript_until) else {turn.turn: turn for turn in await here.store.turns(call_id)}
    facts = facts_of(spec, await here.store.facts(call_id), turns)
    return Facts(
        call=call_id,
        facts=[
            FactItem(
                field=fact.field,
                objective=fact.objective,
                type=fact.type,
                required=fact.required,
                state=fact.state,
                value=fact.value,
                source=fact.source,
                evidence=[EvidenceItem(**msgspec.structs.asdict(each)) for each in fact.evidence],
            )
            for fact in facts
        ],
    )


@router.get(
    "/recording",
    responses={
        200: {"content": SOUND},
        206: {"content": SOUND, "description": "The range that was asked for."},
        **PARTS,
        **refused(409, 416),
    },
    response_class=Response,
)
async def call_recording(
    here: Here,
    who: Reader,
    request: Request,
    call_id: CallId,
    format: Annotated[  # what it is called in the URL
        SoundKind | None, Query(description="In place of Accept, for links and players.")
    ] = None,
) -> Response:
    """How it sounded: caller left, agent right, 24 kHz, with the true gaps. WAV, or FLAC or Opus where the extra
    `vivavoce[audio]` is installed. Ranges are served.
    """
    call = await call_of(here, who, call_id)
    _present(call.audio_until)
    kind = format or _sound_kind(request)
    _ended(call)
    if not await here.store.recordings(call_id):
        raise HTTPException(404, "want a recording of this call, got none: it was not to be kept")
    try:
        path = await here.sounds.file_of(call_id, kind)
    except MissingError as error:
        raise HTTPException(406, str(error)) from None
    except StoreError:
        await call_of(here, who, call_id)  # it may have been erased meanwhile
        raise
    return await send_file(request, path, MEDIA_TYPES[kind], filename=f"{call_id}.{kind}")


@router.get(
    "/report",
    responses={
        200: {"content": {HTML: {"schema": {"type": "string"}}}},
        202: {"model": JobItem, "description": "It is being made by this job; ask again when that is done."},
        **GUARDED,
        **refused(404, 409, 410),
    },
    response_class=Response,
)
async def call_report(here: Here, who: Reader, request: Request, call_id: CallId) -> Response:
    """The report page. It is made when a call ends; until it is there the answer is the job that makes it."""
    call = await call_of(here, who, call_id)
    for until in (call.transcript_until, call.facts_until):
        _present(until)
    _ended(call)
    path = here.folders.reports_of(call_id) / REPORT
    if any(each.name == REPORT for each in await here.reports.of_call(call_id)) and await asyncio.to_thread(
        path.is_file
    ):
        answer = await send_file(request, path, HTML, filename=f"{call_id}.html")
        # the page says itself what it may do; who frames it is for this header only
        answer.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
        return answer
    job_id = f"report-{call_id}"
    job = await here.jobs.status(job_id)
    if job is None or job.state in OVER:
        # what failed, or was deleted, is made anew, though not each time that somebody looks
        key = job_id if job is None else f"{job_id}-{int(time.time() // 60)}"
        job = await here.jobs.status(await here.jobs.enqueue("report", call_id=call_id, key=key))
    assert job is not None, "a job that was just asked for is there"
    return Response(
        JobItem.of(job).model_dump_json(),
        202,
        {"Location": f"/api/v1/jobs/{job.id}", "Retry-After": "2"},
        "application/json",
    )


def _present(until: float | None) -> None:
    """
    Raises:
        HTTPException: 410, this part was to be erased by now.
    """
    if is_erased(until):
        assert until is not None, "only what has an end is erased"
        when = datetime.fromtimestamp(until, UTC).isoformat(timespec="seconds")
        raise HTTPException(410, f"want what is kept, got a part that was erased at {when}")


def _ended(call: StoredCall) -> None:
    """
    Raises:
        HTTPException: 409, it goes on.
    """
    if call.ended_at is None:
        raise HTTPException(409, "want a call that has ended, got one that goes on", headers={"Retry-After": "30"})


def _sound_kind(request: Request) -> SoundKind:
    found = accepted(request, *MEDIA_TYPES.values())
    kinds: Iterable[SoundKind] = MEDIA_TYPES
    return next(kind for kind in kinds if MEDIA_TYPES[kind] == found)


def _line(event: StoredEvent) -> bytes:
    at_s = msgspec.json.encode(event.at_s)
    return b'{"seq":%d,"at_s":%b,"event":%b,"effects":%b}' % (event.seq, at_s, event.event, event.effects)


async def _lines(here: Services, call_id: str) -> AsyncIterator[bytes]:
    async for batch in here.logs.all_events(call_id):
        yield b"".join(_line(event) + b"\n" for event in batch)

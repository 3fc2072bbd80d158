"""People: their export and their erasure, one request each. A reference stands in bodies only: addresses are logged."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from vivavoce.app.api.access import Here, Principal, needs
from vivavoce.app.api.answers import GUARDED, refused
from vivavoce.app.api.call_views import ErasureReceipt
from vivavoce.app.api.files import send_file
from vivavoce.app.api.jobs import JobItem
from vivavoce.app.services import Services
from vivavoce.errors import NotHereError
from vivavoce.jobs.port import OVER, JobState, JobStatus
from vivavoce.store.calls import CallFilter
from vivavoce.store.people import StoredPerson
from vivavoce.store.receipts import signed

router = APIRouter(prefix="/api/v1", tags=["people"])
PersonId = Annotated[str, InPath(pattern=r"^[0-9a-f]{16}$")]
ZIP = "application/zip"
PACKED = {ZIP: {"schema": {"type": "string", "format": "binary"}}}

WAIT_S = 10.0
"""How long the request for an export waits for it before it answers with the job: a worker packs a talk of half an hour
in about three seconds, and no proxy gives up within ten.
"""
LOOK_S = 0.25
UNDER_WAY: tuple[JobState, ...] = ("waiting", "running")


async def _everywhere(who: Principal) -> Principal:
    if who.agents:  # a person's calls may be with any agent
        raise HTTPException(403, "want a key for all agents, got one for some")
    return who


async def _reader(who: Annotated[Principal, Depends(needs("people:read"))]) -> Principal:
    return await _everywhere(who)


async def _eraser(who: Annotated[Principal, Depends(needs("people:erase"))]) -> Principal:
    return await _everywhere(who)


Reader = Annotated[Principal, Depends(_reader)]
Eraser = Annotated[Principal, Depends(_eraser)]


class Reference(BaseModel):
    ref: str = Field(min_length=1, max_length=512, description="What calls of this person were booked with.")


class PersonItem(BaseModel):
    id: str
    created_at: float = Field(description="Unix seconds.")
    calls: int


@router.post("/people-lookup", responses={**GUARDED, **refused(404)})
async def look_up(here: Here, _: Reader, reference: Reference) -> PersonItem:
    """The person of a reference: the id that the other routes want."""
    person = await here.people.find(reference.ref)
    if person is None:
        raise NotHereError("want the reference of a person with calls, got another")
    return await _shown(here, person)


@router.get("/people/{person_id}", responses={**GUARDED, **refused(404)})
async def show_person(here: Here, _: Reader, person_id: PersonId) -> PersonItem:
    """A person; their calls are listed by `/api/v1/calls?person=`."""
    return await _shown(here, await _person(here, person_id))


@router.post(
    "/people/{person_id}/export",
    responses={
        200: {"content": PACKED},
        202: {"model": JobItem, "description": "It takes longer: fetch it with GET when this job is done."},
        **GUARDED,
        **refused(404),
    },
    response_class=Response,
)
async def export_person(here: Here, _: Reader, request: Request, person_id: PersonId) -> Response:
    """Everything there is about a person, as a ZIP: every call with what was said, what is known and how it sounded."""
    await _person(here, person_id)
    job = await _over(here, await _exporting(here, person_id))
    if job.state == "done":
        return await _zip(here, request, person_id)
    return Response(
        JobItem.of(job).model_dump_json(),
        202,
        {"Location": f"/api/v1/jobs/{job.id}", "Retry-After": "5"},
        "application/json",
    )


@router.get(
    "/people/{person_id}/export",
    responses={
        200: {"content": PACKED},
        206: {"content": PACKED, "description": "The range that was asked for."},
        **GUARDED,
        **refused(404, 416),
    },
    response_class=Response,
)
async def fetch_export(here: Here, _: Reader, request: Request, person_id: PersonId) -> Response:
    """The newest export of a person, for a day after it was made."""
    await _person(here, person_id)
    return await _zip(here, request, person_id)


@router.post("/people/{person_id}/erase", responses={**GUARDED, **refused(404)})
async def erase_person(here: Here, _: Eraser, person_id: PersonId) -> ErasureReceipt:
    """Erase a person with their calls, from every table and every folder. Nobody finds them by their reference from now
    on; where a call of theirs goes on, `done` is false and the rest goes when that has ended. A second time answers the
    same receipt.
    """
    known = await here.people.get(person_id)
    receipt = await here.erasing.person(person_id, now=time.time())
    if known is not None and receipt.done:
        await here.announcer.erased_person(person_id, receipt.rows.get("calls", 0))
    return ErasureReceipt.of(signed(receipt, here.vault))


async def _person(here: Services, person_id: str) -> StoredPerson:
    person = await here.people.get(person_id)
    if person is None:
        raise NotHereError("want the id of a person, got none of this id")
    return person


async def _shown(here: Services, person: StoredPerson) -> PersonItem:
    counts = await here.calls.counts(CallFilter(person_id=person.id))
    return PersonItem(id=person.id, created_at=person.created_at, calls=sum(counts.values()))


async def _exporting(here: Services, person_id: str) -> str:
    """The job that makes an export: the one under way, or a new one."""
    prefix = f"export-{person_id}-"
    for state in UNDER_WAY:
        for job in await here.jobs.list(kind="export", state=state):
            if job.id.startswith(prefix):
                return job.id
    return await here.jobs.enqueue("export", {"person": person_id}, key=f"{prefix}{time.time_ns() // 1_000_000}")


async def _over(here: Services, job_id: str) -> JobStatus:
    """A job when it is over, or as far as it is after a while."""
    clock = asyncio.get_running_loop().time
    give_up_at = clock() + WAIT_S
    while True:
        job = await here.jobs.status(job_id)
        if job is None:
            raise NotHereError("want the id of a person, got one who was just erased")
        if job.state in OVER or clock() >= give_up_at or not await here.jobs.workers():
            return job
        await asyncio.sleep(LOOK_S)


async def _zip(here: Services, request: Request, person_id: str) -> Response:
    return await send_file(request, here.folders.export_of(person_id), ZIP, filename=f"{person_id}.zip")

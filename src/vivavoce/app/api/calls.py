"""Calls: booked here, talked in over their socket, and looked at afterwards."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from vivavoce.app.agent_files import NAME
from vivavoce.app.api.access import Here, Principal, needs
from vivavoce.app.api.answers import GUARDED, refused
from vivavoce.app.api.booking import Books
from vivavoce.app.api.call_views import (
    CallPage,
    CallSummary,
    ErasureReceipt,
    item_of,
    summary_of,
)
from vivavoce.app.api.paging import After, Limit, cursor_to, place_of
from vivavoce.app.api.tickets import TicketGiven, ticket_of
from vivavoce.app.embedding import passes
from vivavoce.app.services import Services
from vivavoce.errors import BusyError, NotHereError
from vivavoce.store.calls import CallFilter
from vivavoce.store.receipts import signed
from vivavoce.store.rows import StoredCall

router = APIRouter(prefix="/api/v1/calls", tags=["calls"])
Reader = Annotated[Principal, Depends(needs("calls:read"))]
Eraser = Annotated[Principal, Depends(needs("calls:delete"))]
CallId = Annotated[str, InPath(pattern=r"^[0-9a-f]{16}$")]
LATEST = 1e11
"""Unix seconds, in the year 5138: what is later is not seconds."""


class CallWanted(BaseModel):
    model_config = ConfigDict(strict=True)

    agent: str = Field(max_length=64, description="The name of an agent.", json_schema_extra={"examples": ["founder"]})
    settings: dict[str, Any] = Field(
        default={}, max_length=50, description="Wishes for this call, by the names of the settings reference."
    )
    leave: str = Field(
        default="",
        alias="pass",
        max_length=passes.MAX_CHARS,
        description="As our frame's page carries it: it says on which site it stands.",
    )
    person: str | None = Field(
        default=None,
        min_length=1,
        max_length=512,
        description="Who calls, by a reference of one's own. It is kept sealed and found by a keyed hash.",
    )


@router.post("", status_code=201, responses={**GUARDED, **refused(404)})
async def book(here: Here, who: Books, wanted: CallWanted) -> TicketGiven:
    """Book a call with an agent; the ticket opens its socket once. A page of one of the agent's sites needs no key."""
    if wanted.person is not None and who.origin is not None:
        raise HTTPException(403, "want a key for a call of a person: a page could name anybody")
    who = who.showing(wanted.leave)
    found = await who.find(wanted.agent)
    wishes = who.wishes(wanted.settings)
    with who.seat(found) as take:
        person = await here.people.find_or_make(wanted.person, now=time.time()) if wanted.person is not None else None
        booking = await here.desk.book(
            found,
            wishes=wishes,
            person_id=person.id if person is not None else None,
            booked_by=who.principal.id,
        )
        take(booking.call, here.settings.ticket_s)
    return ticket_of(booking, here.settings.ticket_s)


@router.get("", responses=GUARDED)
async def list_calls(
    here: Here,
    who: Reader,
    limit: Limit = 50,
    after: After = None,
    agent: Annotated[str | None, Query(pattern=NAME, description="Calls with this agent.")] = None,
    state: Annotated[
        Literal["booked", "live", "ended"] | None, Query(description="`booked` until somebody comes with the ticket.")
    ] = None,
    person: Annotated[str | None, Query(pattern=r"^[0-9a-f]{16}$", description="Calls of this person.")] = None,
    since: Annotated[float | None, Query(ge=0, le=LATEST, description="Calls booked then or later.")] = None,
    until: Annotated[float | None, Query(ge=0, le=LATEST, description="Calls booked before.")] = None,
) -> CallPage:
    """Calls, the newest first."""
    agents = who.agents if agent is None else frozenset({agent})
    if agent is not None and not who.touches(agent):
        return CallPage(calls=[], next=None)
    found = await here.calls.page(
        CallFilter(agents=agents, state=state, person_id=person, since=since, until=until),
        limit=limit + 1,
        after=place_of(after, tuple[float, str]),
    )
    last = found[limit - 1] if len(found) > limit else None
    next_ = cursor_to((last.started_at, last.id)) if last is not None else None
    return CallPage(calls=[item_of(call) for call in found[:limit]], next=next_)


@router.get("/{call_id}", responses={**GUARDED, **refused(404)})
async def show_call(here: Here, who: Reader, call_id: CallId) -> CallSummary:
    """What a call was, what it ran with and what there is of it."""
    call = await call_of(here, who, call_id)
    title = (await here.shelf.read(call.agent_source, call.agent_name)).spec.title
    return await summary_of(call, title, here.store)


async def call_of(here: Services, who: Principal, call_id: str) -> StoredCall:
    """A call that somebody names.

    Raises:
        NotHereError: there is none, or none that they may see.
    """
    call = await here.store.call(call_id)
    if call is None or call.state == "erasing" or not who.touches(call.agent_name):
        raise NotHereError("want the id of a call, got none of this id")
    return call


@router.delete("/{call_id}", responses={**GUARDED, **refused(404, 409)})
async def delete_call(
    here: Here,
    who: Eraser,
    call_id: CallId,
    end: Annotated[bool, Query(description="End a call that is live, and then erase it.")] = False,
) -> ErasureReceipt:
    """Erase a call with everything that hangs off it, in tables and files. A second time answers the same receipt."""
    call = await here.store.call(call_id)
    if call is not None and not who.touches(call.agent_name):
        raise NotHereError("want the id of a call, got none of this id")
    if call is None and who.agents:
        raise NotHereError("want the id of a call, got none of this id")  # whose it was is not known any more
    if here.desk.is_running(call_id) or (call is not None and call.state == "live"):  # here, or at another server
        if not end:
            raise HTTPException(409, "want a call that has ended, got one that goes on; ?end=true ends it first")
        await here.desk.end_to_erase(call_id)
    try:
        receipt = await here.erasing.call(call_id, now=time.time())
    except BusyError as error:
        raise HTTPException(409, str(error)) from None
    if call is not None:
        await here.announcer.erased_call(call_id, call.agent_name)
    return ErasureReceipt.of(signed(receipt, here.vault))

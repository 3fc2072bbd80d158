"""Leave to open a socket, and credentials for clients that talk by themselves."""

from __future__ import annotations

import secrets
import time
from typing import Annotated, Literal

from fastapi import APIRouter, Body, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from vivavoce.app.agent_shelf import read
from vivavoce.app.api.access import Here, Principal, address_of, foreign_origin, needs
from vivavoce.app.api.answers import GUARDED, refused
from vivavoce.app.api.booking import IN_FRAME, Books
from vivavoce.app.desk import Booking
from vivavoce.app.origins import NOWHERE, allow, parse_origin, sites_of
from vivavoce.app.services import Services
from vivavoce.live.direct import Pass
from vivavoce.store.rows import StoredCall
from vivavoce.wire import caller as wire

TALK = "/api/v1/talk"
OPEN_TO_PAGES = frozenset({"/api/v1/calls", "/api/v1/card", "/api/v1/tickets", "/api/v1/tokens"})
"""What pages of an agent's sites may ask for without a key."""
NO_TICKET = HTTPException(401, "want a ticket that could be used now, got none")
"""Expired, used, made up, of a call that began: one answer, so that nobody learns which."""

router = APIRouter(prefix="/api/v1", tags=["tickets"])


class TicketGiven(BaseModel):
    """Leave to open one call's socket, once."""

    call: str
    ticket: str = Field(description="Goes into the subprotocol `ticket.…`; it opens the socket once. A secret.")
    socket: str = Field(description="Path of the WebSocket.")
    subprotocol: str
    expires_in_s: float = Field(description="Until then it must have opened the socket, or been exchanged for another.")


class RelayToken(TicketGiven):
    """The client talks through this server."""

    kind: Literal["relay"] = "relay"


class DirectToken(BaseModel):
    """The client talks to the live model's service by itself."""

    kind: Literal["direct"] = "direct"
    token: str = Field(description="A short-lived credential of the service. A secret.")
    url: str
    model: str
    start_by: str = Field(description="RFC 3339; so is `expires_at`.")
    expires_at: str


class TicketWanted(BaseModel):
    """Exactly one of the two."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["ticket"], "properties": {"ticket": {"type": "string"}, "call": {"type": "null"}}},
                {"required": ["call"], "properties": {"call": {"type": "string"}, "ticket": {"type": "null"}}},
            ]
        }
    )

    ticket: str | None = Field(default=None, min_length=1, max_length=200, description="One that was not used yet.")
    call: str | None = Field(default=None, pattern=r"^[0-9a-f]{16}$", description="A call that one's key has booked.")

    @model_validator(mode="after")
    def one_of_two(self) -> TicketWanted:
        if (self.ticket is None) == (self.call is None):
            raise ValueError("want either ticket or call")
        return self


def ticket_of(booking: Booking, expires_in_s: float) -> TicketGiven:
    return TicketGiven(
        call=booking.call,
        ticket=booking.ticket,
        socket=TALK,
        subprotocol=wire.SUBPROTOCOL,
        expires_in_s=round(expires_in_s, 3),
    )


@router.post("/tokens", status_code=201, responses={**GUARDED, **refused(404, 502)})
async def token(
    here: Here, who: Books, agent: Annotated[str, Body(embed=True, max_length=64)]
) -> DirectToken | RelayToken:
    """A short-lived credential for a client that talks by itself: directly to the live model where its service has one
    to give, through our relay otherwise.
    """
    found = await who.find(agent)
    with who.seat(found) as take:
        given = await here.desk.admit(found, booked_by=who.principal.id)
        if isinstance(given, Pass):
            take(secrets.token_hex(8), (given.expires_at - given.start_by).total_seconds() + here.settings.ticket_s)
            return DirectToken(
                token=given.token,
                url=given.url,
                model=given.model,
                start_by=given.start_by.isoformat(),
                expires_at=given.expires_at.isoformat(),
            )
        take(given.call, here.settings.ticket_s)
    return RelayToken(**ticket_of(given, here.settings.ticket_s).model_dump())


@router.post("/tickets", status_code=201, responses={**GUARDED, **refused(404)})
async def refresh(here: Here, wanted: TicketWanted, request: Request) -> TicketGiven:
    """A fresh ticket: for one that has not been used (it is used up with this, and needs no key), or for a call that
    one's key has booked and that has not begun (older tickets of it open nothing any more). Half an hour after the
    booking there are no more.
    """
    if wanted.ticket is not None:
        return await _exchange(here, wanted.ticket, request)
    return await _renew(here, wanted.call or "", await needs("calls:book")(request))


async def _exchange(here: Services, ticket: str, request: Request) -> TicketGiven:
    address, now = address_of(request), time.time()
    here.limits.failing(address)
    call_id = await here.tickets.call_of(ticket, now)
    origin = foreign_origin(request)
    if call_id is not None and origin is not None:
        stored = await here.store.call(call_id)
        if stored is None or not _booked_from(stored, origin):
            call_id = None
        else:
            allow(request.scope, origin)
    new = await here.tickets.exchange(ticket, ttl_s=here.settings.ticket_s, now=now) if call_id is not None else None
    if new is None or call_id is None:
        here.limits.failed(address)
        raise NO_TICKET
    here.limits.keep(call_id, here.settings.ticket_s)
    return ticket_of(Booking(call_id, new.ticket), new.expires_at - now)


def _booked_from(stored: StoredCall, origin: str) -> bool:
    """Whether a page of this origin may have booked a call."""
    sites, parsed = sites_of(read(stored.agent_source, stored.agent_name).spec), parse_origin(origin)
    if origin == NOWHERE:
        return stored.settings.get("booked_by") == IN_FRAME.id
    return parsed is not None and parsed in sites


async def _renew(here: Services, call_id: str, who: Principal) -> TicketGiven:
    stored = await here.store.call(call_id)
    own = stored is not None and ("*" in who.scopes or stored.settings.get("booked_by") == who.id)
    if not own or here.desk.is_running(call_id):
        raise NO_TICKET
    now = time.time()
    new = await here.tickets.renew(call_id, ttl_s=here.settings.ticket_s, now=now)
    if new is None:
        raise NO_TICKET
    here.limits.keep(call_id, here.settings.ticket_s)
    return ticket_of(Booking(call_id, new.ticket), new.expires_at - now)

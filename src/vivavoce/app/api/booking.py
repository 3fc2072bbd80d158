"""Who books a call: somebody with a key, or a browser on a page that the agent's file lists."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

from vivavoce.agents import AgentFileError
from vivavoce.agents.callsettings import RULES
from vivavoce.app.agent_shelf import Shelved
from vivavoce.app.api.access import (
    SCOPE_OF,
    address_of,
    foreign_origin,
    is_signed_in,
    needs,
    own_origins,
    services_of,
)
from vivavoce.app.api.agents import find_for
from vivavoce.app.embedding import passes
from vivavoce.app.embedding.passes import EmbedPass
from vivavoce.app.keyring import ANYBODY, Principal
from vivavoce.app.limits import Limits
from vivavoce.app.origins import NOWHERE, Origin, allow, parse_origin, sites_of
from vivavoce.errors import NotHereError

VISITOR = Principal("visitor", frozenset({"calls:book"}))
IN_FRAME = Principal("frame", frozenset({"calls:book"}))
"""A visitor whose page says by a pass where it stands."""
NOT_LISTED = HTTPException(403, "want a page of a site that the agent's embed.origins list, or a key")
PASS_OVER = HTTPException(403, "want a pass that holds, got one that does not (any more); load the page again")
_by_key = needs("calls:book")


@dataclass(frozen=True, slots=True)
class Booker:
    """Somebody who wants a call."""

    principal: Principal
    address: str
    origin: str | None
    """Of the page, for a browser that shows no key; as it was sent, if it was."""
    request: Request
    limits: Limits
    leave: EmbedPass | None = None
    """What the page shows of a page around it."""

    def showing(self, text: str) -> Booker:
        """The same one with the pass that their page carries. It counts from our own pages only, and from frames that
        have no origin: any other page speaks for itself. One that we did not sign is as good as none.
        """
        ours = self.origin is not None and (self.origin == NOWHERE or foreign_origin(self.request) is None)
        leave = passes.read(services_of(self.request).vault, text) if text and ours else None
        return self if leave is None else dataclasses.replace(self, principal=IN_FRAME, leave=leave)

    async def find(self, name: str) -> Shelved:
        """The agent that they name. A page learns of those that list it, and not which others there are, nor whose file
        does not hold.

        Raises:
            HTTPException: 403, there is none that a page may know of.
            NotHereError, InputError, StoreError: as `find_for`.
        """
        try:
            return await find_for(services_of(self.request), self.principal, name)
        except (NotHereError, AgentFileError):
            if self.origin is None:
                raise
            raise (NOT_LISTED if self.leave is None else PASS_OVER) from None

    @contextmanager
    def seat(self, agent: Shelved) -> Iterator[Callable[[str, float], None]]:
        """Room for a call with an agent, while it is booked.

        Yields:
            To be called with the call's id and for how many seconds it may wait to be begun.
        Raises:
            HTTPException: 403, the page is none of the agent's.
            LimitError: no room, or too often.
        """
        site = self.come_from(agent)
        if site is not None:
            site = site or f"frames of {agent.name}"
            with self.limits.visitor_booking(self.address, site, agent.name, agent.file.spec.limits) as take:
                yield take
        elif self.principal == ANYBODY:
            yield lambda _call, _wait_s: None
        else:
            with self.limits.key_booking(self.principal.id) as take:
                yield take

    def wishes(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """What they wish of a call, if it is theirs to wish.

        Raises:
            HTTPException: 403, a page wishes what its visitor could not decide in the call either: the model, how long.
        """
        theirs = [name for name, rule in RULES.items() if "caller" in rule.layers]
        for name in given if self.origin is not None else ():
            if name in RULES and name not in theirs:
                raise HTTPException(403, f"want a key to wish {name}; a page may wish {', '.join(theirs)}")
        return given

    def come_from(self, agent: Shelved) -> str | None:
        """The site that a visitor comes from, if the agent's file lists it; their page may read the answer then. Empty
        for one whose frame does not know, None for who has a key.

        Raises:
            HTTPException: 403, it does not.
        """
        if self.origin is None:
            return None
        sites = sites_of(agent.file.spec)
        if self.leave is not None:
            allow(self.request.scope, self.origin)
            if not self.leave.holds(agent.name, sites, time.time()):
                raise PASS_OVER
            return self.leave.site
        origins: Sequence[Origin | None] = [parse_origin(self.origin)]
        if _asks_itself(self.request):  # by which scheme it came, such a page does not say
            origins = own_origins(self.request)
        if not any(origin is not None and origin in sites for origin in origins):
            raise NOT_LISTED
        allow(self.request.scope, self.origin)
        return self.origin


async def booker(request: Request) -> Booker:
    """A dependency: who wants a call. A page of our own that shows no key is held to what any site's page is.

    Raises:
        HTTPException: 401, neither a key nor a browser; 403, a key without the scope.
        LimitError: they ask too often.
    """
    here, address = services_of(request), address_of(request)
    keyless = "authorization" not in request.headers
    origin = foreign_origin(request) if keyless else None
    if origin is None and keyless and not is_signed_in(request) and await here.keyring.required():
        origin = request.headers.get("origin")
        if origin is None and _asks_itself(request) and (own := own_origins(request)):
            origin = own[0].written()
    if origin is None:
        return Booker(await _by_key(request), address, None, request, here.limits)
    return Booker(VISITOR, address, origin, request, here.limits)


def _asks_itself(request: Request) -> bool:
    """Whether a page of this server only reads: browsers send no `Origin` then."""
    headers = request.headers
    return request.method == "GET" and "origin" not in headers and headers.get("sec-fetch-site") == "same-origin"


SCOPE_OF[booker] = "calls:book"
Books = Annotated[Booker, Depends(booker)]

"""Who books a call: somebody with a key, or a browser on a page that the agent's file lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

from vivavoce.agents import AgentSpec
from vivavoce.agents.callsettings import RULES
from vivavoce.app.agent_shelf import Shelved
from vivavoce.app.api.access import SCOPE_OF, address_of, cookie_name, foreign_origin, needs, services_of
from vivavoce.app.keyring import ANYBODY, Principal
from vivavoce.app.limits import Limits
from vivavoce.app.origins import allow, parse_origin, sites_of

VISITOR = Principal("visitor", frozenset({"calls:book"}))
_by_key = needs("calls:book")


@dataclass(frozen=True, slots=True)
class Booker:
    """Somebody who wants a call."""

    principal: Principal
    address: str
    origin: str | None
    """Of the page, for a browser that shows no key; as it was sent."""
    request: Request
    limits: Limits

    @contextmanager
    def seat(self, agent: Shelved) -> Iterator[Callable[[str, float], None]]:
        """Room for a call with an agent, while it is booked.

        Yields:
            To be called with the call's id and for how many seconds it may wait to be begun.
        Raises:
            HTTPException: 403, the page is none of the agent's.
            LimitError: no room, or too often.
        """
        if self.origin is not None:
            self.come_from(agent.file.spec)
            with self.limits.visitor_booking(self.address, self.origin, agent.name, agent.file.spec.limits) as take:
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

    def come_from(self, spec: AgentSpec) -> None:
        """Let the page read the answer, if the agent's file lists it.

        Raises:
            HTTPException: 403, it does not.
        """
        if self.origin is None:
            return
        origin = parse_origin(self.origin)
        if origin is None or origin not in sites_of(spec):
            raise HTTPException(403, "want a page of a site that the agent's embed.origins list, or a key")
        allow(self.request.scope, self.origin)


async def booker(request: Request) -> Booker:
    """A dependency: who wants a call. A page of our own that shows no key is held to what any site's page is.

    Raises:
        HTTPException: 401, neither a key nor a browser; 403, a key without the scope.
        LimitError: they ask too often.
    """
    here, address = services_of(request), address_of(request)
    keyless = "authorization" not in request.headers
    origin = foreign_origin(request) if keyless else None
    if origin is None and keyless and cookie_name(here) not in request.cookies and await here.keyring.required():
        origin = request.headers.get("origin")
    if origin is not None:
        return Booker(VISITOR, address, origin, request, here.limits)
    return Booker(await _by_key(request), address, None, request, here.limits)


SCOPE_OF[booker] = "calls:book"
Books = Annotated[Booker, Depends(booker)]

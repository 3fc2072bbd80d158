"""Who may see an agent's pages, and by which address they came."""

from __future__ import annotations

from typing import Literal

from fastapi import HTTPException, Request

from vivavoce.agents import AgentFileError
from vivavoce.app.agent_shelf import Shelved
from vivavoce.app.api.access import cookie_name, identify
from vivavoce.app.embedding.addresses import base_of
from vivavoce.app.origins import Origin, parse_origin, sites_of
from vivavoce.app.services import Services
from vivavoce.errors import NotHereError

Absent = Literal["key", "broken", "nobody"]
"""Why somebody does not get to see an agent."""


async def find(here: Services, name: str) -> Shelved | Absent:
    """The agent of this name, whoever asks."""
    try:
        return await here.shelf.find(name)
    except AgentFileError:
        return "broken"
    except NotHereError:
        return "nobody"


async def visit(here: Services, request: Request, name: str, found: Shelved | Absent) -> Shelved | Absent:
    """What somebody who asks for an agent's page gets to see.

    Raises:
        HTTPException: 401, they must sign in first, and are not told which agents there are.
    """
    if isinstance(found, Shelved) and is_public(here, request, found):
        return found
    who = await identify(request)
    return found if who.may("calls:book") and who.touches(name) else "key"


async def see(here: Services, request: Request, name: str) -> Shelved:
    """The agent of this name, for whoever may see its page.

    Raises:
        HTTPException: 401 and 403, not for them.
        NotHereError, InputError: as `AgentShelf.find`.
    """
    if await visit(here, request, name, await find(here, name)) == "key":
        raise HTTPException(403, "want a key that may talk to this agent")
    return await here.shelf.find(name)


def is_public(here: Services, request: Request, agent: Shelved) -> bool:
    """Whether pages of this server may book the agent without a key. Who is signed in goes by their key."""
    if is_signed_in(here, request):
        return False
    sites = sites_of(agent.file.spec)
    return any(origin in sites for origin in own_origins(here, request))


def is_signed_in(here: Services, request: Request) -> bool:
    """Whether a browser shows a session, which may have ended."""
    return request.cookies.get(cookie_name(here)) is not None


def own_origins(here: Services, request: Request) -> list[Origin]:
    """What this server's own pages have as their origin; a proxy does not say whether people come by https."""
    host = request.headers.get("host", "")
    schemes = ("https",) if here.settings.https else ("https", "http")
    found = (parse_origin(f"{scheme}://{host}") for scheme in schemes)
    return [origin for origin in found if origin is not None]


def base_url(here: Services, request: Request) -> str:
    """Address of this server as the request's sender knows it; empty when it names no host."""
    return base_of(here.settings, request.headers.get("host", ""), request.url.scheme)

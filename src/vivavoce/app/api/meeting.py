"""Who may see an agent's pages, and by which address they came."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlencode

from fastapi import HTTPException, Request

from vivavoce.agents import AgentFileError
from vivavoce.app.agent_shelf import Shelved
from vivavoce.app.api.access import identify, is_signed_in, own_origins
from vivavoce.app.embedding import addresses
from vivavoce.app.origins import sites_of
from vivavoce.app.services import Services
from vivavoce.errors import InputError, NotHereError

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
    if isinstance(found, Shelved) and is_public(request, found):
        return found
    who = await identify(request)
    return found if who.may("calls:book") and who.touches(name) else "key"


async def see(here: Services, request: Request, name: str) -> Shelved:
    """The agent of this name, for whoever may see its page.

    Raises:
        HTTPException: 401 and 403, not for them.
        NotHereError, InputError: as `AgentShelf.find`.
    """
    found = await visit(here, request, name, await find(here, name))
    if found == "key":
        raise HTTPException(403, "want a key that may talk to this agent")
    return found if isinstance(found, Shelved) else await here.shelf.find(name)  # which says what is wrong


def is_public(request: Request, agent: Shelved) -> bool:
    """Whether pages of this server may book the agent without a key. Who is signed in goes by their key."""
    if is_signed_in(request):
        return False
    sites = sites_of(agent.file.spec)
    return any(origin in sites for origin in own_origins(request))


def base_url(here: Services, request: Request) -> str:
    """Address of this server as the request's sender knows it; empty when it names no host."""
    return addresses.base_of(here.settings, request.headers.get("host", ""), request.url.scheme)


def known_base(here: Services, request: Request) -> str:
    """The same, for what is nothing without it.

    Raises:
        InputError: it names no host.
    """
    if base := base_url(here, request):
        return base
    raise InputError("want a request to a host that can stand in an address, got another")


async def page_with(here: Services, request: Request, agent: Shelved, leave: str) -> str:
    """Address of the agent's own page for a visitor who has a pass; it stands in there where the page wants one."""
    page = addresses.talk_page(base_url(here, request), agent.name)
    if not leave or is_public(request, agent) or not await here.keyring.required():
        return page
    return f"{page}?{urlencode({'pass': leave})}"

"""What stands between the network and the routes, in order."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import FastAPI

from vivavoce.agents import AgentSpec
from vivavoce.app.agent_shelf import AgentShelf
from vivavoce.app.headers import SecurityHeaders
from vivavoce.app.hosts import LoopbackOnly
from vivavoce.app.origins import Cors, KnownSites
from vivavoce.app.services import Services
from vivavoce.app.throttle import HeadAsGet, Throttle, Unexpected
from vivavoce.errors import InputError


def add_guards(app: FastAPI, services: Services, *, open_to_pages: frozenset[str]) -> None:
    """
    Args:
        open_to_pages: paths that pages of agents' sites may ask.
    """
    settings, keyring = services.settings, services.keyring

    async def specs() -> Iterable[AgentSpec]:
        return await _specs(services.shelf)

    # the one that is added last sees a request first
    app.add_middleware(Cors, known=KnownSites(specs), paths=open_to_pages)
    app.add_middleware(
        Throttle, limits=services.limits, guarded=keyring.required, trusted_proxies=settings.trusted_proxies
    )
    app.add_middleware(LoopbackOnly, guarded=keyring.required)
    app.add_middleware(Unexpected)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SecurityHeaders, https=settings.https)


async def _specs(shelf: AgentShelf) -> list[AgentSpec]:
    """Every agent that callers can meet; files that do not hold are nobody's to meet."""
    found = []
    for name in await shelf.names():
        try:
            found.append((await shelf.find(name)).file.spec)
        except InputError:
            continue
    return found

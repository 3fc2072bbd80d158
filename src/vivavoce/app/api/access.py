"""Who asks, and what they may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

from vivavoce.app.keyring import ANYBODY, SCOPES, Principal, Scope
from vivavoce.app.origins import Origin, parse_origin
from vivavoce.app.proxies import client_of
from vivavoce.app.services import Services
from vivavoce.app.settings import LOOPBACK

__all__ = [
    "SCOPES",
    "Here",
    "Principal",
    "Scope",
    "address_of",
    "cookie_name",
    "foreign_origin",
    "identify",
    "is_secure",
    "is_signed_in",
    "needs",
    "own_origins",
]

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""
NOBODY = HTTPException(
    401, "want a key as a bearer token, or a session, got neither", headers={"WWW-Authenticate": "Bearer"}
)
WRONG = HTTPException(
    401, "want a key or a session that holds, got one that does not", headers={"WWW-Authenticate": "Bearer"}
)


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Here = Annotated[Services, Depends(services_of)]
"""The server's parts, as a parameter of a route."""


SCOPE_OF: dict[Callable[..., Any], Scope] = {}
"""Which scope a dependency wants, for the OpenAPI document."""


def needs(scope: Scope) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency: who asks, if they may.

    Raises:
        HTTPException: 401 who is it, 403 they may not.
        LimitError: they ask too often.
    """

    async def principal(request: Request) -> Principal:
        who = await identify(request)
        if not who.may(scope):
            raise HTTPException(403, f"want a key with the scope {scope}, got one without")
        return who

    SCOPE_OF[principal] = scope
    return principal


async def identify(request: Request) -> Principal:
    """Who asks, by the key or the session they show.

    Raises:
        HTTPException: 401 nobody we know; 403 a page of another site has a browser ask in somebody's name.
        LimitError: they ask too often, or were wrong too often.
        StoreError: nobody knows.
    """
    here = services_of(request)
    if not await here.keyring.required():
        if _from_elsewhere(request, unknown=False):
            raise HTTPException(403, "want a request from this server's own pages or a program, got another site's")
        request.state.principal = ANYBODY
        return ANYBODY
    authorization, cookie = request.headers.get("authorization"), request.cookies.get(cookie_name(here))
    if authorization is None and cookie is None:
        raise NOBODY
    address = address_of(request)
    here.limits.failing(address)
    if authorization is not None:
        scheme, _, secret = authorization.partition(" ")
        who = await here.keyring.owner_of(secret.strip()) if scheme.lower() == "bearer" else None
    else:
        seated = await here.keyring.sitter_of(cookie or "")
        who = seated[0] if seated is not None else None
        if who is not None and _from_elsewhere(request, unknown=True):
            raise HTTPException(403, "want a request from this server's own pages, got one that does not say so")
    if who is None:
        if authorization is not None:  # nobody guesses a cookie's 256 bits; a browser shows the one of yesterday again
            here.limits.failed(address)
        raise WRONG
    here.limits.request(f"key {who.id}")
    request.state.principal = who  # for those outside who write down who asked
    return who


def address_of(request: Request) -> str:
    """Who is at the other end, as limits count it."""
    return client_of(request.scope, services_of(request).settings.trusted_proxies)


def cookie_name(here: Services) -> str:
    """What a session's cookie is called. `__Host-` makes browsers see to it that no other host has set it."""
    return "__Host-viva" if is_secure(here) else "viva"


def is_signed_in(request: Request) -> bool:
    """Whether a browser shows a session, which may have ended."""
    return cookie_name(services_of(request)) in request.cookies


def is_secure(here: Services) -> bool:
    """Whether cookies need https. Only a server of the loopback without a proxy does without."""
    return here.settings.https or here.settings.host not in LOOPBACK


def foreign_origin(request: Request) -> str | None:
    """The origin of the page that has a browser ask, as it was sent; None for our own pages and for programs."""
    origin = request.headers.get("origin")
    return origin if origin is not None and not _is_own(request, parse_origin(origin)) else None


def _from_elsewhere(request: Request, *, unknown: bool) -> bool:
    """Whether a request that changes something was made by another site's page.

    Args:
        unknown: what to say of a request that does not tell, as programs' do not.
    """
    if request.method in SAFE:
        return False
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin is not None and not _is_own(request, parse_origin(origin)):
        return True
    if site is not None:
        return site not in ("same-origin", "none")
    return unknown if origin is None else False


def _is_own(request: Request, origin: Origin | None) -> bool:
    return origin is not None and origin in own_origins(request)


def own_origins(request: Request) -> list[Origin]:
    """What this server's own pages have as their origin, by the name the request was sent to. The scheme is the proxy's
    affair; where people come by https, though, a page of http may be by anybody on the way.
    """
    host = request.headers.get("host", "")
    schemes = ("https",) if services_of(request).settings.https else ("https", "http")
    found = (parse_origin(f"{scheme}://{host}") for scheme in schemes)
    return [origin for origin in found if origin is not None]

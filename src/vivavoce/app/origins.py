"""Which pages may talk to which agent: an agent file's `embed.origins`, and what browsers are told of it (CORS).

An origin is a scheme, a host and a port, as the Fetch standard has it. In an agent file a bare host stands for https on
its usual port; a scheme or a port may be written out; `*.acme.example` stands for every name below `acme.example`, not
for that name itself; a lone `*` stands for every site. An empty list stands for none.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import idna
import structlog
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.agents import AgentSpec
from vivavoce.errors import VivaError

log = structlog.get_logger(__name__)

DEFAULT_PORTS = {"https": 443, "http": 80}
NOWHERE = "null"
"""The origin of a sandboxed frame, as browsers write it."""
MAX_ORIGIN_CHARS = 300
"""A scheme, a host of 253 and a port."""
FRESH_S = 5.0
"""How long the list of all agents' sites is believed; it answers preflights alone, the agent itself is asked after."""
PREFLIGHT_S = "600"
"""How long a browser may remember a preflight: a page that books again need not ask again."""


@dataclass(frozen=True, slots=True)
class Origin:
    """`host` is lower case and in ASCII (IDNA 2008); an IPv6 one has no brackets."""

    scheme: str
    host: str
    port: int

    def written(self) -> str:
        """As browsers write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = DEFAULT_PORTS[self.scheme] == self.port
        return f"{self.scheme}://{host}" if usual else f"{self.scheme}://{host}:{self.port}"


def parse_origin(text: str) -> Origin | None:
    """The origin of a request's `Origin` header; None for `NOWHERE` and all that is no origin of the web."""
    if len(text) > MAX_ORIGIN_CHARS or not text.isascii():
        return None
    return _parse(text)


def _parse(text: str) -> Origin | None:
    try:
        parts = urlsplit(text)
        port = parts.port
        host = _host(parts.hostname or "")
    except (ValueError, idna.IDNAError):
        return None
    scheme = parts.scheme.lower()
    extra = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if scheme not in DEFAULT_PORTS or not host or extra:
        return None
    return Origin(scheme, host, port if port is not None else DEFAULT_PORTS[scheme])


def _host(host: str) -> str:
    """
    Raises:
        ValueError, IDNAError: not a host name.
    """
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    if host.replace("-", "").replace(".", "").replace("_", "").isalnum() and host.isascii():
        return host.lower().removesuffix(".")
    return idna.encode(host, uts46=True).decode()


class Sites:
    """The sites that one agent file lists. Entries that cannot be read stand for no site."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._every = False
        self._exact: set[Origin] = set()
        self._below: set[Origin] = set()
        for entry in entries:
            text = entry.strip()
            if text == "*":
                self._every = True
                continue
            scheme, found, rest = text.rpartition("://")
            wild = rest.startswith("*.")
            origin = _parse(f"{scheme if found else 'https'}://{rest.removeprefix('*.')}")
            if origin is not None:
                (self._below if wild else self._exact).add(origin)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self._every or bool(self._exact or self._below)

    def ancestors(self) -> str:
        """The same list as `frame-ancestors` of a Content-Security-Policy has it. Its grammar has no IPv6 addresses."""
        if self._every:
            return "*"
        exact = [origin.written() for origin in self._exact if ":" not in origin.host]
        below = [origin.written().replace("://", "://*.", 1) for origin in self._below if ":" not in origin.host]
        return " ".join(sorted(exact + below)) or "'none'"

    def named(self) -> list[str]:
        """Those that are listed one by one, as browsers write them."""
        return sorted(origin.written() for origin in self._exact)

    def __contains__(self, origin: Origin) -> bool:
        if self._every or origin in self._exact:
            return True
        labels = origin.host.split(".")
        above = (".".join(labels[cut:]) for cut in range(1, len(labels)))
        return any(Origin(origin.scheme, host, origin.port) in self._below for host in above)


def listed_by(spec: AgentSpec) -> tuple[str, ...]:
    """The `embed.origins` of an agent file, as it writes them."""
    return spec.embed.origins if spec.embed is not None else ()


def sites_of(spec: AgentSpec) -> Sites:
    return Sites(listed_by(spec))


class KnownSites:
    """The sites of all agents that can be met.

    Args:
        specs: reads them all.
        clock: seconds that never go back.
    """

    def __init__(
        self, specs: Callable[[], Awaitable[Iterable[AgentSpec]]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._specs = specs
        self._clock = clock
        self._sites: tuple[Sites, ...] = ()
        self._stale_at = -1.0
        self._looking = asyncio.Lock()

    async def know(self, origin: Origin) -> bool:
        """Whether any agent lists it. While agents cannot be read, what was known last counts."""
        async with self._looking:  # a crowd of preflights is one look
            if self._clock() >= self._stale_at:
                try:
                    self._sites = tuple(sites_of(spec) for spec in await self._specs())
                except VivaError as error:
                    log.warning("the agents' sites could not be read", problem=str(error))
                self._stale_at = self._clock() + FRESH_S
        return any(origin in sites for sites in self._sites)


class Cors:
    """Lets pages of an agent's sites ask for calls, tickets and tokens; no other path has CORS, and none takes cookies
    from elsewhere. ASGI.

    A preflight does not say which agent is meant: it is answered for sites that any agent lists. The answer itself may
    be read where `allow` was called for the request, which the route does once it knows the agent.
    """

    def __init__(self, app: ASGIApp, *, known: KnownSites, paths: frozenset[str]) -> None:
        self._app = app
        self._known = known
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            await self._preflight(headers.get(b"origin", b"").decode("latin-1"))(scope, receive, send)
            return
        scope.setdefault("state", {})

        async def allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.add_vary_header("Origin")
                if (origin := scope["state"].get("allowed_origin")) is not None:
                    answer["Access-Control-Allow-Origin"] = origin
                    answer["Access-Control-Expose-Headers"] = "Retry-After"
            await send(message)

        await self._app(scope, receive, allowed)

    def _preflight(self, text: str) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            origin = parse_origin(text)
            headers = {"Vary": "Origin"}
            # a sandboxed frame has no site; the route asks it for a pass, and lets it read nothing without
            if text == NOWHERE or (origin is not None and await self._known.know(origin)):
                headers |= {
                    "Access-Control-Allow-Origin": text,
                    "Access-Control-Allow-Methods": "GET, POST",
                    "Access-Control-Allow-Headers": "content-type",
                    "Access-Control-Max-Age": PREFLIGHT_S,
                }
            await Response(status_code=204, headers=headers)(scope, receive, send)

        return answer


def allow(scope: Scope, origin: str) -> None:
    """Let a page of this origin, as its request spelled it, read the answer."""
    scope["state"]["allowed_origin"] = origin

"""The OpenAPI document of the REST surface: what FastAPI derives from the routes, and what it cannot know."""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from vivavoce import __version__
from vivavoce.app.api.access import SCOPE_OF
from vivavoce.app.api.answers import EVERYWHERE
from vivavoce.app.api.structs import schemas

PATH = "/api/v1/openapi.json"
ABOUT = """\
Book a call with an agent, and look at what came of it.

The talk itself runs over a WebSocket: `POST /api/v1/calls` answers with a ticket, which opens the socket
`/api/v1/talk` once, as the second of the subprotocols `vivavoce.v1` and `ticket.<ticket>`. What is said on it is the
caller protocol.

Moments are Unix seconds. Lists are paged: `limit`, and `after` with the `next` of the page before. Whatever is not what
was asked for is JSON with an `error`. HEAD is answered wherever GET is.
"""
TAGS = {
    "calls": "Live talks: booked, looked at, erased.",
    "tickets": "Leave to open a call's socket, and credentials for clients that talk by themselves.",
    "embedding": "Agents on pages: what is told of them, and snippets to paste.",
    "agents": "Agent files, with drafts and versions.",
    "studies": "Panels that are asked, and what comes of it.",
    "surveys": "Studies put to people, beside what was predicted.",
    "people": "Whom an operator knows by a reference: export and erasure.",
    "jobs": "Background work.",
    "webhooks": "Who is told of what.",
    "keys": "API keys with scopes.",
    "sessions": "Cookies for people in browsers.",
    "switches": "What is turned off for the moment.",
    "health": "How the server is.",
    "metrics": "What Prometheus reads.",
}
SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, or the server's own."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "viva",
        "description": "A person's session; over https the cookie is called `__Host-viva`.",
    },
}


class Api(FastAPI):
    """A FastAPI that completes its document.

    Args:
        like: another one whose routes it serves, without making them anew.
    """

    def __init__(self, like: Api | None = None) -> None:
        super().__init__(
            title="Viva Voce",
            version=__version__,
            description=ABOUT,
            openapi_url=PATH,
            openapi_tags=[{"name": name, "description": text} for name, text in TAGS.items()],
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,  # it would lead to http behind a proxy for https, and to any Host that is named
            generate_unique_id_function=_operation_id,
            license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        )

        self._scopes: dict[str, str] = {}
        self._methods: list[tuple[re.Pattern[str], set[str]]] = []
        self._own = len(self.router.routes)  # those that serve the document
        if like is not None:
            self._scopes.update(like._scopes)
            self._methods += like._methods
            self.router.routes += like.router.routes[like._own :]

    def add(self, router: APIRouter) -> None:
        """Serve the routes of a resource."""
        self.include_router(router, responses=EVERYWHERE)
        for route in router.routes:
            if isinstance(route, APIRoute):
                self._methods.append((route.path_regex, set(route.methods or ())))
                if (scope := _scope(route.dependant)) is not None:
                    self._scopes[_operation_id(route)] = scope

    def methods_of(self, path: str) -> list[str]:
        """What this path may be asked with, for `Allow` (RFC 9110, 10.2.1)."""
        return sorted({method for pattern, methods in self._methods if pattern.match(path) for method in methods})

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            components = document.setdefault("components", {})
            components["securitySchemes"] = SCHEMES
            components.setdefault("schemas", {}).update(schemas())
            for operation in (each for path in document["paths"].values() for each in path.values()):
                if (scope := self._scopes.get(operation["operationId"])) is not None:
                    operation["security"] = [{name: [scope]} for name in SCHEMES]
            self.openapi_schema = document
        return self.openapi_schema


def _operation_id(route: APIRoute) -> str:
    tag = str(route.tags[0]) if route.tags else "other"
    return f"{tag}_{route.name}"


def _scope(dependant: Dependant) -> str | None:
    """The scope that an operation needs; None for those that are for everybody."""
    for each in dependant.dependencies:
        if each.call is not None and each.call in SCOPE_OF:
            return SCOPE_OF[each.call]
        if (found := _scope(each)) is not None:
            return found
    return None

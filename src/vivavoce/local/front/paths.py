"""What a request's path asks for.

Repeated slashes count as one (the service's own default address makes them), any prefix may stand in front (a base URL
may have one), and the API's version is part of the path. An upgrade at the root is what the official Python SDK does in
its mode for Vertex without a project: it takes the base URL as it is (reference: gemini-live 1.2, 1.4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from vivavoce.wire.gemini.models import STUDIO, VERTEX, Platform

_VERSION = r"v1(?:alpha|beta1?)?"
_STUDIO = re.compile(
    rf"/ws/google\.ai\.generativelanguage\.(?P<version>{_VERSION})\.GenerativeService"
    r"\.BidiGenerateContent(?P<constrained>Constrained)?$"
)
_VERTEX = re.compile(rf"/ws/google\.cloud\.aiplatform\.(?P<version>{_VERSION})\.LlmBidiService/BidiGenerateContent$")
_TOKENS = re.compile(rf"/(?P<version>{_VERSION})/auth_tokens$")
_MODELS = re.compile(rf"/(?P<version>{_VERSION})/models(?:/(?P<name>[^/]+))?$")
_REALTIME = re.compile(r"/v1/realtime$")
_SECRETS = re.compile(r"/v1/realtime/client_secrets$")


@dataclass(frozen=True, slots=True)
class Live:
    """A socket of the Gemini Live protocol."""

    platform: Platform
    version: str
    constrained: bool = False
    """The method for ephemeral tokens."""


@dataclass(frozen=True, slots=True)
class Realtime:
    """A socket of the OpenAI Realtime protocol."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Ephemeral tokens are made here."""


@dataclass(frozen=True, slots=True)
class Models:
    """The models on offer, or one of them."""

    version: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ClientSecrets:
    """Short-lived keys of the OpenAI Realtime protocol are made here."""


@dataclass(frozen=True, slots=True)
class Root:
    """Who is there."""


def socket_at(target: str) -> Live | Realtime | None:
    """What an upgrade to a WebSocket asks for; None when there is nothing there.

    Args:
        target: of the request, with or without a query.
    """
    path = _path(target)
    if found := _STUDIO.search(path):
        return Live(STUDIO, found["version"], constrained=found["constrained"] is not None)
    if found := _VERTEX.search(path):
        return Live(VERTEX, found["version"])
    if _REALTIME.search(path):
        return Realtime()
    return Live(VERTEX, "v1beta1") if path == "/" else None


def page_at(target: str) -> Tokens | Models | ClientSecrets | Root | None:
    """What a plain request asks for; None when there is nothing there."""
    path = _path(target)
    if _TOKENS.search(path):
        return Tokens()
    if found := _MODELS.search(path):
        return Models(found["version"], found["name"])
    if _SECRETS.search(path):
        return ClientSecrets()
    return Root() if path == "/" else None


def _path(target: str) -> str:
    # not urlsplit: it would take a leading "//" for a host
    path = re.sub(r"/{2,}", "/", unquote(target.partition("?")[0]))
    return path.rstrip("/") or "/"

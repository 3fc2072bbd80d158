"""URLs of live models: hosts, paths, versions, model paths. Pure text. Source: reference gemini-live 1.1 to 1.3."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

from vivavoce.errors import SettingsError

BackendKind = Literal["local", "studio", "vertex", "openai"]
STUDIO = "https://generativelanguage.googleapis.com"
OPENAI = "https://api.openai.com/v1"
_STUDIO_PATH = "/ws/google.ai.generativelanguage.{version}.GenerativeService.{method}"
_VERTEX_PATH = "/ws/google.cloud.aiplatform.{version}.LlmBidiService/BidiGenerateContent"
_SOCKET = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_PLAIN = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_MULTI_REGIONS = frozenset({"us", "eu"})
_LOCATION = re.compile(r"[a-z][a-z0-9-]{0,62}")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9.:-]{0,127}")
_VERSION = re.compile(r"v1(alpha|beta|beta1)?")


def check_version(version: str) -> str:
    """The version, `beta` spelled out. Raises SettingsError when it is none."""
    version = f"v1{version}" if version in ("alpha", "beta", "beta1") else version
    if not _VERSION.fullmatch(version):
        raise SettingsError(f"want an API version of v1, v1alpha, v1beta, v1beta1, got {version!r}")
    return version


def studio_socket(base: str, version: str, *, constrained: bool = False, query: dict[str, str] | None = None) -> str:
    """Socket of AI Studio, and of anything that speaks as it does.

    Args:
        constrained: the method for ephemeral tokens.
        query: a credential that goes into the URL.
    Raises:
        SettingsError: the base is no base URL.
    """
    method = "BidiGenerateContentConstrained" if constrained else "BidiGenerateContent"
    return _join(base, _STUDIO_PATH.format(version=version, method=method), _SOCKET, query)


def studio_tokens(base: str, version: str, *, query: dict[str, str] | None = None) -> str:
    """Where ephemeral tokens are made."""
    return _join(base, f"/{version}/auth_tokens", _PLAIN, query)


def vertex_base(location: str) -> str:
    """Host of Vertex AI for a region, a multi-region (`us`, `eu`) or `global`.

    Raises:
        SettingsError: that is no location.
    """
    if not _LOCATION.fullmatch(location):
        raise SettingsError(f"want a location such as us-central1, eu or global, got {location!r}")
    if location == "global":
        return "https://aiplatform.googleapis.com"
    if location in _MULTI_REGIONS:
        return f"https://aiplatform.{location}.rep.googleapis.com"
    return f"https://{location}-aiplatform.googleapis.com"


def vertex_socket(base: str, version: str) -> str:
    return _join(base, _VERTEX_PATH.format(version=version), _SOCKET)


def openai_socket(base: str, model: str) -> str:
    """Socket of a realtime session. The base ends in `/v1` by that service's custom; it may be left out."""
    path = "/realtime" if urlsplit(base).path.rstrip("/").endswith("/v1") else "/v1/realtime"
    return _join(base, path, _SOCKET, {"model": model})


def studio_model(model: str) -> str:
    return model if "/" in model else f"models/{model}"


def vertex_model(model: str, project: str, location: str) -> str:
    """The resource path of a publisher's model; without a project (express mode) it begins at the publisher.

    Raises:
        SettingsError: the project's name is none.
    """
    if "/" in model:
        return model
    if not project:
        return f"publishers/google/models/{model}"
    if not _PROJECT.fullmatch(project):
        raise SettingsError(f"want the id of a project, got {project!r}")
    return f"projects/{project}/locations/{location}/publishers/google/models/{model}"


def _join(base: str, path: str, schemes: dict[str, str], query: dict[str, str] | None = None) -> str:
    wanted = "want a base URL of http(s) or ws(s)"
    try:
        parts = urlsplit(base)
        parts.port  # noqa: B018  # parsed when it is asked for
    except ValueError:
        raise SettingsError(f"{wanted}, got one that cannot be read") from None
    if parts.username is not None or parts.query or parts.fragment:
        # not repeated: there may be a password in it
        raise SettingsError(f"{wanted} without a user, a query or a fragment, got one with more")
    if parts.scheme not in schemes or not parts.hostname:
        raise SettingsError(f"{wanted}, got {base[:80]!r}")
    whole = parts.path.rstrip("/") + path
    return urlunsplit((schemes[parts.scheme], parts.netloc, whole, urlencode(query or {}), ""))

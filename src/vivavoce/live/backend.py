"""Which live model a call talks to. One function chooses endpoint, credential and model path (V2); nothing above it can
tell which.

Two kinds now: `local`, the embedded keyless model on loopback, and `studio`, Google AI Studio with an API key.
Source: reference of the protocol, endpoints and credentials.
"""

from __future__ import annotations

import ssl
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import msgspec

from vivavoce.errors import SettingsError

BackendKind = Literal["local", "studio"]
STUDIO_URL = "wss://generativelanguage.googleapis.com"
PATH = "/ws/google.ai.generativelanguage.{version}.GenerativeService.BidiGenerateContent"
_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


class BackendSettings(msgspec.Struct, frozen=True, kw_only=True):
    kind: BackendKind = "local"
    base_url: str = ""
    """http(s) or ws(s), with or without a path prefix; empty for the kind's own."""
    model: str = "gemini-3.8-live"
    api_version: str = "v1beta"
    key: str = ""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where to dial and as whom. `headers` hold the credential: never log a target."""

    url: str
    headers: dict[str, str]
    model: str

    def __repr__(self) -> str:
        return f"Target({urlsplit(self.url).hostname}, {self.model})"


def choose(settings: BackendSettings) -> Target:
    """Endpoint, credential and model path for these settings.

    Raises:
        SettingsError: a base URL that is none, or a studio backend without a key.
    """
    base = settings.base_url or (STUDIO_URL if settings.kind == "studio" else "")
    parts = urlsplit(base)
    if parts.scheme not in _SCHEMES or not parts.netloc:
        raise SettingsError(f"want a base URL of http(s) or ws(s) for backend {settings.kind!r}, got {base!r}")
    if settings.kind == "studio" and not settings.key:
        raise SettingsError(
            "want an API key for backend 'studio', got none; set VIVA_BACKEND_KEY or use backend 'local'"
        )
    path = parts.path.rstrip("/") + PATH.format(version=settings.api_version)
    url = urlunsplit((_SCHEMES[parts.scheme], parts.netloc, path, "", ""))
    model = settings.model if "/" in settings.model else f"models/{settings.model}"
    headers = {"x-goog-api-key": settings.key} if settings.key else {}
    return Target(url=url, headers=headers, model=model)


def tls_context(target: Target) -> ssl.SSLContext | None:
    return ssl.create_default_context() if target.url.startswith("wss:") else None

"""Which live model a call talks to. One function chooses endpoint, credential, model path and dialect (V2); nothing
above it can tell which.

Four kinds: `local`, the embedded keyless model or another stand-in of ours; `studio`, Google AI Studio; `vertex`,
Vertex AI; `openai`, OpenAI's realtime service. A fifth is one more function in the table.
Source: reference gemini-live 1, 3.3.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec
import structlog

from vivavoce.errors import SettingsError
from vivavoce.live import address
from vivavoce.live.address import BackendKind
from vivavoce.live.credentials import Credential, Fixed, account_of_file, account_of_machine, read_account
from vivavoce.live.dialect import MakeDialect
from vivavoce.live.direct import PassOffice
from vivavoce.live.gemini.dialect import GeminiDialects
from vivavoce.live.gemini.profile import NEWEST, Profile, read_thinking, row_of
from vivavoce.live.http import GoogleTransport
from vivavoce.live.network import proxy_for, trust
from vivavoce.live.openai.dialect import OpenAIDialect
from vivavoce.wire.gemini.models import STUDIO, VERTEX, Platform
from vivavoce.wire.openai.models import DEFAULT_MODEL

log = structlog.get_logger(__name__)

_SHOWABLE = re.compile(r"[!-~]*")
"""What may stand in a header; a line end from a file would end it."""
TOKEN_PREFIX = "auth_tokens/"  # noqa: S105  # how an ephemeral token begins, no token


class BackendSettings(msgspec.Struct, frozen=True, kw_only=True):
    kind: BackendKind = "local"
    base_url: str = ""
    """http(s) or ws(s), with or without a path prefix; empty for the kind's own."""
    model: str = ""
    """Empty for the kind's own."""
    api_version: str = ""
    """Empty for v1beta at AI Studio, v1beta1 at Vertex AI."""
    key: str = ""
    """API key, or an ephemeral token (`auth_tokens/…`)."""
    key_in: Literal["header", "query"] = "header"
    token: str = ""
    """An access token for Vertex AI, when somebody else fetches them."""
    project: str = ""
    location: str = "global"
    credentials: str = ""
    """A file with an account for Vertex AI; empty for the account of this machine."""
    ca: str = ""
    """A PEM file with further authorities."""
    any_voice: bool = False
    """The model takes voices that are described in words: the embedded one."""
    thinking: str = ""
    proactive: bool | None = None
    affective: bool | None = None
    hold_audio: bool | None = None

    def __repr__(self) -> str:
        return f"BackendSettings({self.kind}, {self.model})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to dial, as whom, and by which way. URL and headers hold the credential: never log a target's."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    proxy: str | None = None

    def __repr__(self) -> str:
        return f"Target({urlsplit(self.url).hostname})"

    def secrets(self) -> list[str]:
        """What must never stand in a text: values of the query and of the headers, without their schemes."""
        values = [value for _, value in parse_qsl(urlsplit(self.url).query)]
        return values + [value.rpartition(" ")[2] for value in self.headers.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """A chosen live model."""

    kind: BackendKind
    model: str
    """As a setup names it."""
    url: str = field(repr=False)
    credential: Credential = field(repr=False)
    dialects: MakeDialect = field(repr=False)
    tls: ssl.SSLContext = field(repr=False)
    passes: PassOffice | None = None
    """Makes credentials for clients that connect by themselves; None where the service has none for browsers."""

    @property
    def name(self) -> str:
        """The model's bare name, which may be shown: a path may tell whose project it is."""
        return self.model.rpartition("/")[2]

    async def target(self) -> Target:
        """Where to dial now. Raises LinkError when there is no credential to be had."""
        secure = self.url.startswith("wss:")
        headers = await self.credential.headers()
        return Target(url=self.url, headers=headers, tls=self.tls if secure else None, proxy=proxy_for(self.url))


def choose(settings: BackendSettings) -> Backend:
    """The live model of these settings. Nothing is dialled; files that are named are read.

    Raises:
        SettingsError: what does not hold, with the setting to change.
    """
    for name in ("key", "token"):
        if not _SHOWABLE.fullmatch(getattr(settings, name)):
            raise SettingsError(f"want a backend_{name} of visible ASCII characters, got one with others")
    backend = _KINDS[settings.kind](settings)
    proxy_for(backend.url)  # a proxy that cannot be used is told now
    return backend


def _local(settings: BackendSettings) -> Backend:
    if not settings.base_url:
        raise SettingsError("want VIVA_BACKEND_URL for backend 'local' without the embedded model, got none")
    return _studio_like(settings, settings.base_url)


def _studio(settings: BackendSettings) -> Backend:
    if not settings.key:
        raise SettingsError(
            "want an API key for backend 'studio', got none; set VIVA_BACKEND_KEY or use backend 'local'"
        )
    return _studio_like(settings, settings.base_url or address.STUDIO)


def _studio_like(settings: BackendSettings, base: str) -> Backend:
    version = address.check_version(settings.api_version or "v1beta")
    key = settings.key
    ephemeral = key.startswith(TOKEN_PREFIX)
    in_query = bool(key) and settings.key_in == "query"
    query = {("access_token" if ephemeral else "key"): key} if in_query else None
    if in_query or not key:
        credential = Fixed()
    elif ephemeral:
        credential = Fixed(Authorization=f"Token {key}")
    else:
        credential = Fixed(x_goog_api_key=key)
    dialects, tls = _gemini(settings, STUDIO, version), trust(settings.ca)
    passes = PassOffice(
        token_url=address.studio_tokens(base, version, query=query),
        socket_url=address.studio_socket(base, version, constrained=True),
        credential=credential,
        tls=tls,
        setup=dialects.setup,
    )
    return Backend(
        kind=settings.kind,
        model=address.studio_model(settings.model or NEWEST),
        url=address.studio_socket(base, version, constrained=ephemeral, query=query),
        credential=credential,
        dialects=dialects,
        tls=tls,
        passes=None if ephemeral else passes,  # a token makes no tokens
    )


def _vertex(settings: BackendSettings) -> Backend:
    version = address.check_version(settings.api_version or "v1beta1")
    tls = trust(settings.ca)
    project = settings.project
    credential: Credential
    if settings.token:
        credential = Fixed(Authorization=f"Bearer {settings.token}")
    elif settings.credentials:
        account = read_account(settings.credentials)
        project = project or str(account.get("project_id", ""))
        credential = account_of_file(settings.credentials, GoogleTransport(tls))
    elif settings.key:
        credential = Fixed(x_goog_api_key=settings.key)
    else:
        credential = account_of_machine(GoogleTransport(tls))
    express = bool(settings.key) and not settings.token and not settings.credentials
    if not project and not express and "/" not in (settings.model or ""):
        raise SettingsError("want a project for backend 'vertex', got none; set VIVA_BACKEND_PROJECT")
    base = settings.base_url or address.vertex_base(settings.location)
    return Backend(
        kind=settings.kind,
        model=address.vertex_model(settings.model or NEWEST, project, settings.location),
        url=address.vertex_socket(base, version),
        credential=credential,
        dialects=_gemini(settings, VERTEX, version),
        tls=tls,
    )


def _gemini(settings: BackendSettings, platform: Platform, version: str) -> GeminiDialects:
    row, known = row_of(settings.model or NEWEST)
    if not known:
        log.warning("a model nobody here knows is treated like the newest", model=settings.model, like=NEWEST)
    elif platform.name not in row.platforms:
        log.warning("a model is not known to be served there", model=settings.model or NEWEST, platform=platform.name)
    if "AUDIO" not in row.modalities:
        raise SettingsError(f"want a model that speaks in VIVA_BACKEND_MODEL, got {settings.model}, which only writes")
    return GeminiDialects(
        Profile(
            row=row,
            platform=platform,
            version=version,
            any_voice=settings.any_voice,
            thinking=read_thinking(settings.thinking),
            proactive=settings.proactive,
            affective=settings.affective,
            hold_audio=settings.hold_audio,
        )
    )


def _openai(settings: BackendSettings) -> Backend:
    if not settings.key and not settings.base_url:
        raise SettingsError("want an API key for backend 'openai', got none; set VIVA_BACKEND_KEY")
    model = settings.model or DEFAULT_MODEL
    return Backend(
        kind=settings.kind,
        model=model,
        url=address.openai_socket(settings.base_url or address.OPENAI, model),
        credential=Fixed(Authorization=f"Bearer {settings.key}") if settings.key else Fixed(),
        dialects=OpenAIDialect,
        tls=trust(settings.ca),
    )


_KINDS: dict[BackendKind, Callable[[BackendSettings], Backend]] = {
    "local": _local,
    "studio": _studio,
    "vertex": _vertex,
    "openai": _openai,
}

"""Credentials for clients that connect to the live model by themselves: an ephemeral token that starts one session with
one agent's instruction, voice and tools. What the client says in it is its own affair, as in any call. The key stays
here (V2). Source: reference gemini-live 1.3.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import msgspec

from vivavoce.errors import LinkError
from vivavoce.live.credentials import Credential
from vivavoce.live.dialect import Opening
from vivavoce.live.http import PROBLEMS, post
from vivavoce.wire.gemini import closes
from vivavoce.wire.gemini.messages import AuthTokenRequest, Setup, TokenSetup

_OPEN = frozenset({"session_resumption"})
"""Left to the client: a handle is its own, and comes later."""
ALWAYS_FIXED = (
    "tools",
    *(f"generationConfig.{name}" for name in (
        "temperature", "topP", "topK", "maxOutputTokens", "mediaResolution", "thinkingConfig"
    )),
)  # fmt: skip
"""Fixed at the service's defaults where the agent leaves them unset: whoever has the token talks with our key, and
these cost money. A mask may name fields beyond those that are set, as the official SDK does for additional ones.
"""


@dataclass(frozen=True, slots=True)
class Pass:
    """What a direct client needs. It goes to that client and nowhere else."""

    token: str = field(repr=False)
    """The whole credential: `?access_token=` of the socket's URL, or an `Authorization: Token` header."""
    url: str
    """The socket, without the token."""
    model: str
    """As the setup must name it."""
    start_by: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOffice:
    """Mints passes at one backend."""

    token_url: str = field(repr=False)
    """May hold the key."""
    socket_url: str
    credential: Credential = field(repr=False)
    tls: ssl.SSLContext = field(repr=False)
    setup: Callable[[Opening], Setup]
    """The setup a connection is fixed to, as its model takes it."""

    async def issue(self, opening: Opening, *, start_within_s: float, life_s: float, now: datetime) -> Pass:
        """A pass for one session.

        Args:
            start_within_s: how long it may wait to be used.
            life_s: how long after `now` its session may go on.
            now: with a time zone.
        Raises:
            LinkError: the service does not make one.
        """
        start_by, expires_at = now + timedelta(seconds=start_within_s), now + timedelta(seconds=life_s)
        setup = msgspec.structs.replace(self.setup(opening), **dict.fromkeys(_OPEN))
        request = AuthTokenRequest(
            uses=1,
            expire_time=_rfc3339(expires_at),
            new_session_expire_time=_rfc3339(start_by),
            bidi_generate_content_setup=msgspec.convert(msgspec.to_builtins(setup), TokenSetup),
            field_mask=",".join(fixed_paths(setup)),
        )
        token = _read(*await self._post(msgspec.json.encode(request)))
        return Pass(token, self.socket_url, opening.model, start_by, expires_at)

    async def _post(self, body: bytes) -> tuple[int, bytes]:
        headers = {"content-type": "application/json", **await self.credential.headers()}
        try:
            return await post(self.token_url, body, headers, self.tls)
        except PROBLEMS as error:
            raise LinkError(
                f"no short-lived token: the live model's address cannot be reached ({type(error).__name__})",
                remedy="Check VIVA_BACKEND_URL, and the network and proxy settings of this machine.",
            ) from None


def fixed_paths(setup: Setup) -> list[str]:
    """Names of everything that is fixed, two levels deep, as the service wants them listed."""
    paths: list[str] = []
    tree: dict[str, Any] = msgspec.to_builtins(setup)
    for name, value in tree.items():
        inner = [f"{name}.{key}" for key in value] if isinstance(value, dict) else []
        paths += inner or [name]
    return list(dict.fromkeys([*paths, *ALWAYS_FIXED]))


def _read(status: int, answer: bytes) -> str:
    if status == HTTPStatus.BAD_REQUEST and (known := closes.explain(1007, _message(answer))).words:
        raise LinkError(
            "no short-lived token: the live model's service refuses to make one",
            code=status,
            reason=known.words,
            kind=known.kind.value,
            remedy=known.remedy,
        )
    if status == HTTPStatus.BAD_REQUEST:
        raise LinkError(
            "no short-lived token: the live model's service does not take the agent's setup for one",
            code=status,
            kind="fatal",
            remedy="Choose another model or API version, or let clients use the relay.",
        )
    if status != HTTPStatus.OK:
        raise LinkError(
            f"no short-lived token: the live model's service answers HTTP {status}",
            code=status,
            kind=closes.classify(status, "").value,
            remedy=closes.remedy(status, ""),
        )
    try:
        return msgspec.json.decode(answer, type=_Named).name
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise LinkError("no short-lived token: the live model's service answers with something else") from None


class _Named(msgspec.Struct):
    """All that is wanted of an answer; it may grow."""

    name: str


class _Error(msgspec.Struct):
    message: str = ""


class _Refused(msgspec.Struct):
    error: _Error


def _message(answer: bytes) -> str:
    """The service's wording of a refusal: the sentences it has for closes."""
    try:
        return msgspec.json.decode(answer, type=_Refused).error.message
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

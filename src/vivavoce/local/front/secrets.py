"""Client secrets: the short-lived keys of the OpenAI Realtime protocol, and the session they were made for.

Source: `client_secrets` of the official Python SDK.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import msgspec

from vivavoce.errors import InputError
from vivavoce.local.front.shelf import Shelf

PREFIX = "ek_"
LIFE_S = 600


class ExpiresAfter(msgspec.Struct):
    anchor: Literal["created_at"] = "created_at"
    seconds: Annotated[int, msgspec.Meta(ge=10, le=7200)] = LIFE_S


class SecretRequest(msgspec.Struct):
    """Body of `POST client_secrets`."""

    expires_after: ExpiresAfter = msgspec.field(default_factory=ExpiresAfter)
    session: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class ClientSecret:
    value: str = field(repr=False)
    expires_at: float
    """Seconds of the epoch."""
    session: dict[str, Any] = field(repr=False)
    """As the one who made the secret wants it; what the client says later changes it."""

    def shown(self) -> dict[str, Any]:
        """The answer of the endpoint."""
        return {"value": self.value, "expires_at": int(self.expires_at), "session": {"type": "realtime"} | self.session}


class ClientSecrets:
    """The client secrets of a server.

    Args:
        now: seconds of the epoch.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._secrets = Shelf[ClientSecret]()

    def mint(self, body: bytes) -> ClientSecret:
        """Make one.

        Raises:
            InputError: the body does not hold; its text names places and types, never values.
        """
        try:
            request = msgspec.json.decode(body or b"{}", type=SecretRequest)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise InputError(f"want a body as documented, got another: {error}") from error
        value = PREFIX + secrets.token_urlsafe(32)
        secret = ClientSecret(value, self._now() + request.expires_after.seconds, request.session)
        self._secrets.put(value, secret, len(body))
        return secret

    def find(self, value: str) -> ClientSecret | None:
        """A secret that is still good."""
        found = self._secrets.find(value)
        if found is not None and self._now() >= found.expires_at:
            self._secrets.drop(value)
            return None
        return found

"""Who comes in, and as what: the credentials of a request against the keys, tokens and secrets of the server.

AI Studio refuses bad credentials after the upgrade, by closing (reference: gemini-live 1.1); OpenAI's service refuses
the upgrade.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import msgspec

from vivavoce.local.front.credentials import Credentials, query_of
from vivavoce.local.front.paths import Live
from vivavoce.local.front.secrets import PREFIX as SECRET_PREFIX
from vivavoce.local.front.secrets import ClientSecret, ClientSecrets
from vivavoce.local.front.tokens import Tokens
from vivavoce.local.parts import Entrance
from vivavoce.wire.gemini.wording import BAD_CREDENTIALS, BAD_KEY, UNREGISTERED, Refused


@dataclass(frozen=True, slots=True)
class Guest:
    """A client of the Live protocol that may come in."""

    entrance: Entrance
    over: Callable[[], bool] = lambda: False
    """Whether the credential is not good any more."""


@dataclass(frozen=True, slots=True)
class RealtimeGuest:
    """A client of the OpenAI Realtime protocol that may come in."""

    model: str
    """Empty for the service's newest."""
    first: bytes | None = None
    """A `session.update` that its client secret was made with; it comes before all that the client says."""


class Gatekeeper:
    """Decides.

    Args:
        keys: accepted API keys; empty lets everybody in. Ephemeral credentials are looked at in either case, so that
            a client learns offline what becomes of a spent one.
    """

    def __init__(self, keys: Collection[str], tokens: Tokens, secrets: ClientSecrets) -> None:
        self._keys = keys
        self._tokens = tokens
        self._secrets = secrets

    def live(self, place: Live, shown: Credentials) -> Guest:
        """A client of the Live protocol.

        Raises:
            Refused: with the service's code and words.
        """
        name = shown.ephemeral
        if name is not None:
            if not place.constrained:
                raise Refused(UNREGISTERED, code=1008)
            token = self._tokens.find(name)
            if token is None:
                raise Refused(BAD_CREDENTIALS, code=1008)
            entrance = Entrance(platform=place.platform, version=place.version, admit=token.admit)
            return Guest(entrance, lambda: token.expired)
        if self._keys and not shown.match(self._keys):
            if not shown.all:
                raise Refused(UNREGISTERED, code=1008)
            raise Refused(BAD_KEY) if shown.keys else Refused(BAD_CREDENTIALS, code=1008)
        return Guest(Entrance(platform=place.platform, version=place.version))

    def realtime(self, target: str, shown: Credentials) -> RealtimeGuest | None:
        """A client of the OpenAI Realtime protocol; None when its key is not good."""
        secret: ClientSecret | None = None
        value = next((given for given in shown.all if given.startswith(SECRET_PREFIX)), None)
        if value is not None:
            secret = self._secrets.find(value)
            if secret is None:
                return None
        elif self._keys and not shown.match(self._keys):
            return None
        session = dict(secret.session) if secret is not None else {}
        model = query_of(target).get("model", [""])[0] or str(session.pop("model", ""))
        if not session:
            return RealtimeGuest(model)
        update = {"type": "session.update", "session": {"type": "realtime"} | session}
        return RealtimeGuest(model, msgspec.json.encode(update))

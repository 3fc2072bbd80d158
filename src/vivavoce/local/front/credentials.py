"""The credentials a request shows, wherever it shows them, and what a server thinks of them.

Keys and tokens are told apart by the place they stand in, because the service refuses the two with different words
(reference: gemini-live 1.1).
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

TOKEN_PREFIX = "auth_tokens/"  # noqa: S105  what a token's name begins with
SUBPROTOCOL_PREFIX = "openai-insecure-api-key."
MOST_QUERY_FIELDS = 64


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows, empty values left out. Never log them."""

    keys: tuple[str, ...] = field(default=(), repr=False)
    """API keys: `?key=`, `x-goog-api-key`."""
    bearers: tuple[str, ...] = field(default=(), repr=False)
    """Access tokens: `?access_token=`, `Authorization` of any scheme, the subprotocol browsers use with OpenAI's."""

    @property
    def all(self) -> tuple[str, ...]:
        return self.keys + self.bearers

    @property
    def ephemeral(self) -> str | None:
        """The first ephemeral token. SDKs repeat theirs in the place of a key."""
        return next((given for given in self.all if given.startswith(TOKEN_PREFIX)), None)

    def match(self, accepted: Collection[str]) -> bool:
        """Whether one of them is accepted."""
        return any(hmac.compare_digest(given.encode(), key.encode()) for given in self.all for key in accepted)


def credentials_of(target: str, headers: Iterable[tuple[str, str]]) -> Credentials:
    """The credentials of a request.

    Args:
        target: path and query.
        headers: in any case and order; a name may come more than once.
    """
    query = query_of(target)
    keys = list(query.get("key", []))
    bearers = list(query.get("access_token", []))
    for name, value in headers:
        match name.lower():
            case "x-goog-api-key":
                keys.append(value.strip())
            case "authorization":
                bearers.append(value.strip().partition(" ")[2].strip())
            case "sec-websocket-protocol":
                offered = (item.strip() for item in value.split(","))
                bearers += [item[len(SUBPROTOCOL_PREFIX) :] for item in offered if item.startswith(SUBPROTOCOL_PREFIX)]
    return Credentials(tuple(filter(None, keys)), tuple(filter(None, bearers)))


def query_of(target: str) -> Mapping[str, list[str]]:
    """The fields of a request's query, with their values; none where it has too many."""
    try:
        return parse_qs(target.partition("?")[2], max_num_fields=MOST_QUERY_FIELDS)
    except ValueError:
        return {}

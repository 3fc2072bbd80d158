"""The answers to plain requests: tokens, models, client secrets, and who is there.

Errors have the form of the service whose address was asked, so that its SDK can tell them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from vivavoce import __version__
from vivavoce.errors import InputError
from vivavoce.local.front.credentials import Credentials, credentials_of
from vivavoce.local.front.http import Answer, Request
from vivavoce.local.front.paths import ClientSecrets as ClientSecretsPage
from vivavoce.local.front.paths import Models as ModelsPage
from vivavoce.local.front.paths import Tokens as TokensPage
from vivavoce.local.front.paths import page_at, socket_at
from vivavoce.local.front.secrets import ClientSecrets
from vivavoce.local.front.tokens import Tokens
from vivavoce.wire.gemini.loose import tidy
from vivavoce.wire.gemini.models import find
from vivavoce.wire.gemini.resources import AuthTokenRequest, ModelInfo, ModelList
from vivavoce.wire.gemini.wording import BAD_JSON, BAD_KEY, INVALID, NOT_FOUND, UNREGISTERED

OFFERED = (
    "gemini-3.8-live",
    "gemini-3.8-live-extended-thinking",
    "gemini-3.1-flash-live-preview",
    "gemini-2.5-flash-native-audio-latest",
    "gemini-live-2.5-flash",
    "gemini-robotics-er-2-streaming-preview",
)
"""One name of each generation (`wire.gemini.models`)."""

_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


class Pages:
    """What stands beside the sockets.

    Args:
        keys: accepted API keys; empty lets everybody in.
        about: facts for the page at the root, such as engines and sessions.
    """

    def __init__(
        self, keys: Collection[str], tokens: Tokens, secrets: ClientSecrets, about: Callable[[], dict[str, Any]]
    ) -> None:
        self._keys = keys
        self._tokens = tokens
        self._secrets = secrets
        self._about = about

    def answer(self, request: Request) -> Answer:
        """The answer to any request; never raises."""
        page = page_at(request.target)
        if page is None:
            if socket_at(request.target) is not None:
                return _problem(426, "want an upgrade to a WebSocket here", headers=[("upgrade", "websocket")])
            return _problem(404, "There is nothing at this path.")
        method = "POST" if isinstance(page, TokensPage | ClientSecretsPage) else "GET"
        if request.method not in (method, "HEAD" if method == "GET" else method):
            return _problem(405, f"want {method} here, got another method", headers=[("allow", method)])
        shown = credentials_of(request.target, request.headers)
        match page:
            case TokensPage():
                return self._refusal(shown) or self._token(request.body)
            case ModelsPage():
                return self._refusal(shown) or _models(page)
            case ClientSecretsPage():
                return self._realtime_refusal(shown) or self._secret(request.body)
            case _:
                return Answer(200, {"service": "Viva Voce live server", "version": __version__} | self._about())

    def _refusal(self, shown: Credentials) -> Answer | None:
        if not self._keys or shown.match(self._keys):
            return None
        return _problem(400, BAD_KEY) if shown.all else _problem(403, UNREGISTERED)

    def _realtime_refusal(self, shown: Credentials) -> Answer | None:
        return None if not self._keys or shown.match(self._keys) else realtime_refusal(shown)

    def _token(self, body: bytes) -> Answer:
        try:
            return Answer(200, self._tokens.mint(_token_request(body)))
        except InputError as error:
            return _problem(400, f"{INVALID} {error}")

    def _secret(self, body: bytes) -> Answer:
        try:
            return Answer(200, self._secrets.mint(body).shown())
        except InputError as error:
            return realtime_problem(400, str(error), code="invalid_value")


def realtime_refusal(shown: Credentials) -> Answer:
    """What a request without a good key gets under the addresses of the OpenAI Realtime protocol, upgrades included."""
    if shown.all:
        return realtime_problem(401, "Incorrect API key provided.", code="invalid_api_key")
    return realtime_problem(401, "Missing bearer authentication in header", code=None)


def realtime_problem(status: int, message: str, *, code: str | None) -> Answer:
    """An error in the form of that service."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return Answer(status, {"error": error})


def _problem(status: int, message: str, *, headers: list[tuple[str, str]] | None = None) -> Answer:
    error = {"code": status, "message": message, "status": _STATUS.get(status, "FAILED_PRECONDITION")}
    return Answer(status, {"error": error}, headers or [])


def _token_request(body: bytes) -> AuthTokenRequest:
    try:
        tree, extras = tidy(msgspec.json.decode(body or b"{}"), AuthTokenRequest)
        if extras:
            raise InputError(f"{BAD_JSON} Unknown name {str(extras[0])[:200]!r}: Cannot find field.")
        return msgspec.convert(tree, AuthTokenRequest, strict=False)
    except msgspec.ValidationError as error:  # names the place and the types, never the value
        raise InputError(str(error)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(BAD_JSON) from error


def _models(page: ModelsPage) -> Answer:
    infos = [_info(name) for name in OFFERED]
    if page.name is None:
        return Answer(200, ModelList(models=infos))
    wanted = f"models/{page.name}"
    found = next((info for info in infos if info.name == wanted), None)
    return Answer(200, found) if found is not None else _problem(404, NOT_FOUND)


def _info(name: str) -> ModelInfo:
    row = find(name)
    assert row is not None, "every offered model has a row"
    return ModelInfo(
        name=f"models/{name}",
        version=row.generation,
        display_name=f"{name} (stand-in)",
        description="The local stand-in, with the ways of this generation.",
        input_token_limit=row.input_tokens,
        output_token_limit=65_536,
        supported_generation_methods=["bidiGenerateContent"],
    )

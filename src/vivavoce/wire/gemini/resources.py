"""What stands beside the socket: ephemeral tokens and the list of models, over plain HTTP.

Source: reference gemini-live 1.3, 7.2 (S5, S6) and the official SDK's types.
"""

from __future__ import annotations

from vivavoce.wire.gemini.base import Int32, Message
from vivavoce.wire.gemini.setup import Setup


class TokenSetup(Setup):
    """What a token fixes of a setup; also the model may be left open."""

    model: str = ""


class AuthTokenRequest(Message):
    """Body of `POST auth_tokens`. Times are RFC 3339."""

    uses: Int32 | None = None
    """New sessions it may start; 1 when absent, 0 is no limit."""
    expire_time: str | None = None
    new_session_expire_time: str | None = None
    bidi_generate_content_setup: TokenSetup | None = None
    field_mask: str | None = None
    """Paths of fixed fields, comma-separated; absent fixes the whole setup."""


class AuthToken(Message):
    """Answer to it. The whole name is the credential: never log one."""

    name: str
    expire_time: str | None = None
    new_session_expire_time: str | None = None
    uses: Int32 | None = None


class ModelInfo(Message):
    name: str
    version: str | None = None
    display_name: str | None = None
    description: str | None = None
    input_token_limit: Int32 | None = None
    output_token_limit: Int32 | None = None
    supported_generation_methods: list[str] = []


class ModelList(Message):
    """Answer to `GET models`."""

    models: list[ModelInfo] = []
    next_page_token: str | None = None

"""Whose requests a server without a key takes: those that name the machine itself.

A page of another site can have its name answer with 127.0.0.1 and then read what it likes from a server on the
visitor's loopback (DNS rebinding). The name stands in the request; a server that wants no key therefore looks at it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from vivavoce.app.settings import LOOPBACK
from vivavoce.errors import StoreError

REFUSAL = "want a request to localhost, got another host name; set api_key, or make a key, to serve under one"


async def _nobody() -> bool:
    return False


class LoopbackOnly:
    """Refuses what was not sent to a name of the loopback, while no key guards the server. ASGI.

    Args:
        guarded: whether requests must show a key.
    """

    def __init__(self, app: ASGIApp, guarded: Callable[[], Awaitable[bool]] = _nobody) -> None:
        self._app = app
        self._guarded = guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or names_loopback(scope) or await self._is_guarded():
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await JSONResponse({"error": REFUSAL}, status_code=421)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": REFUSAL})

    async def _is_guarded(self) -> bool:
        try:
            return await self._guarded()
        except StoreError:
            return False  # a storage that does not answer opens no doors


def names_loopback(scope: Scope) -> bool:
    """Whether a request was sent to a name of this machine."""
    names = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    try:
        return len(names) == 1 and urlsplit(f"//{names[0]}").hostname in LOOPBACK
    except ValueError:
        return False

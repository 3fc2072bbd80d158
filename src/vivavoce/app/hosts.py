"""Whose requests a server without a key takes: those that name the machine itself.

A page of another site can have its name answer with 127.0.0.1 and then read what it likes from a server on the
visitor's loopback (DNS rebinding). The name stands in the request; a server that wants no key therefore looks at it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from vivavoce.app.settings import LOOPBACK

REFUSAL = "want a request to localhost, got another host name; set api_key to serve under one"


class LoopbackOnly:
    """Refuses what was not sent to a name of the loopback. ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or _meant_for_us(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await JSONResponse({"error": REFUSAL}, status_code=421)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": REFUSAL})


def _meant_for_us(scope: Scope) -> bool:
    names = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    try:
        return len(names) == 1 and urlsplit(f"//{names[0]}").hostname in LOOPBACK
    except ValueError:
        return False

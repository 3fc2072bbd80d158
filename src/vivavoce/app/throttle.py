"""What becomes of a request beside its route: too many of one address, HEAD, and what nobody expected. ASGI."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.app.limits import Limits
from vivavoce.app.proxies import client_of
from vivavoce.app.refusals import too_often
from vivavoce.errors import LimitError, StoreError

log = structlog.get_logger(__name__)


class Throttle:
    """Refuses what one address asks too often, before anybody works on it.

    Args:
        guarded: whether requests must show a key. A server that wants none answers its own machine only.
        trusted_proxies: as `client_of`.
    """

    def __init__(
        self, app: ASGIApp, *, limits: Limits, guarded: Callable[[], Awaitable[bool]], trusted_proxies: int
    ) -> None:
        self._app = app
        self._limits = limits
        self._guarded = guarded
        self._trusted_proxies = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and await self._is_guarded():
            try:
                self._limits.request(client_of(scope, self._trusted_proxies))
            except LimitError as error:
                if scope["type"] == "http":
                    await (await too_often(None, error))(scope, receive, send)
                else:
                    await send({"type": "websocket.close", "code": 1013, "reason": str(error)})
                return
        await self._app(scope, receive, send)

    async def _is_guarded(self) -> bool:
        try:
            return await self._guarded()
        except StoreError:
            return True


class HeadAsGet:
    """Answers HEAD with what GET would say, without its body: monitors ask like that."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        over = False

        async def without_body(message: Message) -> None:
            nonlocal over
            if message["type"] == "http.response.start":
                await send(message)
            elif not over:  # a body that never ends is not waited for
                over = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        asked: Scope = {**scope, "method": "GET"}
        await self._app(asked, receive, without_body)
        scope["route"] = asked.get("route")  # for those outside who count requests


class Unexpected:
    """Answers what no handler expected with 500, and logs where it happened: neither the client nor the log gets the
    text of the error, which may hold anything.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except ClientDisconnect:
            if not begun:  # nobody reads it but those outside who count requests
                await JSONResponse({"error": "want a whole request"}, status_code=400)(scope, receive, send)
        except Exception as error:  # noqa: BLE001  whatever it is, the client gets an answer
            route = getattr(scope.get("route"), "path", "")
            kind, method = type(error).__name__, scope["method"]
            where, at = places(error)
            log.error("a request failed", kind=kind, where=where, at=at, method=method, route=route)  # noqa: TRY400
            if not begun:  # otherwise the server closes a connection whose answer does not end
                told = {"error": "something went wrong here; the server's log says where"}
                await JSONResponse(told, status_code=500)(scope, receive, send)


def places(error: BaseException) -> tuple[str, str]:
    """The innermost line of our own code that an error came through, and the line it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    told = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} in {frame.name}" for frame in frames]
    ours = [line for line, frame in zip(told, frames, strict=True) if "/vivavoce/" in frame.filename]
    return ours[-1] if ours else "nowhere", told[-1] if told else "nowhere"

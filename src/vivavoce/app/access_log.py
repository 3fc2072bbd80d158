"""One line in the log for each request, and its count in the metrics: method, route, status, milliseconds, which key.

Never a query, nor a path as it came: both may name people. Every line that is logged while a request is answered
carries the request's id, which the answer tells in `X-Request-ID`; a proxy in front may give it.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.app.metrics import Metrics

log = structlog.get_logger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"/health", "/metrics"})
"""Asked every few seconds by machines; told at `debug` while all is well."""
_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


class AccessLog:
    """ASGI."""

    def __init__(self, app: ASGIApp, metrics: Metrics, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request = given if _ID.fullmatch(given) else secrets.token_hex(8)
        status = 500  # what the server answers when nobody else did

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request
            await send(message)

        began = self._clock()
        with structlog.contextvars.bound_contextvars(request=request):
            try:
                await self._app(scope, receive, answer)
            finally:
                self._tell(scope, status, self._clock() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = getattr(scope.get("route"), "path", "unknown")
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.request.labels(route).observe(seconds)
        principal = scope.get("state", {}).get("principal")
        key = {"key": principal.id} if principal is not None else {}
        quiet = route in QUIET and status < 400
        (log.debug if quiet else log.info)(
            "request", method=method, route=route, status=status, ms=round(1000 * seconds, 1), **key
        )

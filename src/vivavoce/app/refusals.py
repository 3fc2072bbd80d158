"""What the HTTP surface answers when it cannot do what is asked: JSON with an `error` that says what was wanted."""

from __future__ import annotations

from urllib.parse import quote

import structlog
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.agents import AgentFileError
from vivavoce.app.services import Services
from vivavoce.errors import (
    BusyError,
    InputError,
    LimitError,
    LinkError,
    MissingError,
    NotHereError,
    StaleError,
    StoreError,
)

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 64 * 1024
"""A booking has a few dozen bytes."""
MAX_TEXT_BODY_BYTES = 512 * 1024
"""An agent file or a study as JSON: letters beyond ASCII may be spelled with six bytes there."""
LONG = ("/api/v1/agents/", "/api/v1/studies")
MAX_PROBLEMS = 100
"""Of an agent file, told at a time: who has more begins with these."""
_LATER = {"Retry-After": "30"}


class NotHeldError(HTTPException):
    """An agent file does not hold, and who asks may read what it says.

    Attributes:
        problems: as `Refusal` has them.
    """

    def __init__(self, status: int, error: AgentFileError) -> None:
        super().__init__(status, "want an agent file that holds; every problem has its line and column")
        self.problems = [
            {
                "where": problem.path.split(".") if problem.path else [],
                "wanted": problem.wanted,
                "came": problem.came,
                "line": problem.line,
                "column": problem.column,
                "hint": problem.hint,
            }
            for problem in error.problems[:MAX_PROBLEMS]
        ]


async def refused(request: Request, error: HTTPException) -> Response:
    told = str(error.detail)
    if error.status_code == 401 and _is_person(request):
        there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(there, safe='')}", 303)
    if error.status_code == 404 and told == "Not Found":  # the framework's own words for what has no route
        told = "want a path of this server, got another"
    elif error.status_code == 405:
        # the framework knows the methods of the first route of this path only
        allowed = ", ".join(request.app.methods_of(request.url.path))
        told = f"want a method of {allowed}, got {request.method[:16]!a}"
        return JSONResponse({"error": told}, status_code=405, headers={"Allow": allowed})
    return JSONResponse({"error": told}, status_code=error.status_code, headers=error.headers)


def _is_person(request: Request) -> bool:
    """Whether a browser was sent here by its reader: it can show a page to sign in, and come back."""
    accepts = request.headers.get("accept", "")
    return request.method == "GET" and "text/html" in accepts and "authorization" not in request.headers


async def not_held(_: Request, error: NotHeldError) -> JSONResponse:
    told = {"error": str(error.detail), "problems": error.problems}
    return JSONResponse(told, status_code=error.status_code)


async def not_here(_: Request, error: NotHereError) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=404)


async def stale(_: Request, error: StaleError) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=412)


async def bad_input(_: Request, error: InputError) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=400)


async def broken_agent(_: Request, error: AgentFileError) -> JSONResponse:
    # the problems may quote the file, which is not the client's to read
    log.warning("an agent file does not hold", problems=len(error.problems))
    words = f"the agent file does not hold, {len(error.problems)} problems; `viva check` names them"
    return JSONResponse({"error": words}, status_code=500)


async def bad_body(request: Request, error: RequestValidationError) -> JSONResponse:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if error.body and isinstance(error.body, bytes | str) and kind != "application/json" and not kind.endswith("+json"):
        return JSONResponse({"error": f"want a body of application/json, got {kind[:64]!a}"}, status_code=415)
    problems = [{"where": list(map(str, item["loc"])), "wanted": item["msg"]} for item in error.errors()]
    asked = "JSON body" if any(problem["where"][0] == "body" for problem in problems) else "request"
    return JSONResponse({"error": f"want a {asked} as documented", "problems": problems}, status_code=422)


async def no_store(_: Request, error: StoreError) -> JSONResponse:
    log.error("the storage does not answer", problem=str(error))
    return JSONResponse({"error": "the server's storage does not answer"}, status_code=503, headers=_LATER)


async def busy(request: Request, error: BusyError) -> JSONResponse:
    _count(request, error.why)
    return JSONResponse({"error": str(error)}, status_code=503, headers=_LATER)


async def too_often(request: Request | None, error: LimitError) -> JSONResponse:
    if request is not None:
        _count(request, "too_often")
    return JSONResponse({"error": str(error)}, status_code=429, headers={"Retry-After": f"{max(1, error.wait_s):.0f}"})


def _count(request: Request, why: str) -> None:
    services: Services = request.app.state.services
    services.metrics.refused.labels(why).inc()


async def missing(_: Request, error: MissingError) -> JSONResponse:
    """To ask again is no use until whoever runs the server does what the remedy says."""
    log.warning("this server lacks something", problem=str(error))
    return JSONResponse({"error": str(error), "remedy": error.remedy}, status_code=501)


async def no_model(_: Request, error: LinkError) -> JSONResponse:
    """The service's own wording stays in the log."""
    told = {"error": str(error), "remedy": error.remedy}
    fatal = error.kind == "fatal"
    return JSONResponse(told, status_code=502 if fatal else 503, headers=None if fatal else _LATER)


_HANDLERS = {
    StarletteHTTPException: refused,
    NotHeldError: not_held,
    NotHereError: not_here,
    StaleError: stale,
    InputError: bad_input,
    AgentFileError: broken_agent,
    RequestValidationError: bad_body,
    StoreError: no_store,
    BusyError: busy,
    LimitError: too_often,
    LinkError: no_model,
    MissingError: missing,
}


def add_refusals(app: FastAPI) -> None:
    """Answer our errors, and bodies above the limit."""
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)  # type: ignore[arg-type]  # each gets its own kind only
    app.add_middleware(BodyLimit)


class BodyLimit:
    """Refuses bodies above a limit before anybody reads them, and those that are told to end in two places. ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        lengths = [name for name, _ in scope["headers"] if name in (b"content-length", b"transfer-encoding")]
        if len(lengths) > 1:  # where a body ends would be read differently by a proxy in front (RFC 9112, 6.1)
            told = {"error": "want a body with one length, got Content-Length and Transfer-Encoding"}
            await JSONResponse(told, 400, headers={"Connection": "close"})(scope, receive, send)
            return
        limit = MAX_TEXT_BODY_BYTES if scope["path"].startswith(LONG) else MAX_BODY_BYTES
        seen = 0
        refused = False

        async def limited() -> Message:
            nonlocal seen, refused
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit and not refused:
                refused = True
                raise HTTPException(413, f"want a body of at most {limit} bytes")
            return message

        await self._app(scope, limited, send)

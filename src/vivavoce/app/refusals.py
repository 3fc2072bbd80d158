"""What the HTTP surface answers when it cannot do what is asked: JSON with an `error` that says what was wanted."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.agents import AgentFileError
from vivavoce.errors import BusyError, InputError, LinkError, StoreError

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 64 * 1024
"""A booking has a few dozen bytes."""
_LATER = {"Retry-After": "30"}


async def bad_input(_: Request, error: InputError) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=400)


async def broken_agent(_: Request, error: AgentFileError) -> JSONResponse:
    # the problems may quote the file, which is not the client's to read
    log.warning("an agent file does not hold", problems=len(error.problems))
    words = f"the agent file does not hold, {len(error.problems)} problems; `viva check` names them"
    return JSONResponse({"error": words}, status_code=500)


async def bad_body(_: Request, error: RequestValidationError) -> JSONResponse:
    problems = [{"where": list(map(str, item["loc"])), "wanted": item["msg"]} for item in error.errors()]
    return JSONResponse({"error": "want a JSON body as documented", "problems": problems}, status_code=422)


async def no_store(_: Request, error: StoreError) -> JSONResponse:
    log.error("the storage does not answer", problem=str(error))
    return JSONResponse({"error": "the server's storage does not answer"}, status_code=503, headers=_LATER)


async def busy(_: Request, error: BusyError) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_code=503, headers=_LATER)


async def no_model(_: Request, error: LinkError) -> JSONResponse:
    """The service's own wording stays in the log."""
    told = {"error": str(error), "remedy": error.remedy}
    fatal = error.kind == "fatal"
    return JSONResponse(told, status_code=502 if fatal else 503, headers=None if fatal else _LATER)


_HANDLERS = {
    InputError: bad_input,
    AgentFileError: broken_agent,
    RequestValidationError: bad_body,
    StoreError: no_store,
    BusyError: busy,
    LinkError: no_model,
}


def add_refusals(app: FastAPI) -> None:
    """Answer our errors, and bodies above the limit."""
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)  # type: ignore[arg-type]  # each gets its own kind only
    app.add_middleware(BodyLimit)


class BodyLimit:
    """Refuses bodies above a limit before anybody reads them. ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = 0
        refused = False

        async def limited() -> Message:
            nonlocal seen, refused
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY_BYTES and not refused:
                refused = True
                raise HTTPException(413, f"want a body of at most {MAX_BODY_BYTES} bytes")
            return message

        await self._app(scope, limited, send)

"""What routes answer when they do not do what was asked, for the OpenAPI document; `app/refusals.py` says it."""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from vivavoce.app.qualities import quality_of


class ProblemWhere(BaseModel):
    """One thing that does not hold, by its place in the request or in an agent file."""

    where: list[str] = Field(default=[], description="Way to the value in the request, such as body, agent.")
    wanted: str
    came: str = Field(default="", description="Of an agent file only.")
    line: int | None = Field(default=None, description="Of an agent file only, from 1; column likewise.")
    column: int | None = None
    hint: str = ""


class Refusal(BaseModel):
    """Every answer that is not what was asked for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"error": "want the id of a call, got none of this id"}]})

    error: str = Field(description="What was wanted and what came, in one sentence.")
    problems: list[ProblemWhere] = Field(default=[], description="With 422: everything that does not hold.")
    remedy: str = Field(default="", description="What can be done about it, where that is known.")


WHY = {
    400: "The request cannot be used.",
    401: "Who asks? A key as a bearer token, or the cookie of a session.",
    403: "The key lacks the scope, or may not touch this agent.",
    404: "What was named is not here.",
    406: "There is nothing of the kinds that Accept names.",
    409: "Not in the state it is in now.",
    410: "It was here and has been erased; `error` says when.",
    412: "It has been changed since it was seen.",
    413: "The body is too large.",
    415: "A body of another kind than is documented.",
    416: "The range lies outside the file.",
    421: "A server without keys was asked under a name that is not the loopback's.",
    422: "A part of the request does not hold; `problems` says which.",
    429: "Too often; Retry-After says when to come again.",
    501: "This server lacks something, an extra or a key; `remedy` says what.",
    502: "The live model refused, and will refuse again.",
    503: "Not now: the server stops, is full, or its storage or live model does not answer.",
}


def refused(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route, for its `responses`."""
    return {status: {"model": Refusal, "description": WHY[status]} for status in statuses}


EVERYWHERE = refused(400, 421, 422, 429, 503)
"""What any route may answer."""
GUARDED = refused(401, 403)
"""What routes that need a scope may answer."""


def accepted(request: Request, *kinds: str) -> str:
    """The media type to answer with: of `kinds` the one that Accept prefers, the first where it does not mind.

    Raises:
        HTTPException: 406, none of them would do.
    """
    best, best_quality = "", 0.0
    wanted = [quality_of(item) for item in request.headers.get("accept", "*/*").split(",") if item.strip()]
    for kind in kinds:
        main = kind.partition("/")[0]
        # the most exact range that fits counts (RFC 9110, 12.5.1)
        for pattern in (kind, f"{main}/*", "*/*"):
            found = [quality for range_, quality in wanted if range_ == pattern]
            if found:
                if found[0] > best_quality:
                    best, best_quality = kind, found[0]
                break
    if wanted and not best:
        raise HTTPException(406, f"want Accept to name one of {', '.join(kinds)}")
    return best or kinds[0]


def as_whole(value: Any) -> Any:
    """JSON Schema holds 2.0 for an integer. For a strict one: it then takes neither text nor true."""
    return int(value) if isinstance(value, float) and value.is_integer() else value

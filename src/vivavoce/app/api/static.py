"""The SDK's files, for pages of every site."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException
from fastapi import Path as InPath
from fastapi.responses import Response

from vivavoce.app.api.access import Here
from vivavoce.app.built import KINDS

router = APIRouter(tags=["pages"], include_in_schema=False)
NOT_BUILT = HTTPException(404, "want the browser's files, got a package without them; `make web` builds them")
OPEN = {
    "Access-Control-Allow-Origin": "*",  # module scripts and worklets of other sites' pages are fetched with CORS
    "Cross-Origin-Resource-Policy": "cross-origin",
    # asked after each time: files of two versions of the SDK never meet in one page, and the answer is mostly 304
    "Cache-Control": "public, no-cache",
    "Vary": "Accept-Encoding",
}
WORKER_POLICY = "default-src 'none'; connect-src *"
"""A worker obeys the policy of its own file, not its page's: ours opens a socket to the server that it is told."""


@router.get("/static/{name}")
def static(
    here: Here,
    name: Annotated[str, InPath(max_length=64)],
    if_none_match: Annotated[str, Header()] = "",
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """One of the browser's files."""
    if name not in KINDS:
        raise HTTPException(404, f"want one of the browser's files such as {next(iter(KINDS))}, got another name")
    file = here.built.find(name)
    if file is None:
        raise NOT_BUILT
    packed = _takes_gzip(accept_encoding)
    tag = f'"{file.tag}{"-gz" if packed else ""}"'
    headers = {**OPEN, "ETag": tag}
    if name == "viva-worker.js":
        headers["Content-Security-Policy"] = WORKER_POLICY
    if _matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(file.packed if packed else file.body, media_type=KINDS[name], headers=headers)


def _takes_gzip(accepted: str) -> bool:
    """Whether a request takes gzip (RFC 9110, 12.5.3); `q=0` is a no."""
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "").rstrip("0.") != "q="
    return False


def _matches(wanted: str, tag: str) -> bool:
    """Weak comparison, as RFC 9110 (13.1.2) has it for `If-None-Match`."""
    tags = {part.strip().removeprefix("W/") for part in wanted.split(",")}
    return "*" in tags or tag in tags

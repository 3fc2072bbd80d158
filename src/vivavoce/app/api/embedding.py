"""What an agent's owner pastes to have it on pages: as data, and as a page to copy from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from vivavoce.app.api.access import Here, Principal, needs
from vivavoce.app.api.agents import Name, find_for
from vivavoce.app.api.answers import GUARDED, refused
from vivavoce.app.api.meeting import known_base
from vivavoce.app.embedding.snippet_page import FILES, file_of, render
from vivavoce.app.embedding.snippets import Snippets, snippets_of
from vivavoce.app.headers import talk_policy
from vivavoce.app.services import Services

router = APIRouter(tags=["embedding"])
Reader = Annotated[Principal, Depends(needs("agents:read"))]


@router.get("/api/v1/agents/{name}/embed", responses={**GUARDED, **refused(404)})
async def embed(here: Here, who: Reader, request: Request, name: Name) -> Snippets:
    """What to paste to have an agent on a page, and whether the microphone works there."""
    return await _snippets(here, who, request, name)


@router.get("/agents/{name}/embed", include_in_schema=False)
async def embed_page(here: Here, who: Reader, request: Request, name: Name) -> HTMLResponse:
    """The same to read and copy."""
    page = render(await _snippets(here, who, request, name))
    return HTMLResponse(page, headers={"Content-Security-Policy": talk_policy(request.headers.get("host", ""))})


@router.get("/agents/files/{name}", include_in_schema=False)
def page_file(name: str) -> Response:
    """A file of that page; there is nothing in it that anybody might not know."""
    if name not in FILES:
        raise HTTPException(404, f"want one of {', '.join(FILES)}, got another name")
    return Response(file_of(name), media_type=FILES[name], headers={"Cache-Control": "public, no-cache"})


async def _snippets(here: Services, who: Principal, request: Request, name: str) -> Snippets:
    found = await find_for(here, who, name)
    return snippets_of(found, here.settings, known_base(here, request), guarded=await here.keyring.required())

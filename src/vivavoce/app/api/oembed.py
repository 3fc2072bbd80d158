"""oEmbed (oembed.com, 1.0): what a site shows in place of an address of ours that somebody pasted."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel

from vivavoce.app.api.access import Here, own_origins
from vivavoce.app.api.meeting import base_url, is_public, see
from vivavoce.app.embedding import addresses, picture
from vivavoce.app.embedding.cards import card_of
from vivavoce.app.embedding.snippets import HEIGHT, WIDTH, frame_of
from vivavoce.app.origins import sites_of
from vivavoce.app.services import Services
from vivavoce.errors import NotHereError

router = APIRouter(tags=["pages"], include_in_schema=False)
PAGES = ("t", "embed", "talk")
"""Pages of agents, by the first part of their path."""
MAX_URL_CHARS = 2_000
CACHE_S = 3600
NOT_OURS = "want the address of an agent's page on this server, got another"
Most = Annotated[int | None, Query(ge=1, le=1_000_000)]


class Embedded(BaseModel):
    """What to show. Without `html` (type `link`) no site may frame the agent: show the title with the picture."""

    version: Literal["1.0"] = "1.0"
    type: Literal["rich", "link"]
    title: str
    provider_name: str = "Viva Voce"
    provider_url: str
    cache_age: int = CACHE_S
    thumbnail_url: str | None = None
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None
    html: str | None = None
    width: int | None = None
    height: int | None = None


@router.get("/oembed", response_model_exclude_none=True)
async def oembed(
    here: Here,
    request: Request,
    response: Response,
    url: Annotated[str, Query(max_length=MAX_URL_CHARS)],
    maxwidth: Most = None,
    maxheight: Most = None,
    format: Annotated[str, Query(max_length=16)] = "json",
) -> Embedded:
    """What to show in place of an agent's address, no larger than so many dots. Open to whoever may see the page."""
    if format != "json":
        raise HTTPException(501, "want the format json, got one that is not made here")
    name = _agent_in(here, request, url)
    if name is None:
        raise NotHereError(NOT_OURS)
    found = await see(here, request, name)
    base = base_url(here, request)
    card = card_of(found, here.settings, addresses.talk_page(base, name))
    if is_public(request, found):  # then any page may read it; no key and no loopback opens it to others
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    shown = Embedded(type="link", title=card.title, provider_url=base)
    for wide, high in map(picture.size_of, picture.WIDTHS):
        if wide <= (maxwidth or wide) and high <= (maxheight or high):
            shown.thumbnail_url = f"{card.page}/picture.png?width={wide}"
            shown.thumbnail_width, shown.thumbnail_height = wide, high
            break
    if sites_of(found.file.spec):
        shown.type = "rich"
        shown.width, shown.height = min(WIDTH, maxwidth or WIDTH), min(HEIGHT, maxheight or HEIGHT)
        shown.html = frame_of(card, base, shown.width, shown.height)
    return shown


def _agent_in(here: Services, request: Request, url: str) -> str | None:
    """The agent whose page an address of this server is; None for all others."""
    origin = addresses.origin_in(url)
    if origin is None:
        return None
    public, path = here.settings.public_url, urlsplit(url).path
    prefix = urlsplit(public).path.rstrip("/") + "/"
    if origin == addresses.origin_in(public) and path.startswith(prefix):
        path = path[len(prefix) - 1 :]
    elif origin not in own_origins(request):
        return None
    match path.removesuffix("/").split("/"):
        case ["", page, name] if page in PAGES and name:
            return unquote(name)
    return None

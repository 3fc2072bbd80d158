"""What goes along with a shared link: its picture, and the link as a QR code."""

from __future__ import annotations

import asyncio
import io
from functools import lru_cache
from typing import Annotated

import segno
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from vivavoce.app.api.access import Here
from vivavoce.app.api.meeting import known_base, see
from vivavoce.app.embedding import addresses, picture
from vivavoce.errors import InputError, NotHereError

router = APIRouter(tags=["pages"], include_in_schema=False)
HEADERS = {
    "Cross-Origin-Resource-Policy": "cross-origin",  # whoever shows the link shows them
    "Cache-Control": "private, max-age=3600",
}
KINDS = {"svg": "image/svg+xml", "png": "image/png"}
INK, PAPER = "#24211d", "#ffffff"
DOTS_PER_MODULE = 12
"""A code of an ordinary address is then about 500 dots wide: sharp on paper at four centimetres."""


@router.get("/t/{agent}/picture.png")
async def share_picture(
    here: Here, request: Request, agent: str, width: Annotated[int, Query()] = picture.WIDTHS[0]
) -> Response:
    """Who may see the page may see it: who may not has no use for it."""
    if width not in picture.WIDTHS:
        raise InputError(f"want a width of {', '.join(map(str, picture.WIDTHS))}, got {width}")
    found = await see(here, request, agent)
    drawn = await asyncio.to_thread(picture.draw, picture.tint_of(agent), len(found.file.spec.speakers), width)
    return Response(drawn, media_type="image/png", headers=HEADERS)


@router.get("/t/{agent}/qr.{kind}")
async def qr(here: Here, request: Request, agent: str, kind: str) -> Response:
    """The address of the agent's page as a code for cameras."""
    if kind not in KINDS:
        raise NotHereError(f"want qr.{' or qr.'.join(KINDS)}, got another")
    await see(here, request, agent)
    code = await asyncio.to_thread(_code, addresses.talk_page(known_base(here, request), agent), kind)
    return Response(code, media_type=KINDS[kind], headers=HEADERS)


@lru_cache(maxsize=64)
def _code(address: str, kind: str) -> bytes:
    """Takes some milliseconds, which no call should wait for."""
    body = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(body, kind=kind, scale=DOTS_PER_MODULE, dark=INK, light=PAPER)
    return body.getvalue()

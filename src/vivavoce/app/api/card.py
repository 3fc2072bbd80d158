"""What is known of an agent before a call, for whoever may book one."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request

from vivavoce.app.api.access import Here
from vivavoce.app.api.answers import GUARDED, refused
from vivavoce.app.api.booking import Books
from vivavoce.app.api.meeting import page_with
from vivavoce.app.embedding import passes
from vivavoce.app.embedding.cards import Card, card_of
from vivavoce.app.origins import allow

router = APIRouter(prefix="/api/v1", tags=["embedding"])


@router.get("/card", responses={**GUARDED, **refused(404)})
async def card(
    here: Here,
    who: Books,
    request: Request,
    agent: Annotated[str, Query(max_length=64, description="The name of an agent.", examples=["founder"])],
    leave: Annotated[
        str, Query(alias="pass", max_length=passes.MAX_CHARS, description="As our frame's page carries it.")
    ] = "",
) -> Card:
    """What may be told of an agent before a call. A page of one of the agent's sites needs no key."""
    who = who.showing(leave)
    if who.origin is not None:
        # whatever the reason, the page is told, so that it can say so; which agents there are it does not learn
        allow(request.scope, who.origin)
    found = await who.find(agent)
    site = who.come_from(found)
    if site is None:
        leave = ""
    elif who.leave is None:  # one that was shown is handed on as it is: asking again and again makes none last longer
        leave = passes.give(here.vault, found.name, site, time.time())
    return card_of(found, here.settings, await page_with(here, request, found, leave))

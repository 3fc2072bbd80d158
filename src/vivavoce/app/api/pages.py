"""Where one talks with an agent: its own page, which people share, and the frame that other sites show."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from vivavoce.app.agent_shelf import Shelved
from vivavoce.app.api.access import Here, is_signed_in, own_origins
from vivavoce.app.api.meeting import Absent, base_url, find, is_public, page_with, visit
from vivavoce.app.embedding import addresses, passes
from vivavoce.app.embedding.cards import Card, card_of
from vivavoce.app.embedding.frames import Frame, render, render_words
from vivavoce.app.embedding.tags import tags_of
from vivavoce.app.headers import page_policy, talk_policy
from vivavoce.app.origins import Sites, sites_of
from vivavoce.app.services import Services

router = APIRouter(tags=["pages"], include_in_schema=False)
FRAMED = frozenset({"iframe", "frame", "embed", "object"})
"""`Sec-Fetch-Dest` of a page that another page shows."""
WORDS: dict[Absent | Literal["unbuilt", "elsewhere"], tuple[int, str, str]] = {
    "key": (403, "Not with this key", "The key you signed in with may not talk to this agent."),
    "broken": (500, "Not at the moment", "The file of this agent has errors; <code>viva check</code> lists them."),
    "nobody": (404, "Nobody here", "There is no agent of this name. Is the address complete?"),
    "unbuilt": (503, "Not at the moment", "Its files for browsers are missing; <code>make web</code> builds them."),
    "elsewhere": (403, "Not on this site", "This agent has not been opened to the site you are on."),
}
"""Status, title and words of the pages that are shown instead."""


@router.get("/t/{agent:path}")
async def talk_page(here: Here, request: Request, agent: str) -> HTMLResponse:
    """An agent's own page. Open to whoever may book from it: everybody where no key guards the server or the agent's
    `embed.origins` list the server itself, visitors whom a page of the agent's sites sends with a pass, and people who
    have signed in with a key for it.
    """
    found, leave = await find(here, agent), request.query_params.get("pass", "")
    if not (isinstance(found, Shelved) and _lets_in(here, request, found, leave)):
        found, leave = await visit(here, request, agent, found), ""
    if not isinstance(found, Shelved):
        return _told(found)
    base = base_url(here, request)
    card = card_of(found, here.settings, addresses.talk_page(base, agent))
    return _shown(here, request, _frame(request, card, leave), tags_of(card, base))


@router.get("/embed/{agent:path}")
async def frame_page(here: Here, request: Request, agent: str) -> HTMLResponse:
    """What other sites show in a frame: those that the agent's file lists, to any visitor of theirs."""
    found, leave = await find(here, agent), ""
    sites = sites_of(found.file.spec) if isinstance(found, Shelved) else Sites(())
    around = addresses.origin_in(request.headers.get("referer", ""))
    shown_as = request.headers.get("sec-fetch-dest")
    framed = shown_as is None or shown_as in FRAMED  # older browsers do not say
    if isinstance(found, Shelved) and framed and sites and (around is None or around in sites):
        leave = passes.give(here.vault, agent, around.written() if around is not None else "", time.time())
    elif shown_as in FRAMED or (framed and around is not None and around not in own_origins(request)):
        # the browser would draw a blank box; these are words alone, so that anybody may frame them
        return _told("elsewhere", link=addresses.talk_page(base_url(here, request), agent), ancestors="*")
    else:
        found = await visit(here, request, agent, found)
    if not isinstance(found, Shelved):
        return _told(found)
    page = await page_with(here, request, found, leave)  # a tab of its own is open to the same visitor
    around_it = [around.written()] if around is not None and around in sites else []
    frame = _frame(request, card_of(found, here.settings, page), leave, sorted({*sites.named(), *around_it}))
    return _shown(here, request, frame, ancestors=sites.ancestors())


@router.get("/talk/{agent:path}")
def old_page(request: Request, agent: str) -> RedirectResponse:
    """Where the page was before."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(addresses.talk_page(_way(agent).rstrip("/"), agent) + query, 308)


def _lets_in(here: Services, request: Request, agent: Shelved, leave: str) -> bool:
    """Whether a pass is needed, and holds. Who is signed in goes by their key."""
    if not leave or is_signed_in(request) or is_public(request, agent):
        return False
    shown = passes.read(here.vault, leave)
    return shown is not None and shown.holds(agent.name, sites_of(agent.file.spec), time.time())


def _frame(request: Request, card: Card, leave: str, origins: Iterable[str] = ()) -> Frame:
    accepted = request.headers.get("accept-language", "")
    return Frame.of(card, leave=leave, accepted=accepted, wishes=request.query_params, origins=origins)


def _way(agent: str) -> str:
    """From an agent's page up to the root, wherever a proxy has put that."""
    return "../" * (1 + agent.count("/"))


def _shown(here: Services, request: Request, frame: Frame, tags: str = "", ancestors: str = "'none'") -> HTMLResponse:
    if not here.built.has_page():
        return _told("unbuilt", ancestors=ancestors)
    policy = talk_policy(request.headers.get("host", ""), ancestors)
    return _answer(render(frame, tags, way=_way(frame.card.agent)), 200, policy, ancestors)


def _told(why: Absent | Literal["unbuilt", "elsewhere"], *, link: str = "", ancestors: str = "'none'") -> HTMLResponse:
    status, title, words = WORDS[why]
    policy, nonce = page_policy(ancestors)
    return _answer(render_words(title, words, nonce=nonce, link=link), status, policy, ancestors)


def _answer(page: str, status: int, policy: str, ancestors: str) -> HTMLResponse:
    headers = {
        "Content-Security-Policy": policy,
        "Vary": "Accept-Language, Cookie, Host, Referer, Sec-Fetch-Dest",
    }
    if ancestors != "'none'":
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return HTMLResponse(page, status, headers=headers)

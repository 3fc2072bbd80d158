"""What to paste to have an agent on a page, and whether the microphone works there. Data: the API, a page and the
command line show the same.
"""

from __future__ import annotations

import html
import json
from typing import Literal

from pydantic import BaseModel, Field

from vivavoce.app.agent_shelf import Shelved
from vivavoce.app.embedding import addresses
from vivavoce.app.embedding.cards import Card, card_of
from vivavoce.app.origins import Origin, Sites, listed_by, parse_origin, sites_of
from vivavoce.app.settings import Settings

ALLOW = "microphone; autoplay; speaker-selection; clipboard-write"
"""What a page around our frame must hand on."""
WIDTH, HEIGHT = 400, 640
CODEPEN = "https://cdpn.io"
"""Where CodePen shows what is written in a pen; it reserves to move."""
YOURS = "your.site"
Kind = Literal["script", "inline", "iframe", "react", "codepen", "devto", "wordpress", "link", "kiosk"]


class Snippet(BaseModel):
    kind: Kind
    title: str
    language: Literal["html", "jsx", "text"] = Field(description="What `code` is written in.")
    code: str
    microphone: Literal["yes", "depends", "no"] = Field(description="Whether one can talk there; typing works always.")
    why: str = Field(description="What that rests on, and what to do where it does not work.")
    site: str | None = Field(
        description="What the agent's `embed.origins` must list first, and do not: an origin, or `your.site` where they"
        " list none. Null when nothing is missing."
    )


class Snippets(BaseModel):
    """An agent on pages."""

    agent: str
    title: str
    page: str = Field(description="Address of the agent's own page.")
    origins: list[str] = Field(description="What `embed.origins` of its file lists.")
    snippets: list[Snippet]


def snippets_of(agent: Shelved, settings: Settings, base: str, *, guarded: bool) -> Snippets:
    """
    Args:
        base: address of the server, as people reach it.
        guarded: whether the server wants keys, and so its own pages must be listed, too.
    """
    card = card_of(agent, settings, addresses.talk_page(base, agent.name))
    sites, own = sites_of(agent.file.spec), addresses.origin_in(base)
    return Snippets(
        agent=card.agent,
        title=card.title,
        page=card.page,
        origins=list(listed_by(agent.file.spec)),
        snippets=[
            *_on_own_pages(card, base, None if sites else YOURS),
            *_elsewhere(card, base, sites, _missing(sites, own) if guarded else None),
        ],
    )


def frame_of(card: Card, base: str, width: int = WIDTH, height: int = HEIGHT) -> str:
    """Our page in a frame. It tells its site, so that calls count for it even on pages that tell nobody theirs."""
    return (
        f'<iframe src="{html.escape(addresses.frame_page(base, card.agent))}" title="{html.escape(card.title)}"'
        f' width="{width}" height="{height}" allow="{ALLOW}" referrerpolicy="strict-origin" loading="lazy"'
        ' style="border: 0; max-width: 100%"></iframe>'
    )


def _missing(sites: Sites, origin: Origin | None) -> str | None:
    return origin.written() if origin is not None and origin not in sites else None


def _tagged(card: Card, base: str, shape: str = "") -> str:
    """The widget as markup; a bubble, unless it is said otherwise."""
    shaped = f' shape="{shape}"' if shape else ""
    return (
        f'<script src="{html.escape(base)}/static/embed.js" async></script>\n'
        f'<viva-voce agent="{html.escape(card.agent)}"{shaped}></viva-voce>'
    )


def _on_own_pages(card: Card, base: str, site: str | None) -> list[Snippet]:
    return [
        Snippet(
            kind="script",
            title="Bubble on your own page",
            language="html",
            code=_tagged(card, base),
            microphone="yes",
            why="The page asks for the microphone itself. It must come by https, and a Permissions-Policy header, if it"
            " sends one, must leave the microphone to itself.",
            site=site,
        ),
        Snippet(
            kind="inline",
            title="In the middle of your own page",
            language="html",
            code="<style>viva-voce { display: block; block-size: 36rem }</style>\n" + _tagged(card, base, "inline"),
            microphone="yes",
            why="As with the bubble. The style keeps its place from the start, so that nothing on the page moves.",
            site=site,
        ),
        Snippet(
            kind="iframe",
            title="Frame",
            language="html",
            code=frame_of(card, base),
            microphone="depends",
            why="It works where every frame around it hands the microphone on (allow), and no sandbox keeps its origin"
            " from it (allow-same-origin). Elsewhere it starts with typing, and offers to talk in a new tab.",
            site=site,
        ),
        Snippet(
            kind="react",
            title="React",
            language="jsx",
            code="import {VivaVoce} from 'vivavoce/react'\n\n"
            f"export const Talk = () => <VivaVoce agent={json.dumps(card.agent)} server={json.dumps(base)} />",
            microphone="yes",
            why="As with the bubble: the component is the same element.",
            site=site,
        ),
    ]


def _elsewhere(card: Card, base: str, sites: Sites, server: str | None) -> list[Snippet]:
    return [
        Snippet(
            kind="codepen",
            title="CodePen",
            language="html",
            code=_tagged(card, base, "inline"),
            microphone="depends",
            why="On CodePen's own pages, yes: its frame hands the microphone on. In a pen within another site's page"
            " only where that page hands it on, too; CodePen's own embed script does, a bare frame does not.",
            site=_missing(sites, parse_origin(CODEPEN)),
        ),
        Snippet(
            kind="devto",
            title="dev.to",
            language="text",
            code=card.page,
            microphone="no",
            why="The address on a line of its own becomes a card with title and picture that leads to the agent's page,"
            " where the microphone works. Frames in posts there hand no microphone on.",
            site=server,
        ),
        Snippet(
            kind="wordpress",
            title="WordPress",
            language="html",
            code=_tagged(card, base),
            microphone="yes",
            why="In a block “Custom HTML”, by somebody whose role may post scripts. The bare address in a post is shown"
            " in a sandboxed frame, where one can only type.",
            site=None if sites else YOURS,
        ),
        Snippet(
            kind="link",
            title="Link",
            language="text",
            code=card.page,
            microphone="yes",
            why="The agent's own page. Chats and networks show its title and picture; the QR code is the same address.",
            site=server,
        ),
        Snippet(
            kind="kiosk",
            title="Screen in a room",
            language="text",
            code=f"{card.page}?shape=kiosk",
            microphone="yes",
            why="For a browser in full screen. It starts anew, with everything wiped, when nobody is there any more.",
            site=server,
        ),
    ]

"""The bare page to talk on: markup here, the rest in `web/sdk/page`. Who may book a call from it may see it."""

from __future__ import annotations

import html
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse

from vivavoce.agents import AgentFileError, AgentSpec
from vivavoce.app.api.access import Here, cookie_name, identify
from vivavoce.app.headers import talk_policy
from vivavoce.app.origins import parse_origin, sites_of
from vivavoce.app.services import Services
from vivavoce.errors import NotHereError

router = APIRouter(tags=["pages"], include_in_schema=False)
RECORDING = {
    "ask": "It is recorded only if you agree; you are asked first.",
    "always": "The talk is recorded.",
    "never": "No sound is kept.",
}
WORDS = {
    "key": (403, "Not with this key", "The key you signed in with may not talk to this agent."),
    "broken": (500, "Not at the moment", "The file of this agent has errors; <code>viva check</code> lists them."),
    "nobody": (404, "Nobody here", "There is no agent of this name. Is the address complete?"),
    "unbuilt": (
        503,
        "Not at the moment",
        "Its files for browsers are missing; <code>make web</code> builds them.",
    ),
}
"""Status, title and words of the pages that are shown instead."""


@router.get("/talk/{agent}")
async def talk_page(here: Here, request: Request, agent: Annotated[str, InPath(max_length=200)]) -> HTMLResponse:
    """Where one talks with an agent. Open to whoever may book from it: everybody where no key guards the server or the
    agent's `embed.origins` list the server itself, else people who have signed in with a key for it.
    """
    spec, broken = None, False
    try:
        spec = (await here.shelf.find(agent)).file.spec
    except AgentFileError:
        broken = True
    except NotHereError:
        pass
    if spec is None or not _is_public(spec, here, request):
        who = await identify(request)  # who has no key is sent to sign in, and not told which agents there are
        if not who.may("calls:book") or not who.touches(agent):
            return _told(request, "key")
    if broken:
        return _told(request, "broken")
    if spec is None:
        return _told(request, "nobody")
    if here.built.find("talk.js") is None:
        return _told(request, "unbuilt")
    return _page(request, 200, spec.title, _talk(agent, spec))


def _is_public(spec: AgentSpec, here: Services, request: Request) -> bool:
    """Whether pages of this server may book the agent without a key. Who is signed in goes by their key."""
    if request.cookies.get(cookie_name(here)) is not None:
        return False
    host, sites = request.headers.get("host", ""), sites_of(spec)
    own = [parse_origin(f"{scheme}://{host}") for scheme in (("https",) if here.settings.https else ("https", "http"))]
    return any(origin is not None and origin in sites for origin in own)


def _page(request: Request, status: int, title: str, body: str) -> HTMLResponse:
    page = _PAGE.format(title=html.escape(title), body=body)
    policy = talk_policy(request.headers.get("host", ""))
    return HTMLResponse(page, status, headers={"Content-Security-Policy": policy})


def _told(request: Request, why: str) -> HTMLResponse:
    status, title, words = WORDS[why]
    return _page(request, status, title, f"<main><h1>{title}</h1><p>{words}</p></main>")


def _talk(agent: str, spec: AgentSpec) -> str:
    values = {"agent": agent, "title": spec.title, "recording": RECORDING[spec.consent.record]}
    return _TALK.format_map({name: html.escape(value) for name, value in values.items()})


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="../static/talk.css">
</head><body>{body}</body></html>
"""
_TALK = """<script type="module" src="../static/talk.js"></script>
<main id="talk" data-agent="{agent}" data-screen="start">
<header><h1 dir="auto">{title}</h1><p>You will talk with an AI. {recording}</p></header>
<noscript><p>This page needs JavaScript: it carries your voice.</p></noscript>
<div id="attention" tabindex="-1">
<section id="problem" role="alert" hidden><p></p><button id="help" class="main"></button>
<button id="instead">Type instead</button></section>
<section id="choice" aria-label="Microphones" hidden><p>Which one?</p><div></div></section>
<div id="banner"><p role="status"></p><button id="seen" hidden>OK</button></div>
<section id="consent" aria-label="Recording" hidden>
<p>May this talk be recorded?</p>
<button data-decision="given" class="main">Yes, record it</button>
<button data-decision="refused">No</button>
</section>
</div>
<section id="begin">
<button id="voice" class="main">Talk</button>
<button id="text">Type instead</button>
</section>
<ol id="captions" aria-label="What was said"></ol>
<p id="said" class="unseen" aria-live="polite"></p>
<details id="facts" hidden><summary>Noted so far <span></span></summary><dl></dl></details>
<footer>
<div id="floor"><strong id="speaker" dir="auto"></strong><span id="turn"></span>
<span class="meter" aria-hidden="true"><i id="agent-level"></i></span></div>
<form id="typing"><label class="unseen" for="words">Your words</label>
<input id="words" dir="auto" autocomplete="off" maxlength="4000" placeholder="Write a message">
<button>Send</button></form>
<div id="controls">
<span class="meter" role="img" aria-label="Your microphone"><i id="mic-level"></i></span>
<button id="mute" aria-pressed="false">Mute</button>
<button id="mode">Type</button>
<button id="leave">End</button>
</div>
</footer>
</main>"""

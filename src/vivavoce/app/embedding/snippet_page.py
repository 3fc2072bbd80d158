"""The page that snippets are copied from. Its style and its script are files of their own: nothing is inline."""

from __future__ import annotations

import html
from functools import cache
from importlib.resources import files

from vivavoce.app.embedding.snippets import Snippet, Snippets
from vivavoce.findings.report import part

FILES = {"embed.css": "text/css", "copy.js": "text/javascript"}
_MICROPHONE = {"yes": "The microphone works", "depends": "The microphone may work", "no": "No microphone"}


@cache
def file_of(name: str) -> str:
    """A file of the page, one of `FILES`."""
    text = (files("vivavoce.app.embedding") / "page" / name).read_text("utf-8")
    return part("palette.css") + text if name.endswith(".css") else text


def render(found: Snippets) -> str:
    title = html.escape(found.title)
    page = html.escape(found.page)
    listed = ", ".join(f"<code>{html.escape(site)}</code>" for site in found.origins) or "none yet"
    return _PAGE.format(
        title=title,
        page=page,
        agent=html.escape(found.agent),
        listed=listed,
        snippets="".join(map(_section, found.snippets)),
    )


def _section(snippet: Snippet) -> str:
    kind = snippet.kind
    return (
        f'<section aria-labelledby="{kind}"><h2 id="{kind}">{html.escape(snippet.title)}</h2>'
        f'<p class="mic {snippet.microphone}"><strong>{_MICROPHONE[snippet.microphone]}.</strong> '
        f"{html.escape(snippet.why)}</p>"
        + (f'<p class="first">{_FIRST.format(html.escape(snippet.site))}</p>' if snippet.site else "")
        + f'<div class="code"><pre id="{kind}-code" tabindex="0" aria-label="{html.escape(snippet.title)}: code">'
        f"<code>{html.escape(snippet.code)}</code></pre>"
        f'<button type="button" data-copies="{kind}-code" hidden>Copy</button></div></section>'
    )


_FIRST = "The agent file must first list this site: <code>embed: {{origins: [&quot;{}&quot;]}}</code>."
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: on your page</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="../files/embed.css"></head>
<body><main><p class="kicker">On your page</p><h1 dir="auto">{title}</h1>
<p><a href="{page}">{page}</a></p>
<p>Sites that may show it: {listed}.</p>
<figure><img src="../../t/{agent}/qr.svg" alt="QR code of the address above" width="160" height="160">
<figcaption>The address as a code, <a href="../../t/{agent}/qr.svg" download>SVG</a> or
<a href="../../t/{agent}/qr.png" download>PNG</a></figcaption></figure>
{snippets}</main><p id="copied" role="status"></p><script src="../files/copy.js"></script></body></html>
"""

"""What crawlers are told of an agent's page: Open Graph, X's cards, and where oEmbed answers.

X's `player` is left out: it was meant for recorded sound and film, its makers refused what can be talked to, and a card
that no reader gets is worse than a picture that every reader gets.
"""

from __future__ import annotations

import html
from urllib.parse import urlencode

from vivavoce.app.embedding.cards import Card
from vivavoce.app.embedding.picture import WIDTHS, size_of


def tags_of(card: Card, base: str) -> str:
    """Markup for the head of the agent's own page.

    Args:
        base: address of the server, as people reach it; empty where it is not known: then only what needs no address.
    """
    about = description(card)
    width, height = size_of(WIDTHS[0])
    meta = [("name", "description", about), ("property", "og:type", "website"), ("property", "og:title", card.title)]
    meta += [("property", "og:description", about), ("property", "og:site_name", "Viva Voce")]
    meta += [("name", "twitter:title", card.title), ("name", "twitter:description", about)]
    links = []
    if base:
        picture = f"{card.page}/picture.png"
        meta += [
            ("property", "og:url", card.page),
            ("property", "og:image", picture),
            ("property", "og:image:type", "image/png"),
            ("property", "og:image:width", str(width)),
            ("property", "og:image:height", str(height)),
            ("property", "og:image:alt", f"A calm face: {card.title}"),
            ("name", "twitter:card", "summary_large_image"),
            ("name", "twitter:image", picture),
        ]
        discovery = f"{base}/oembed?{urlencode({'url': card.page, 'format': 'json'})}"
        links = [
            f'<link rel="canonical" href="{html.escape(card.page)}">',
            f'<link rel="alternate" type="application/json+oembed" href="{html.escape(discovery)}" '
            f'title="{html.escape(card.title)}">',
        ]
    return "".join(f'<meta {kind}="{name}" content="{html.escape(value)}">' for kind, name, value in meta) + "".join(
        links
    )


def description(card: Card) -> str:
    """One sentence or two for those who have not met the agent."""
    names = [speaker.name for speaker in card.speakers[:3]]
    who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"Talk with {who}, by voice or by typing, here in the browser. You will talk with an AI."

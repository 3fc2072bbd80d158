"""The markup of our own pages: a frame around `<viva-voce>`, which does everything else."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vivavoce.app.embedding.cards import Card
from vivavoce.app.embedding.languages import RIGHT_TO_LEFT, known, preferred
from vivavoce.findings.report import part

SHAPES = ("page", "kiosk")
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Frame:
    card: Card
    leave: str
    """The pass that calls are booked with; empty where none is needed."""
    language: str
    shape: str
    theme: str
    origins: tuple[str, ...]

    @classmethod
    def of(
        cls, card: Card, *, leave: str, accepted: str, wishes: Mapping[str, str], origins: Iterable[str] = ()
    ) -> Frame:
        """
        Args:
            origins: of pages that may tell it by messages to open, close and end.
            accepted: the `Accept-Language` of the request.
            wishes: its query: `lang`, `shape` and `theme`; what is none of these words counts for nothing.
        """
        shape, theme = wishes.get("shape", ""), wishes.get("theme", "")
        return cls(
            card=card,
            leave=leave,
            language=known(wishes.get("lang", "")) or preferred(accepted),
            shape=shape if shape in SHAPES else "page",
            theme=theme if theme in THEMES else "auto",
            origins=tuple(origins),
        )


def render(frame: Frame, tags: str, *, way: str) -> str:
    """
    Args:
        tags: more markup for the head.
        way: from the page's address up to the server's root, such as `../`.
    """
    attributes = {
        "agent": frame.card.agent,
        "shape": frame.shape,
        "theme": frame.theme,
        "lang": frame.language,
        "card": frame.card.model_dump_json(),
    }
    if frame.leave:
        attributes["pass"] = frame.leave
    if frame.origins:
        attributes["data-origins"] = " ".join(frame.origins)
    written = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items())
    direction, title = "rtl" if frame.language in RIGHT_TO_LEFT else "ltr", html.escape(frame.card.title)
    return (
        f'<!doctype html>\n<html lang="{frame.language}" dir="{direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, '
        'interactive-widget=resizes-content">'
        f"<title>{title}</title>{tags}"
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="{way}static/talk.css"></head>'
        f'<body><viva-voce {written}></viva-voce><noscript><main><h1 dir="auto">{title}</h1>'
        "<p>This page needs JavaScript: it carries your voice.</p></main></noscript>"
        f'<script src="{way}static/embed.js"></script><script type="module" src="{way}static/talk.js"></script>'
        "</body></html>\n"
    )


def render_words(title: str, words: str, *, nonce: str, link: str = "") -> str:
    """A page that only says something. It needs no file: one of ours may be what is missing.

    Args:
        words: markup of ours.
        link: an address where one can go on, in a tab of its own.
    """
    more = f'<p><a href="{html.escape(link)}" target="_blank" rel="noopener">Talk in a new tab</a></p>' if link else ""
    # replaced one by one, and what is not ours last, so that nothing in it is replaced
    page = _WORDS.replace("{nonce}", nonce).replace("{palette}", part("palette.css")).replace("{title}", title)
    return page.replace("{body}", f"<p>{words}</p>{more}")


_WORDS = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="data:,"><style nonce="{nonce}">
{palette}
body { font: 1.05rem/1.55 var(--sans); background: var(--paper); color: var(--ink); max-width: 26rem;
  margin: 14vh auto; padding: 0 1.25rem }
h1 { font: 400 2rem/1.2 var(--serif); margin: 0 0 .8rem }
p { color: var(--soft); margin: .6rem 0 }
a { color: var(--accent) }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
</style></head><body><main><h1>{title}</h1>{body}</main></body></html>
"""
